"""Orders that legacy leaves open: of rows that are equal in all that a list is ordered by."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from strangler.verify.cases import items
from strangler.verify.lockstep import Outcome

_MISSING = object()


def with_open_orders(outcome: Outcome, parameter: str, default: Sequence[str]) -> Outcome:
    """The outcome in which only equals stand in another order, as a note that does not count.

    parameter: the query parameter that names fields, `-` before those that descend. default: what
    the view orders by without it. A database may return equals in any order, and does: it is
    another query that asks.
    """
    found = outcome.comparison.differences
    if not any(each.category == "list-order" for each in found):
        return outcome
    asked = parse_qs(urlsplit(outcome.request.path).query).get(parameter)
    names = [name.strip() for name in asked[-1].split(",")] if asked else default
    if not _same_keys(names, items(outcome.legacy), items(outcome.new)):
        return outcome
    noted = [replace(each, note=each.note or each.category == "list-order") for each in found]
    return replace(outcome, comparison=replace(outcome.comparison, differences=tuple(noted)))


def _same_keys(names: Sequence[str], legacy: Sequence[Any] | None, new: Any) -> bool:
    """Whether the values that rows are ordered by are shown, and come alike on both sides."""
    if not names or legacy is None or new is None:
        return False
    keys = [[_key(names, each) for each in each_list] for each_list in (legacy, new)]
    return keys[0] == keys[1] and not any(_MISSING in key for key in keys[0])


def _key(names: Sequence[str], item: Any) -> list[Any]:
    return [item.get(name.lstrip("-"), _MISSING) if isinstance(item, dict) else _MISSING
            for name in names]  # fmt: skip
