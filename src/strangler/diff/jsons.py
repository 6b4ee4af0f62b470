"""Compares two JSON values; differences carry RFC 6901 pointers."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from strangler.diff.documents import Limits, Number, Uncomparable, shown
from strangler.diff.exchange import Difference
from strangler.diff.volatile import Pairing, instant

_ABSENT = "(absent)"
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")


def compare_json(
    legacy: Any, new: Any, pairing: Pairing, limits: Limits, *, error: bool = False
) -> list[Difference]:
    """All differences in document order, `limits.differences` at most.

    `error` says that the body is an error's: texts and shapes then get the categories of errors.
    Raises Uncomparable when there are more elements than `limits.elements`.
    """
    found: list[Difference] = []
    stack: list[tuple[str, Any, Any]] = [("", legacy, new)]
    visited = 0
    while stack and len(found) < limits.differences:
        pointer, left, right = stack.pop()
        visited += 1
        if visited > limits.elements:
            raise Uncomparable(f"the body has more than {limits.elements} elements")
        if isinstance(left, dict) and isinstance(right, dict):
            found += _objects(pointer, left, right, error=error)
            shared = [key for key in left if key in right]
            stack += [(f"{pointer}/{_escape(key)}", left[key], right[key]) for key in shared[::-1]]
        elif isinstance(left, list) and isinstance(right, list):
            order = _lists(pointer, left, right)
            found += order
            if not order:
                stack += [(f"{pointer}/{i}", left[i], right[i]) for i in range(len(left))][::-1]
        else:
            category = _values(pointer, left, right, pairing, error=error)
            if category:
                found.append(Difference(category, pointer, shown(left), shown(right)))
    return found


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _objects(
    pointer: str, legacy: dict[str, Any], new: dict[str, Any], *, error: bool
) -> Iterator[Difference]:
    for key in sorted(legacy.keys() ^ new.keys()):
        place = f"{pointer}/{_escape(key)}"
        gone = key in legacy
        value = legacy[key] if gone else new[key]
        category = "null-or-missing" if value is None else "key-missing" if gone else "key-extra"
        sides = (shown(value), _ABSENT) if gone else (_ABSENT, shown(value))
        yield Difference("error-shape" if error else category, place, *sides)
    if legacy.keys() == new.keys() and list(legacy) != list(new):
        yield Difference("key-order", pointer, shown(list(legacy)), shown(list(new)), note=True)


def _lists(pointer: str, legacy: list[Any], new: list[Any]) -> list[Difference]:
    """Length and order; an empty result means that the items are to be compared one by one."""
    if len(legacy) != len(new):
        category = "list-length"
        sizes = f"{len(legacy)} items: {shown(legacy)}", f"{len(new)} items: {shown(new)}"
        return [Difference(category, pointer, *sizes)]
    if len(legacy) > 1 and legacy != new:
        left, right = [_canonical(each) for each in legacy], [_canonical(each) for each in new]
        if left != right and sorted(left) == sorted(right):
            return [Difference("list-order", pointer, shown(legacy), shown(new))]
    return []


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _values(pointer: str, legacy: Any, new: Any, pairing: Pairing, *, error: bool) -> str | None:
    """The category of a difference between two values that are not both objects or lists."""
    if type(legacy) is type(new):
        if isinstance(legacy, str):
            return _texts(pointer, legacy, new, pairing, error=error)
        if isinstance(legacy, Number):
            return _numbers(legacy, new)
        if legacy == new or (isinstance(legacy, int) and pairing.numbers(legacy, new)):
            return None
        return "value"
    return "error-shape" if error else _types(legacy, new)


def _numbers(legacy: Number, new: Number) -> str | None:
    if legacy.text == new.text:
        return None
    return "float-text" if float(legacy) == float(new) else "value"


def _types(legacy: Any, new: Any) -> str:
    if legacy is None or new is None:
        other = new if legacy is None else legacy
        return "empty-or-null" if other in ("", [], {}) else "type"
    if isinstance(legacy, bool) or isinstance(new, bool):
        return "type"
    kinds = isinstance(legacy, int | float), isinstance(new, int | float)
    if kinds == (True, True):
        return "float-text" if legacy == new else "value"
    if kinds == (False, True) and isinstance(legacy, str) and _DECIMAL.fullmatch(legacy):
        return "decimal-as-number"
    if kinds == (True, False) and isinstance(new, str) and _DECIMAL.fullmatch(new):
        return "number-as-text"
    return "type"


def _texts(pointer: str, legacy: str, new: str, pairing: Pairing, *, error: bool) -> str | None:
    if legacy == new or pairing.texts(legacy, new, pointer):
        return None
    if error:
        return "error-text"
    if _TIME.match(legacy) and _TIME.match(new):
        return _times(legacy, new)
    if _DECIMAL.fullmatch(legacy) and _DECIMAL.fullmatch(new) and _equal(legacy, new):
        return "decimal-scale"
    if legacy.rstrip("/") == new.rstrip("/"):
        return "trailing-slash"
    if legacy.startswith(("http://", "https://", "/")) and urlsplit(new).path:
        return "page-link" if pointer.endswith(("/next", "/previous")) else "link"
    return "choice-label" if legacy.casefold() == new.casefold() else "value"


def _times(legacy: str, new: str) -> str:
    before, after = instant(legacy), instant(new)
    if before is not None and before == after:
        same_fraction = ("." in legacy) == ("." in new)
        return "utc-offset" if same_fraction else "microseconds"
    if before and after and before.replace(microsecond=0) == after.replace(microsecond=0):
        return "microseconds"
    return "timestamp"


def _equal(legacy: str, new: str) -> bool:
    try:
        return Decimal(legacy) == Decimal(new)
    except InvalidOperation:
        return False
