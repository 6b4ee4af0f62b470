"""Orders that legacy leaves open: of rows that are equal in all that a list is ordered by."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from json import dumps
from typing import Any
from urllib.parse import parse_qs, urlsplit

from strangler.diff import Difference, Exchange
from strangler.verify.cases import document, items
from strangler.verify.lockstep import Outcome

_MISSING = object()
#: What tells rows apart in answers, the first that is shown.
_IDENTITIES = ("id", "pk", "uuid", "url")


def with_open_orders(outcome: Outcome, parameter: str, default: Sequence[str]) -> Outcome:
    """The outcome in which only equals stand in another order, as notes that do not count.

    parameter: the query parameter that names fields, `-` before those that descend. default: what
    the view orders by without it. A database may return equals in any order, and does: it is
    another query that asks. Of equals at the end of a page it may return others.
    """
    found = outcome.comparison.differences
    asked = parse_qs(urlsplit(outcome.request.path).query).get(parameter)
    names = [name.strip() for name in asked[-1].split(",")] if asked else default
    rows = items(outcome.legacy), items(outcome.new)
    if not found or not _same_keys(names, *rows):
        return outcome
    swapped = any(each.category == "list-order" for each in found)
    others = () if swapped else _exchanged(names, outcome.legacy, outcome.new)

    def open_(each: Difference) -> bool:
        inside = bool(others) and f"{each.pointer}/".startswith(others)
        return each.note or each.category == "list-order" or inside

    noted = tuple(replace(each, note=open_(each)) for each in found)
    return replace(outcome, comparison=replace(outcome.comparison, differences=noted))


def _exchanged(names: Sequence[str], legacy: Exchange, new: Exchange) -> tuple[str, ...]:
    """The pointers of places where a page shows another of equals that its ends divide.

    Rows that both sides show must be the same there.
    """
    body, mine, theirs = document(legacy), items(legacy) or [], items(new) or []
    found = _holder(body, mine, "")
    told = next((name for name in _IDENTITIES if _all_have(name, *mine, *theirs)), None)
    if found is None or not mine or told is None:
        return ()
    place, holder = found
    ends = [mine[0]] if holder.get("previous") else []
    ends += [mine[-1]] if holder.get("next") else []
    divided = [_key(names, each) for each in ends]
    known = {dumps(each[told]): each for each in mine}
    changed = [n for n, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a[told] != b[told]]
    if any(known.get(dumps(each[told]), each) != each for each in theirs):
        return ()
    if any(_key(names, mine[number]) not in divided for number in changed):
        return ()
    return tuple(f"{place}/{number}/" for number in changed)


def _all_have(name: str, *rows: Any) -> bool:
    return all(isinstance(each, dict) and each.get(name) is not None for each in rows)


def _holder(body: Any, rows: list[Any], place: str) -> tuple[str, Mapping[str, Any]] | None:
    """Where the list is, and the object that holds it."""
    for name, value in body.items() if isinstance(body, dict) else ():
        if value == rows:
            return f"{place}/{name}", body
        found = _holder(value, rows, f"{place}/{name}")
        if found is not None:
            return found
    return None


def _same_keys(names: Sequence[str], legacy: Sequence[Any] | None, new: Any) -> bool:
    """Whether the values that rows are ordered by are shown, and come alike on both sides."""
    if not names or legacy is None or new is None:
        return False
    keys = [[_key(names, each) for each in each_list] for each_list in (legacy, new)]
    return keys[0] == keys[1] and not any(_MISSING in key for key in keys[0])


def _key(names: Sequence[str], item: Any) -> list[Any]:
    return [item.get(name.lstrip("-"), _MISSING) if isinstance(item, dict) else _MISSING
            for name in names]  # fmt: skip
