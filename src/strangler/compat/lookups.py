"""Conditions that mean exactly what Django's field lookups mean, on each database.

A right side may be a value or another column. The text lookups work on columns of any type.
"""

import math
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Integer,
    SmallInteger,
    Text,
    cast,
    false,
    func,
    literal,
    or_,
    true,
)
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.sql.elements import BinaryExpression, ColumnElement, Null
from sqlalchemy.sql.expression import type_coerce
from sqlalchemy.sql.operators import is_

from .columns import Caseless, DjangoInet
from .dialects import JsonText, by_dialect
from .values import prepared, value

Condition = ColumnElement[bool]
_SPECIAL = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})
_BITS: tuple[tuple[type[Integer], int], ...] = (
    (SmallInteger, 15),
    (BigInteger, 63),
    (Integer, 31),
)


def not_(condition: Condition) -> Condition:
    """`exclude()`: also the rows for which the condition is NULL because its column is."""
    return ~func.coalesce(condition, false())


def settled(condition: Condition) -> Condition:
    """A condition that is false where its column is NULL, as one of several that are turned round."""
    return func.coalesce(condition, false())


def across(condition: Condition, *relations: Any) -> Condition:
    """`relation__x=given`: the condition on the row that relations lead to.

    relations: relationships, from the row that is asked for to the row of the condition. A condition
    that asks for NULL, as `exact` does for None, is true of rows that they lead nowhere from, too.
    """
    asks = isinstance(condition, BinaryExpression) and condition.operator is is_
    if not asks or not isinstance(condition.right, Null):
        return _at_end(condition, relations)
    if any(relation.property.uselist for relation in relations):
        return or_(_at_end(condition, relations), ~_at_end(None, relations))
    return ~_at_end(~condition, relations)


def _at_end(condition: Condition | None, relations: Iterable[Any]) -> Condition:
    for relation in reversed(tuple(relations)):
        many = relation.property.uselist
        condition = relation.any(condition) if many else relation.has(condition)
    assert condition is not None
    return condition


def _out_of_range(column: Any, given: Any) -> int:
    """-1 below what an integer column holds, 1 above, 0 if it fits."""
    if not isinstance(given, int):
        return 0
    bits = next((bits for kind, bits in _BITS if isinstance(column.type, kind)), None)
    if bits is None:
        return 0
    if "mariadb" in column.type._variant_mapping:  # there such a column is unsigned
        bits += 1
    limit = 1 << bits
    return (given >= limit) - (given < -limit)


def _bound(column: Any, given: Any) -> Any:
    _require(given)
    return prepared(column, given, column.key)


def _require(given: Any) -> None:
    """Refuse None as Django does for all lookups but `exact` and `iexact`."""
    if given is None:
        raise ValueError("Cannot use None as a query value")


def exact(column: Any, given: Any) -> Condition:
    """`x=given`: None asks for NULL, a number that the column cannot hold matches nothing."""
    wanted = prepared(column, given, column.key)
    if wanted is None:
        return column.is_(None)  # type: ignore[no-any-return]
    return false() if _out_of_range(column, wanted) else column == wanted


def one_of(column: Any, given: Iterable[Any]) -> Condition:
    """`x__in=given`: None matches nothing, nor does a number that the column cannot hold."""
    wanted = [prepared(column, one, column.key) for one in given if one is not None]
    return column.in_([one for one in wanted if not _out_of_range(column, one)])  # type: ignore[no-any-return]


def gt(column: Any, given: Any) -> Condition:
    """`x__gt=given`."""
    wanted = _bound(column, given)
    beyond = _out_of_range(column, wanted)
    if beyond:
        return true() if beyond < 0 else false()
    return column > wanted  # type: ignore[no-any-return]


def gte(column: Any, given: Any) -> Condition:
    """`x__gte=given`; a fraction on a whole number's column is rounded up."""
    wanted = _bound(column, _rounded_up(column, given))
    beyond = _out_of_range(column, wanted)
    if beyond:
        return true() if beyond < 0 else false()
    return column >= wanted  # type: ignore[no-any-return]


def lt(column: Any, given: Any) -> Condition:
    """`x__lt=given`; a fraction on a whole number's column is rounded up."""
    wanted = _bound(column, _rounded_up(column, given))
    beyond = _out_of_range(column, wanted)
    if beyond:
        return true() if beyond > 0 else false()
    return column < wanted  # type: ignore[no-any-return]


def lte(column: Any, given: Any) -> Condition:
    """`x__lte=given`."""
    wanted = _bound(column, given)
    beyond = _out_of_range(column, wanted)
    if beyond:
        return true() if beyond > 0 else false()
    return column <= wanted  # type: ignore[no-any-return]


def _rounded_up(column: Any, given: Any) -> Any:
    fraction = isinstance(given, float) and isinstance(column.type, Integer)
    return math.ceil(given) if fraction else given


def between(column: Any, low: Any, high: Any) -> Condition:
    """`x__range=(low, high)`, ends included."""
    return column.between(  # type: ignore[no-any-return]
        prepared(column, low, column.key), prepared(column, high, column.key)
    )


