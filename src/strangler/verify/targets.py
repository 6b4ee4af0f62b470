"""Values for the variable parts of a path: of existing rows, missing ones, unparsable ones."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote

from strangler.endpoint import Endpoint as Name
from strangler.facts import Endpoint
from strangler.verify.world import Row, World

_MISSING = {"int": "99999999", "uuid": "00000000-0000-4000-8000-000000000000"}
_UNPARSABLE = ("abc", "1.5", "%00", "-1")


@dataclass(frozen=True, slots=True)
class Target:
    """A filled path, the users that the row behind it belongs to, and what kind of row it is."""

    path: str
    owners: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    kind: frozenset[tuple[str, str]] = frozenset()  # its columns that have choices, or are flags
    row: Row = field(default_factory=dict)
    traits: frozenset[str] = frozenset()  # what code may ask of a row: kind, null, zero, related
    asking: bool = False  # whether one of its owners sends requests

    @property
    def near(self) -> bool:
        """Whether somebody who sends requests has to do with it: an owner, or anybody."""
        return self.asking or not self.owners


class Targets:
    """The paths of one endpoint."""

    def __init__(
        self, world: World, endpoint: Endpoint, known: Mapping[str, str] | None = None
    ) -> None:
        #: Values that only the server can make, by the name of their part of the path.
        self._known: Mapping[str, str] = known or {}
        self.world, self.endpoint = world, endpoint
        self._parts = Name.parse(endpoint.id).parameters
        self.parameters = [part.name for part in self._parts]
        self.label = endpoint.queryset.model if endpoint.queryset else None
        self.lookup = endpoint.lookup_field or "pk"
        self.main = endpoint.lookup_url_kwarg or self.lookup
        self._asking = frozenset(world.asking)
        if self.label is None and self.parameters:
            self.label = self._guessed()

    def _guessed(self) -> str | None:
        """A view without queryset: the model that the path is named after, or its code names."""
        words = [part for part in self.endpoint.path.split("/") if part and "{" not in part]
        for word in reversed(words):
            flat = word.replace("-", "").replace("_", "").lower()
            for label in self.world.models:
                name = label.rpartition(".")[2].lower()
                if flat in (name, f"{name}s", f"{name}es", f"{name[:-1]}ies"):
                    return label
        return next(iter(self.world.named.get(self.endpoint.id, ())), None)

    def filled(self, values: Mapping[str, Any]) -> str:
        """The path with quoted values."""
        path = self.endpoint.path
        for part in self._parts:
            text = str(values.get(part.name, "1"))
            safe = "/" if self.endpoint.converters.get(part.name) == "path" else ""
            path = path.replace(str(part), text if "%" in text else quote(text, safe=safe))
        return path

    @cached_property
    def existing(self) -> list[Target]:
        """Paths of rows, those of users who send first, owner by owner; one where none varies."""
        if not self.parameters:
            return [Target(self.filled({}))]
        found = [target for row in self.world.rows(self.label) if (target := self._of(row))]
        near = [target for target in found if target.near]
        far = [target for target in found if not target.near]
        return [*_spread(near), *_spread(far)] or [Target(self.filled(self._guesses()))]

    def _of(self, row: Row) -> Target | None:
        values: dict[str, Any] = {}
        for name in self.parameters:
            value = self._value(name, row)
            if value in (None, ""):
                return None
            values[name] = value
        owners = tuple(self.world.owners(self.label, row))
        texts = {name: str(value) for name, value in values.items()}
        asking = not self._asking.isdisjoint(owners)
        kind, traits = self._kind(row), self._traits(row)
        return Target(self.filled(values), owners, texts, kind, row, traits, asking)

    def _kind(self, row: Row) -> frozenset[tuple[str, str]]:
        model = self.world.models.get(self.label or "")
        columns = model.fields if model is not None else ()
        told = [c.attname for c in columns if c.choices or c.internal_type == "BooleanField"]
        return frozenset((name, str(row[name])) for name in told if name in row)

    def _traits(self, row: Row) -> frozenset[str]:
        model = self.world.models.get(self.label or "")
        traits = {f"{name} is {value}" for name, value in self._kind(row)}
        for column in model.fields if model is not None else ():
            value = row.get(column.attname)
            if column.null:
                traits.add(f"{column.attname} is {'null' if value is None else 'set'}")
            if type(value) is int and column.relation is None and not column.primary_key:
                traits.add(f"{column.attname} is {(value > 0) - (value < 0)}")
        related = list(self.world.related(self.label, row))
        traits.update(f"{name} refers to it" for name in related)
        if len(related) == 1:
            traits.add(f"only {related[0]} refers to it")
        return frozenset(traits)

    def various(self, most: int) -> list[Target]:
        """Rows that were made to be asked for; few that together have every trait."""
        targets = [each for each in self.existing if each.asking] or self.existing
        added = set(self.world.added.get(self.label or "", ()))
        key = self.world.key(self.label or "")
        chosen = [target for target in targets if str(target.row.get(key)) in added]
        seen: set[str] = set()
        counts = Counter(trait for target in targets for trait in target.traits)
        for trait, _ in counts.most_common():
            if trait not in seen and len(chosen) < most + len(added):
                target = next(each for each in targets if trait in each.traits)
                chosen.append(target)
                seen |= target.traits
        return chosen

    def _value(self, name: str, row: Row) -> Any:
        if name == self.main or len(self.parameters) == 1:
            lookup = self.lookup if name == self.main else name
            if "__" in lookup or self.world.field(self.label, lookup) is None:
                return self._named(name, row) or next(self.world.along(self.label, "pk", row), None)
            for path in (lookup, name, "pk"):
                found = next(self.world.along(self.label, path, row), None)
                if found is not None:
                    return found
        stem = name.removesuffix("_id").removesuffix("_pk")
        for path in (name, stem):
            found = next(self.world.along(self.label, path, row), None)
            if found is not None:
                return found
        return self._guesses().get(name)

    def _named(self, name: str, row: Row) -> Any:
        """`username` of a related row; `article_slug`: the column of the model or of a relation."""
        model = self.world.models.get(self.label or "")
        related = [f.name for f in model.fields if f.relation] if model is not None else []
        own = (self.label or "").rpartition(".")[2].lower()
        paths = [name, *(f"{relation}__{name}" for relation in related)]
        for cut in [i for i, letter in enumerate(name) if letter == "_"]:
            head, rest = name[:cut], name[cut + 1 :]
            paths += [rest] if head.replace("_", "") == own else []
            paths += [f"{head}__{rest}"] if head in related else []
        found = (value for path in paths for value in self.world.along(self.label, path, row))
        return next((value for value in found if value not in (None, "")), None)

    def _guesses(self) -> dict[str, Any]:
        """For names that are no field: a key of a model so named, else a plain value."""
        guesses: dict[str, Any] = {}
        for name in self.parameters:
            stem = name.removesuffix("_id").removesuffix("_pk").replace("_", "").lower()
            label = next(
                (each for each in self.world.models if each.lower().endswith(f".{stem}")), None
            )
            keys = self.world.keys(label) if label else []
            plain = "1" if self.endpoint.converters.get(name) in ("int", None) else "verify"
            guesses[name] = self._known.get(name) or (keys[0] if keys else plain)
        return guesses

    def missing(self) -> Iterator[Target]:
        """Well-formed values that no row has, one parameter at a time."""
        base = self.existing[0]
        for name in self.parameters:
            current = base.values.get(name, "1")
            kind = "int" if current.isdigit() else "uuid" if len(current) == 36 else ""
            found = self._with(base, name, _MISSING.get(kind, "no-such-thing"))
            if self._reaches(found.path):
                yield found

    def unparsable(self) -> Iterator[Target]:
        """Values that the key's type refuses."""
        base = self.existing[0]
        for name in self.parameters:
            for text in _UNPARSABLE:
                found = self._with(base, name, text)
                if self._reaches(found.path):
                    yield found

    def _reaches(self, path: str) -> bool:
        """Whether this endpoint answers, or nothing does; another one has cases of its own."""
        found = self.world.leaves.find(unquote(path))
        return found is None or found.path == self.endpoint.path

    def _with(self, base: Target, name: str, text: str) -> Target:
        values = {**self._guesses(), **base.values, name: text}
        return Target(self.filled(values), (), values)


def _spread(targets: list[Target]) -> Iterator[Target]:
    """Round robin over owners."""
    groups: dict[tuple[str, ...], list[Target]] = {}
    for target in targets:
        groups.setdefault(target.owners, []).append(target)
    queues = list(groups.values())
    while queues:
        for queue in queues:
            yield queue.pop(0)
        queues = [queue for queue in queues if queue]
