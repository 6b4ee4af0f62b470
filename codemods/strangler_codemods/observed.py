"""Types that the legacy project's tests showed: hypotheses, where nothing else says what a value is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from .types import Constant, Instance, Plain, Rows, Type, Unknown

PLAIN = frozenset(
    [
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "Decimal",
        "datetime",
        "date",
        "time",
        "timedelta",
        "UUID",
    ]
)
_ROW, _LIST = "row:", "list["
RETURNS = "return"


@dataclass
class Observed:
    """Kinds of values by function and name, as `strangler observe` wrote them, and those that were used."""

    functions: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    #: Function, name, and what it was taken for.
    used: set[tuple[str, str, str]] = field(default_factory=set)

    def kind(self, path: str, name: str) -> Type | None:
        """What a parameter was (or `return`), where it was one thing; None where it was not seen."""
        seen = frozenset(self.functions.get(path, {}).get(name, ()))
        found = _type(seen)
        if found is not None:
            self.used.add((path, name, " or ".join(sorted(seen))))
        return found

    def row(self, path: str, name: str) -> str | None:
        """The model whose rows a parameter was; None where it was anything else too."""
        seen = self.functions.get(path, {}).get(name, ())
        kind = _type(frozenset(seen))
        if not isinstance(kind, Instance) or kind.optional:
            return None
        self.kind(path, name)
        return kind.model

    def better(self, path: str, env: Mapping[str, Type]) -> dict[str, Type]:
        """The types of parameters, with what was seen of those of which nothing is known."""
        found = dict(env)
        for name, kind in env.items():
            if isinstance(kind, Unknown) or kind == Plain():
                seen = _type(frozenset(self.functions.get(path, {}).get(name, ())))
                if isinstance(kind, Unknown) or isinstance(seen, Instance | Rows):
                    found[name] = self.kind(path, name) or kind
        return found

    def of(self, paths: Collection[str]) -> Iterator[str]:
        """The hypotheses about these functions, each as a line."""
        for path, name, kind in sorted(self.used):
            if path in paths:
                yield f"{path} {name}: {kind}"


def _type(seen: frozenset[str]) -> Type | None:
    """The one type of values of these kinds; None where there are several, or one without a rule."""
    optional, kinds = "None" in seen, seen - {"None"}
    if not kinds:
        return Constant(None) if optional else None
    if len(kinds) > 1:
        return None
    kind = next(iter(kinds))
    if kind.startswith(_ROW):
        return Instance(kind.removeprefix(_ROW), optional=optional)
    if kind.startswith(f"{_LIST}{_ROW}") and not optional:
        return Rows(kind[len(_LIST) + len(_ROW) : -1])
    if kind in PLAIN:
        return Plain(f"{kind} | None" if optional else kind)
    return None
