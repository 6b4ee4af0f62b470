"""Values on their way into the database, converted by the column as Django's fields do."""

import math
import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, InvalidOperation
from enum import Enum
from ipaddress import IPv6Address
from typing import Any, TypeVar

from sqlalchemy import Boolean, Column, Date, Double, Float, Integer, String, Uuid
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql.ranges import AbstractRange
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.type_api import TypeEngine

from . import settings
from .clock import aware, local
from .columns import DjangoDateTime, DjangoDecimal, DjangoInet, DjangoInterval, DjangoTime
from .dates import parse_date, parse_datetime, parse_duration, parse_time
from .errors import InvalidValueError, detail_of


def as_serializer_error(exc: Exception) -> dict[Any, Any]:
    """What DRF makes of an error in an input: {field or non_field_errors: [message, …]}."""
    detail = exc.refused if isinstance(exc, InvalidValueError) else detail_of(exc)
    if isinstance(detail, dict):
        return {k: v if isinstance(v, (list, dict)) else [v] for k, v in detail.items()}
    return {settings.NON_FIELD_ERRORS_KEY: detail if isinstance(detail, list) else [detail]}


def value(column: Any, given: Any) -> Any:
    """`given` as `column` stores and compares it; an object stands for its primary key."""
    return prepared(column, given, column.key)


def is_sql(given: Any) -> bool:
    """Whether a value is an SQL expression, as `Product.stock + 1`."""
    return isinstance(given, ClauseElement) or hasattr(given, "__clause_element__")


def prepared(column: Column[Any] | InstrumentedAttribute[Any], given: Any, name: str) -> Any:
    """`given` converted for `column`; SQL expressions and None pass. `name` is for errors."""
    if given is None or is_sql(given):
        return given
    if isinstance(given, Enum):
        given = given.value
    elif hasattr(given, "__mapper__"):
        given = given.pk
    convert = _converter(column.type)
    return given if convert is None else convert(given, column, name)


def stored(session: Session, column: Column[Any], given: Any, name: str) -> Any:
    """`given` as a save writes it into `column`.

    Raises:
        decimal.InvalidOperation: a number has more digits than the column.
    """
    found = prepared(column, given, name)
    if isinstance(found, Decimal) and isinstance(column.type, DjangoDecimal):
        return column.type.stored(found, session.get_bind().dialect.name)
    return found


T = TypeVar("T")
Converter = Callable[[Any, Any, str], Any]


def _converter(kind: TypeEngine[Any]) -> Converter | None:
    for family, convert in _CONVERTERS:
        if isinstance(kind, family):
            return convert
    return None


_NO_FLAG = "“%(value)s” value must be either True or False."
_NO_FLAG_OR_NONE = "“%(value)s” value must be either True, False, or None."
_NO_DECIMAL = "“%(value)s” value must be a decimal number."
_NO_UUID = "“%(value)s” is not a valid UUID."


def _refuse(given: Any, message: str) -> InvalidValueError:
    return InvalidValueError(message % {"value": given})


def _integer(given: Any, _: object, name: str) -> int:
    try:
        return int(given)
    except (TypeError, ValueError) as error:
        message = f"Field '{name}' expected a number but got {given!r}."
        raise type(error)(message) from error


def _float(given: Any, _: object, name: str) -> float:
    try:
        return float(given) + 0.0  # written as Django does, a negative zero is none
    except (TypeError, ValueError) as error:
        message = f"Field '{name}' expected a number but got {given!r}."
        raise type(error)(message) from error


def _boolean(given: Any, column: Any, _: str) -> bool:
    if given in (True, False):
        return bool(given)
    if given in ("t", "True", "1"):
        return True
    if given in ("f", "False", "0"):
        return False
    raise _refuse(given, _NO_FLAG_OR_NONE if column.nullable else _NO_FLAG)


def _decimal(given: Any, column: Any, _: str) -> Decimal:
    try:
        if isinstance(given, float):
            if math.isnan(given):
                raise InvalidOperation
            return Context(prec=column.type.precision or 28).create_decimal_from_float(given)
        number = Decimal(given)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise _refuse(given, _NO_DECIMAL) from error
    if not number.is_finite():
        raise _refuse(given, _NO_DECIMAL)
    return number


