"""Names by path: which endpoint an address leads to, converted or still on the legacy application."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_letters
from typing import Any
from urllib.parse import quote, unquote, urlparse

from starlette.types import Scope

from .urls import script_prefix

#: What `uri_to_iri` decodes: unreserved characters but digits, and all bytes beyond ASCII.
_DECODED = {
    *(character.encode() for character in f"-._~{ascii_letters}"),
    *(bytes((number,)) for number in range(128, 256)),
}
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")

Match = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Route:
    """One pattern of Django's: an expression, searched in what those above it left of the path.

    name: with its namespaces, empty without one. integers: the parts that become numbers.
    below: the patterns of an `include`.
    """

    expression: str
    name: str = ""
    integers: Sequence[str] = ()
    below: "Sequence[Route] | None" = None

    @cached_property
    def _search(self) -> Callable[[str], re.Match[str] | None]:
        compiled = re.compile(self.expression)
        ends = self.below is None and self.expression.endswith("$")
        return compiled.fullmatch if ends else compiled.search

    def match(self, path: str) -> tuple[str, dict[str, Any]] | None:
        """What is left of the path and what its parts are; None where it does not match."""
        found = self._search(path)
        if found is None:
            return None
        parts: dict[str, Any] = {k: v for k, v in found.groupdict().items() if v is not None}
        try:
            parts.update({name: int(parts[name]) for name in self.integers})
        except ValueError:  # more digits than Python reads
            return None
        return path[found.end() :], parts


def _matches(routes: Sequence[Route], path: str, given: Mapping[str, Any]) -> Iterator[Match]:
    for route in routes:
        found = route.match(path)
        if found is None:
            continue
        rest, parts = found[0], {**given, **found[1]}
        if route.below is None:
            yield route.name, parts
        else:
            yield from _matches(route.below, rest, parts)


def resolver(routes: Sequence[Route]) -> Callable[[str], Match | None]:
    """Return `resolve(path)`: name and parts of the first pattern that matches, or None.

    path: decoded, with the slash that it begins with.
    """

    def resolve(path: str) -> Match | None:
        return next(_matches(routes, path[1:], {}), None) if path.startswith("/") else None

    return resolve


def path_of(address: str, scope: Scope) -> str:
    """Return the decoded path below the application of an absolute or relative address.

    ValueError for a host that cannot be read, and for lone surrogates.
    """
    path = address
    if address.startswith(("http:", "https:")):
        path = urlparse(address).path
        prefix = script_prefix(scope)
        if path.startswith(prefix):
            path = "/" + path[len(prefix) :]
    return uri_to_iri(unquote(path))


def uri_to_iri(uri: str) -> str:
    """Decode what an IRI has no escapes for, as Django does; UnicodeEncodeError for surrogates."""

    def decoded(match: re.Match[bytes]) -> bytes:
        byte = bytes.fromhex(match[1].decode())
        return byte if byte in _DECODED else match[0]

    octets = _ESCAPE.sub(decoded, uri.encode())
    parts: list[str] = []
    while True:
        try:
            return "".join([*parts, octets.decode()])
        except UnicodeDecodeError as error:
            broken = quote(octets[error.start : error.end], safe="/#%[]=:;$&()+,!?*@'~")
            parts += [octets[: error.start].decode(), broken]
            octets = octets[error.end :]
