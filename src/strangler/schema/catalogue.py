"""What a database's catalogue says of its tables, and how two catalogues differ."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

COLUMN, TABLE = "column", "table"


@dataclass(frozen=True, slots=True)
class Thing:
    """A column, constraint or index: `parts` is its definition, property by property.

    `name` is None where nobody chose one. `note` tells a property that makes no difference.
    """

    kind: str
    name: str | None
    parts: Mapping[str, str]
    note: str = ""

    def __str__(self) -> str:
        label = f"{self.kind} {self.name}" if self.name else self.kind
        shown = ", ".join(text for text in self.parts.values() if text)
        return f"{label}: {shown}" if shown else label


@dataclass(frozen=True, slots=True)
class Table:
    """A table with everything that belongs to it."""

    name: str
    things: tuple[Thing, ...] = ()

    def columns(self) -> dict[str, Thing]:
        """Its columns by name, in their order."""
        return {str(each.name): each for each in self.things if each.kind == COLUMN}


Catalogue = Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not on both sides alike; `kind` begins with add, remove or modify.

    `add` is what only the application has, `remove` what only the database has.
    """

    kind: str
    table: str
    what: str


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What two catalogues may differ in."""

    #: Tables whose key has whatever size it had when they were made: no model of theirs says it.
    through: frozenset[str] = frozenset()
    sides: tuple[str, str] = ("database", "application")


@dataclass(slots=True)
class Comparison:
    """What was found: differences, and notes on what is not alike and makes none."""

    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def compare(
    found: Catalogue, wanted: Catalogue, tables: Iterable[str], tolerance: Tolerance | None = None
) -> Comparison:
    """Compare what a database has with what is wanted, for the given tables."""
    result, tolerated = Comparison(), tolerance or Tolerance()
    for name in sorted(set(tables)):
        have, want = found.get(name), wanted.get(name)
        if have is None and want is None:
            continue
        if have is None or want is None:
            result.differences.append(_alone(name, Thing(TABLE, None, {}), have is None, tolerated))
            continue
        have = _tolerant(have, want, tolerated, result.notes)
        result.differences += _compared(have, want, tolerated, result.notes)
    return result


_INTEGERS = frozenset(
    {"smallint", "integer", "bigint", "smallint(6)", "int(11)", "bigint(20)"}  # MariaDB's
)


def _tolerant(have: Table, want: Table, tolerance: Tolerance, notes: list[str]) -> Table:
    """The table with the differences taken out that make none."""
    things, wished = [], want.columns()
    for each in have.things:
        if each.note:
            notes.append(f"{have.name}.{each.name} {each.note}")
        other = wished.get(str(each.name)) if each.kind == COLUMN else None
        if other and have.name in tolerance.through and _numbers(each, other):
            sizes = f"{each.parts['type']}, not {other.parts['type']}"
            notes.append(f"{have.name}.{each.name} is {sizes}: no model says how wide it is")
            things.append(Thing(each.kind, each.name, {**each.parts, "type": other.parts["type"]}))
        else:
            things.append(each)
    return Table(have.name, tuple(things))


def _numbers(one: Thing, other: Thing) -> bool:
    """Whether both are keys that number themselves, of other sizes."""
    types = {one.parts["type"], other.parts["type"]}
    itself = one.parts.get("identity") and other.parts.get("identity")
    return bool(itself) and len(types) > 1 and types <= _INTEGERS


def _compared(
    have: Table, want: Table, tolerance: Tolerance, notes: list[str]
) -> Iterator[Difference]:
    left, right = list(have.things), list(want.things)
    for _ in _pairs(left, right, _same):
        pass  # alike, and named alike where the application names it
    for theirs, mine in _pairs(left, right, _namesakes):
        yield from _changed(have.name, theirs, mine, tolerance)
    for theirs, mine in _pairs(left, right, _synonyms):
        if is_derived(theirs.name) and is_derived(mine.name):
            notes.append(f"{have.name}: {mine.kind} {mine.name} goes by {theirs.name}")
        else:
            yield _renamed(have.name, theirs, mine, tolerance)
    for each in left:
        yield _alone(have.name, each, False, tolerance)
    for each in right:
        yield _alone(have.name, each, True, tolerance)


_HASHED = re.compile(r".*_[0-9a-f]{8}(_\w*)?")


def is_derived(name: str | None) -> bool:
    """Whether Django made up the name, with a hash of the columns that it had at that time."""
    return name is not None and _HASHED.fullmatch(name) is not None


def _pairs(
    left: list[Thing], right: list[Thing], alike: Callable[[Thing, Thing], bool]
) -> Iterator[tuple[Thing, Thing]]:
    """Things of both sides that belong together; they are taken out of the lists."""
    for mine in list(right):
        theirs = next((each for each in left if alike(each, mine)), None)
        if theirs is not None:
            left.remove(theirs)
            right.remove(mine)
            yield theirs, mine


def _synonyms(theirs: Thing, mine: Thing) -> bool:
    return mine.kind != COLUMN and (theirs.kind, theirs.parts) == (mine.kind, mine.parts)


def _namesakes(theirs: Thing, mine: Thing) -> bool:
    named = mine.name is not None or mine.kind == TABLE
    return named and (theirs.kind, theirs.name) == (mine.kind, mine.name)


def _same(theirs: Thing, mine: Thing) -> bool:
    named_alike = mine.name is None or mine.name == theirs.name
    return named_alike and (theirs.kind, theirs.parts) == (mine.kind, mine.parts)


def _changed(table: str, theirs: Thing, mine: Thing, tolerance: Tolerance) -> Iterator[Difference]:
    here, there = tolerance.sides
    for part in dict.fromkeys([*theirs.parts, *mine.parts]):
        old, new = theirs.parts.get(part, ""), mine.parts.get(part, "")
        if old != new:
            label = " ".join(x for x in (mine.kind, mine.name) if x)
            sides = f"{old or 'none'} in the {here}, {new or 'none'} in the {there}"
            yield Difference(f"modify_{part}", table, f"{label}: {part} {sides}")


def _renamed(table: str, theirs: Thing, mine: Thing, tolerance: Tolerance) -> Difference:
    here, there = tolerance.sides
    names = f"{theirs.name or 'without name'} in the {here}, {mine.name} in the {there}"
    return Difference("modify_name", table, f"{mine.kind} {names}: {_definition(mine)}")


def _definition(thing: Thing) -> str:
    return ", ".join(text for text in thing.parts.values() if text)


def _alone(table: str, thing: Thing, wanted: bool, tolerance: Tolerance) -> Difference:
    side = tolerance.sides[1 if wanted else 0]
    verb = "add" if wanted else "remove"
    kind = f"{verb}_{thing.kind.replace(' ', '_')}"
    return Difference(kind, table, f"{thing}, only in the {side}")
