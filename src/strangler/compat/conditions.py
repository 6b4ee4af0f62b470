"""Django's lookups by name, as filters declare them: "icontains", "date__gte", "isnull"."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import and_, func, or_, true

from . import lookups
from .date_parts import in_year, local_date, local_time, part
from .lookups import Condition

# The parts of a date or time that may stand between a column and its lookup.
_PARTS = (
    *("year", "iso_year", "quarter", "month", "week", "week_day", "iso_week_day", "day"),
    *("hour", "minute", "second"),
)


def _isnull(column: Any, given: Any) -> Condition:
    if not isinstance(given, bool):
        raise ValueError("The QuerySet value for an isnull lookup must be True or False.")
    return column.is_(None) if given else column.is_not(None)  # type: ignore[no-any-return]


def _search(column: Any, given: Any) -> Condition:
    vector = func.to_tsvector(func.coalesce(column, ""))
    return vector.bool_op("@@")(func.plainto_tsquery(given))


LOOKUPS: dict[str, Callable[[Any, Any], Condition]] = {
    "contains": lookups.contains,
    "endswith": lookups.endswith,
    "exact": lookups.exact,
    "gt": lookups.gt,
    "gte": lookups.gte,
    "icontains": lookups.icontains,
    "iendswith": lookups.iendswith,
    "iexact": lookups.iexact,
    "in": lookups.one_of,
    "iregex": lookups.iregex,
    "isnull": _isnull,
    "istartswith": lookups.istartswith,
    "lt": lookups.lt,
    "lte": lookups.lte,
    "range": lambda column, given: lookups.between(column, *given),
    "regex": lookups.regex,
    "search": _search,
    "startswith": lookups.startswith,
}


def condition(column: Any, lookup: Sequence[str], given: Any) -> Condition:
    """Build the condition of `lookup`: ("icontains",), ("date", "gte"); exact when it is empty.

    Raises what the value's conversion raises (ValueError, TypeError, ValidationError), and
    LookupError for a lookup that is not known.
    """
    first, rest = (lookup[0], lookup[1:]) if lookup else ("exact", ())
    if first == "year" and rest in ((), [], ("exact",), ["exact"]):
        return in_year(column, int(given))
    if first == "date":
        return condition(local_date(column), rest, given)
    if first == "time":
        return condition(local_time(column), rest, given)
    if first in _PARTS:
        return condition(part(first, column), rest, given)
    if first in LOOKUPS and not rest:
        return LOOKUPS[first](column, given)
    raise LookupError(f"unknown lookup: {'__'.join(lookup)}")


def either(left: Condition | None, right: Condition | None) -> Condition | None:
    """`left | right` of conditions in variables; None is an empty one, which adds nothing."""
    if left is None or right is None:
        return right if left is None else left
    return or_(left, right)


def both(left: Condition | None, right: Condition | None) -> Condition | None:
    """`left & right` of conditions in variables; None is an empty one, which adds nothing."""
    if left is None or right is None:
        return right if left is None else left
    return and_(left, right)


def matching(condition: Condition | None) -> Condition:
    """The condition of a variable; every row matches an empty one."""
    return true() if condition is None else condition
