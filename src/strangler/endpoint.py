"""The endpoint id, `GET /api/products/{pk}/`: the one name of an endpoint everywhere."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Self

#: Stands for the method of a view that answers every method.
ANY = "ANY"

_ID = re.compile(r"([A-Z]+) (/\S*)")
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, order=True, slots=True)
class Parameter:
    """A variable part of a path; the converter stands there only where templates would collide."""

    name: str
    converter: str | None = None

    def __str__(self) -> str:
        return f"{{{self.name}:{self.converter}}}" if self.converter else f"{{{self.name}}}"


@dataclass(frozen=True, order=True, slots=True)
class Endpoint:
    """A method and a path template, sorted by path first."""

    path: str
    method: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `METHOD /path/{name}/`; raise ValueError with one line that says what is wrong."""
        match = _ID.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no endpoint such as 'GET /api/items/{{pk}}/'")
        endpoint = cls(path=match[2], method=match[1])
        if endpoint.method in {"HEAD", "OPTIONS"}:
            raise ValueError(f"{text!r} is no endpoint: HEAD follows GET, OPTIONS stays on legacy")
        names = [parameter.name for parameter in endpoint.parameters]
        if len(names) != len(set(names)):
            raise ValueError(f"{text!r} is no endpoint: a parameter stands there twice")
        return endpoint

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The variable parts of the path in their order; ValueError where braces do not match."""
        return tuple(_parameter(part) for part in _braced(self.path))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def meant(name: str, known: Collection[str]) -> str | None:
    """A hint for whoever mistyped an endpoint: the known one that is written most alike."""
    found = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"did you mean {found[0]!r}?" if found else None


def _braced(path: str) -> Iterator[str]:
    """What stands in the outermost braces; a converter may hold braces: `{year:[0-9]{4}}`."""
    depth = start = 0
    for position, character in enumerate(path):
        if character == "{":
            depth += 1
            if depth == 1:
                start = position + 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                yield path[start:position]
        if depth < 0:
            break
    if depth != 0:
        raise ValueError(f"the braces of {path!r} do not match")


def _parameter(text: str) -> Parameter:
    name, colon, converter = text.partition(":")
    if not _NAME.fullmatch(name) or (colon and not converter):
        raise ValueError(f"'{{{text}}}' is no parameter such as '{{pk}}' or '{{id:int}}'")
    return Parameter(name, converter or None)
