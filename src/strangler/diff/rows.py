"""Compares the rows that one request changed on the two twins."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from strangler.diff.documents import shown
from strangler.diff.exchange import Difference, RowChange
from strangler.diff.volatile import Pairing

_ABSENT = "(absent)"


def compare_rows(
    legacy: Sequence[RowChange], new: Sequence[RowChange], pairing: Pairing
) -> Iterator[Difference]:
    """Differences table by table; pointers are `row:table/key/column`.

    Rows meet by key. New rows whose keys differ (fresh UUIDs) meet in the order they were written,
    if `pairing` accepts the keys.
    """
    left, right = _by_table(legacy), _by_table(new)
    for table in sorted(left.keys() | right.keys()):
        yield from _table(table, left[table], right[table], pairing)


def _by_table(changes: Sequence[RowChange]) -> defaultdict[str, dict[str, RowChange]]:
    tables: defaultdict[str, dict[str, RowChange]] = defaultdict(dict)
    for change in changes:
        if change.before != change.after:
            tables[change.table][change.key] = change
    return tables


def _table(
    table: str, legacy: dict[str, RowChange], new: dict[str, RowChange], pairing: Pairing
) -> Iterator[Difference]:
    alone = [change for key, change in legacy.items() if key not in new]
    others = [change for key, change in new.items() if key not in legacy]
    for key in legacy.keys() & new.keys():
        yield from _row(legacy[key], new[key], pairing)
    for mine, theirs in zip(alone, others, strict=False):
        if _meet(mine, theirs, pairing):
            yield from _row(mine, theirs, pairing)
        else:
            yield Difference("row-missing", _place(mine), shown(mine.after), _ABSENT)
            yield Difference("row-extra", _place(theirs), _ABSENT, shown(theirs.after))
    for mine in alone[len(others) :]:
        yield Difference("row-missing", _place(mine), _told(mine), _ABSENT)
    for theirs in others[len(alone) :]:
        yield Difference("row-extra", _place(theirs), _ABSENT, _told(theirs))


def _place(change: RowChange) -> str:
    return f"row:{change.table}/{change.key}"


def _told(change: RowChange) -> str:
    if change.after is None:
        return "deleted"
    verb = "inserted" if change.before is None else "changed"
    return f"{verb} {shown(change.after)}"


def _meet(legacy: RowChange, new: RowChange, pairing: Pairing) -> bool:
    inserted = legacy.before is None and new.before is None
    return inserted and pairing.texts(legacy.key, new.key, f"row:{legacy.table}/key")


def _row(legacy: RowChange, new: RowChange, pairing: Pairing) -> Iterator[Difference]:
    if legacy.after is None or new.after is None:
        if legacy.after != new.after:
            yield Difference("row-value", _place(legacy), _told(legacy), _told(new))
        return
    for column in legacy.after.keys() | new.after.keys():
        mine, theirs = legacy.after.get(column), new.after.get(column)
        pointer = f"{_place(legacy)}/{column}"
        if not _same(mine, theirs, pairing, f"row:{legacy.table}/*/{column}"):
            yield Difference("row-value", pointer, shown(mine), shown(theirs))


def _same(legacy: Any, new: Any, pairing: Pairing, pointer: str) -> bool:
    if type(legacy) is type(new) and legacy == new:
        return True
    if isinstance(legacy, str) and isinstance(new, str):
        return pairing.texts(legacy, new, pointer)
    if type(legacy) is int and type(new) is int:
        return pairing.numbers(legacy, new)
    return False