def _text(column: Any) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """The column as text, on PostgreSQL and on the others."""
    if isinstance(column.type, DjangoInet | INET):
        return func.host(column), type_coerce(column, Text())
    if isinstance(column.type, Caseless):  # a cast would make case count
        return column, type_coerce(column, Text())
    return cast(column, Text()), type_coerce(column, Text())


def _pattern(given: Any, before: str, after: str, *, raw: bool = False) -> ColumnElement[str]:
    """A LIKE pattern in which `given` stands for itself; raw: another column keeps its collation."""
    _require(given)
    if not _is_sql(given):
        return literal(f"{before}{str(given).translate(_SPECIAL)}{after}", Text())
    text = func.replace(type_coerce(given, Text()) if raw else cast(given, Text()), "\\", "\\\\")
    text = func.replace(func.replace(text, "%", "\\%"), "_", "\\_")
    return literal(before, Text()) + text + literal(after, Text())


def _is_sql(given: Any) -> bool:
    return isinstance(given, ColumnElement) or hasattr(given, "__clause_element__")


def _like(column: Any, given: Any, before: str, after: str) -> Condition:
    left, sqlite = _text(column)
    pattern = _pattern(given, before, after)
    raw = _pattern(given, before, after, raw=True)
    return by_dialect(
        postgresql=left.like(pattern),
        sqlite=sqlite.like(pattern, escape="\\"),
        mariadb=sqlite.op("LIKE BINARY", is_comparison=True)(raw),
        type_=Boolean(),
    )


def _ilike(column: Any, given: Any, before: str, after: str) -> Condition:
    left, sqlite = _text(column)
    pattern = _pattern(given, before, after)
    return by_dialect(
        postgresql=func.upper(left).like(func.upper(pattern)),
        sqlite=sqlite.like(pattern, escape="\\"),
        mariadb=_caseless(column, sqlite, "LIKE", _pattern(given, before, after, raw=True)),
        type_=Boolean(),
    )


def _caseless(column: Any, left: Any, operator: str, right: Any) -> Condition:
    """On MariaDB the column's collation says what case is; that of JSON knows it."""
    if isinstance(column.type, JsonText):
        left, right = func.lower(left), func.lower(right)
    return left.op(operator, is_comparison=True)(right)  # type: ignore[no-any-return]


def contains(column: Any, given: Any) -> Condition:
    """`x__contains=given`; SQLite ignores the case of ASCII letters, as it does for Django."""
    return _like(column, given, "%", "%")


def startswith(column: Any, given: Any) -> Condition:
    """`x__startswith=given`."""
    return _like(column, given, "", "%")


def endswith(column: Any, given: Any) -> Condition:
    """`x__endswith=given`."""
    return _like(column, given, "%", "")


def icontains(column: Any, given: Any) -> Condition:
    """`x__icontains=given`."""
    return _ilike(column, given, "%", "%")


def istartswith(column: Any, given: Any) -> Condition:
    """`x__istartswith=given`."""
    return _ilike(column, given, "", "%")


def iendswith(column: Any, given: Any) -> Condition:
    """`x__iendswith=given`."""
    return _ilike(column, given, "%", "")


def iexact(column: Any, given: Any) -> Condition:
    """`x__iexact=given`; None asks for NULL."""
    if given is None:
        return column.is_(None)  # type: ignore[no-any-return]
    left, sqlite = _text(column)
    right = cast(given, Text()) if _is_sql(given) else literal(str(given), Text())
    return by_dialect(
        postgresql=func.upper(left) == func.upper(right),
        # another column is compared as a pattern, as Django does
        sqlite=sqlite.like(right if _is_sql(given) else _pattern(given, "", ""), escape="\\"),
        mariadb=_caseless(
            column,
            sqlite,
            "LIKE",
            type_coerce(given, Text()) if _is_sql(given) else _pattern(given, "", ""),
        ),
        type_=Boolean(),
    )


def regex(column: Any, given: Any) -> Condition:
    """`x__regex=given`, in the database's own dialect of patterns."""
    _require(given)
    left, sqlite = _text(column)
    pattern = cast(given, Text()) if _is_sql(given) else literal(str(given), Text())
    raw = type_coerce(given, Text()) if _is_sql(given) else pattern
    return by_dialect(
        postgresql=left.op("~")(pattern),
        sqlite=sqlite.op("REGEXP")(pattern),
        mariadb=sqlite.op("REGEXP BINARY", is_comparison=True)(raw),
        type_=Boolean(),
    )


def iregex(column: Any, given: Any) -> Condition:
    """`x__iregex=given`, in the database's own dialect of patterns."""
    _require(given)
    left, sqlite = _text(column)
    pattern = cast(given, Text()) if _is_sql(given) else literal(str(given), Text())
    raw = type_coerce(given, Text()) if _is_sql(given) else pattern
    return by_dialect(
        postgresql=left.op("~*")(pattern),
        sqlite=sqlite.op("REGEXP")(literal("(?i)", Text()) + pattern),
        mariadb=_caseless(column, sqlite, "REGEXP", raw),
        type_=Boolean(),
    )


__all__ = [
    "across",
    "between",
    "contains",
    "endswith",
    "exact",
    "gt",
    "gte",
    "icontains",
    "iendswith",
    "iexact",
    "iregex",
    "istartswith",
    "lt",
    "lte",
    "not_",
    "one_of",
    "regex",
    "settled",
    "startswith",
    "value",
]