def _text(given: Any, *_: object) -> Any:
    return given if isinstance(given, str) else str(given)


def _address(given: Any, *_: object) -> str:
    """An IPv6 address in its shortest form; what is none is left to the database."""
    text = str(given)
    try:
        found = IPv6Address(text)
    except ValueError:
        return text
    return f"::ffff:{found.ipv4_mapped}" if found.ipv4_mapped else str(found)


def _range(given: Any, *_: object) -> Any:
    return Range(given[0], given[1]) if isinstance(given, (list, tuple)) else given


def _uuid(given: Any, *_: object) -> uuid.UUID:
    if isinstance(given, uuid.UUID):
        return given
    try:
        return uuid.UUID(int=given) if isinstance(given, int) else uuid.UUID(given)
    except (AttributeError, ValueError) as error:
        raise _refuse(given, _NO_UUID) from error


_FORMS = {
    date: ("“%(value)s” value has an invalid date format. It must be in YYYY-MM-DD format."),
    datetime: (
        "“%(value)s” value has an invalid format. It must be in YYYY-MM-DD "
        "HH:MM[:ss[.uuuuuu]][TZ] format."
    ),
    time: ("“%(value)s” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format."),
    timedelta: (
        "“%(value)s” value has an invalid format. It must be in [DD] [[HH:]MM:]ss[.uuuuuu] format."
    ),
}
_IMPOSSIBLE = {
    date: ("“%(value)s” value has the correct format (YYYY-MM-DD) but it is an invalid date."),
    datetime: (
        "“%(value)s” value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is "
        "an invalid date/time."
    ),
    time: (
        "“%(value)s” value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is an invalid time."
    ),
}


def _parsed_or_none(kind: type[T], parse: Callable[[str], T | None], given: Any) -> T | None:
    try:
        return parse(given)
    except InvalidValueError:
        raise
    except ValueError as error:
        raise _refuse(given, _IMPOSSIBLE[kind]) from error


def _parsed(kind: type[T], parse: Callable[[str], T | None], given: Any) -> T:
    """What `parse` makes of a text; an error when it has another form or is no time."""
    found = _parsed_or_none(kind, parse, given)
    if found is None:
        raise _refuse(given, _FORMS[kind])
    return found


def _date(given: Any, *_: object) -> date:
    if isinstance(given, datetime):
        return local(given).date() if settings.USE_TZ else given.date()
    return given if isinstance(given, date) else _parsed(date, parse_date, given)


def _instant(given: str) -> datetime | None:
    """A datetime or a bare date; a date that does not exist is refused in a date's words."""
    found = parse_datetime(given)
    if found is not None:
        return found
    day = _parsed_or_none(date, parse_date, given)
    return None if day is None else datetime(day.year, day.month, day.day)


def _datetime(given: Any, *_: object) -> datetime:
    if isinstance(given, datetime):
        found = given
    elif isinstance(given, date):
        found = datetime(given.year, given.month, given.day)
    else:
        found = _parsed(datetime, _instant, given)
    return aware(found) if settings.USE_TZ else found


def _time(given: Any, *_: object) -> time:
    if isinstance(given, datetime):
        return given.time()
    return given if isinstance(given, time) else _parsed(time, parse_time, given)


def _duration(given: Any, *_: object) -> timedelta:
    return given if isinstance(given, timedelta) else _parsed(timedelta, parse_duration, given)


# The first family that a column's type belongs to converts its values.
_CONVERTERS: tuple[tuple[type[Any] | tuple[type[Any], ...], Converter], ...] = (
    (Integer, _integer),
    (DjangoDecimal, _decimal),
    (Boolean, _boolean),
    (DjangoDateTime, _datetime),
    (Date, _date),
    (DjangoTime, _time),
    (DjangoInterval, _duration),
    (Uuid, _uuid),
    ((Float, Double), _float),
    (DjangoInet, _address),
    (String, _text),
    (AbstractRange, _range),
)
