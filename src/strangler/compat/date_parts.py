"""Parts of dates and times in the app's zone: `__date`, `__year`, `__month`, `Trunc…`.

Columns of instants are looked at on the clock of `settings.TIME_ZONE`; dates and times of day
have no zone.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    String,
    cast,
    extract,
    func,
    literal,
    literal_column,
    null,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import type_coerce
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.type_api import TypeDecorator

from . import settings
from .clock import app_zone, midnight
from .columns import DjangoDateTime, DjangoTime, SqliteWord
from .dialects import by_dialect

_FIELDS = {"week_day": "dow", "iso_week_day": "isodow", "iso_year": "isoyear"}


class _LocalDateTime(TypeDecorator[datetime]):
    """A wall clock of the app's zone, read as the instant it shows (the first one in autumn)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return SqliteWord("datetime") if dialect.name == "sqlite" else DateTime()

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        if value is None:
            return None
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        return found.replace(tzinfo=app_zone()) if settings.USE_TZ else found


def _is_instant(column: Any) -> bool:
    return isinstance(column.type, DjangoDateTime | DateTime)


def _wall_clock(column: Any) -> ColumnElement[Any]:
    """On PostgreSQL: an instant as a timestamp without zone."""
    if _is_instant(column) and settings.USE_TZ:
        zone = _written(settings.TIME_ZONE)
        return type_coerce(func.timezone(zone, column), DateTime())
    return column  # type: ignore[no-any-return]


def _written(word: str) -> ColumnElement[str]:
    """A word in the statement's own text, so that GROUP BY knows the expression again."""
    quoted = word.replace("'", "''")
    return literal_column(f"'{quoted}'", String())


def _zone_name(column: Any) -> ColumnElement[Any]:
    if _is_instant(column) and settings.USE_TZ:
        return literal(settings.TIME_ZONE, String())
    return null()


def _mariadb_clock(column: Any) -> ColumnElement[Any]:
    """On MariaDB, where instants are kept in UTC: the wall clock of the app's zone."""
    if _is_instant(column) and settings.USE_TZ and settings.TIME_ZONE != "UTC":
        return func.convert_tz(column, _written("UTC"), _written(settings.TIME_ZONE))
    return type_coerce(column, DateTime()) if _is_instant(column) else column


class _interval(FunctionElement[Any]):
    """`INTERVAL number UNIT` of MariaDB."""

    name = "interval"
    inherit_cache = True


@compiles(_interval)
def _interval_text(element: _interval, compiler: Any, **options: Any) -> str:
    number, unit = (compiler.process(each, **options) for each in element.clauses)
    return f"INTERVAL {number} {unit}"


def _span(number: Any, unit: str) -> _interval:
    return _interval(number, literal_column(unit))


def _mariadb_part(kind: str, column: Any) -> ColumnElement[Any]:
    clock = _mariadb_clock(column)
    if kind == "week_day":
        return func.dayofweek(clock)
    if kind == "iso_week_day":
        return func.weekday(clock) + literal_column("1", Integer())
    if kind == "week":
        return func.week(clock, literal_column("3"))
    if kind == "iso_year":
        week = func.yearweek(clock, literal_column("3"), type_=Integer())
        return cast(func.floor(week / literal_column("100", Integer())), Integer())
    return extract(kind, clock)


_FORMATS = {
    "year": "%Y-01-01", "month": "%Y-%m-01", "day": "%Y-%m-%d", "hour": "%Y-%m-%d %H:00:00",
    "minute": "%Y-%m-%d %H:%i:00", "second": "%Y-%m-%d %H:%i:%s",
}  # fmt: skip


def _mariadb_trunc(kind: str, column: Any) -> ColumnElement[Any]:
    clock = _mariadb_clock(column)
    if kind == "quarter":
        first = func.makedate(func.year(clock), literal_column("1"))
        ahead = func.date_add(first, _span(func.quarter(clock), "QUARTER"))
        clock, kind = func.date_sub(ahead, _span(literal_column("1"), "QUARTER")), "month"
    elif kind == "week":
        clock, kind = func.date_sub(clock, _span(func.weekday(clock), "DAY")), "day"
    text = func.date_format(clock, _written(_FORMATS[kind]))
    return cast(text, DateTime() if _is_instant(column) else Date())


def local_date(column: Any) -> ColumnElement[date]:
    """`x__date`: the calendar date of an instant in the app's zone."""
    return by_dialect(
        postgresql=cast(_wall_clock(column), Date()),
        sqlite=func.datetime_date(column, _zone_name(column), type_=Date()),
        mariadb=func.date(_mariadb_clock(column), type_=Date()),
        type_=Date(),
    )


def local_time(column: Any) -> ColumnElement[Any]:
    """`x__time`: the time of day of an instant in the app's zone."""
    return by_dialect(
        postgresql=cast(_wall_clock(column), DjangoTime()),
        sqlite=func.datetime_time(column, _zone_name(column), type_=DjangoTime()),
        mariadb=func.time(_mariadb_clock(column), type_=DjangoTime()),
        type_=DjangoTime(),
    )


def part(kind: str, column: Any) -> ColumnElement[int]:
    """`x__<kind>`: year, month, day, hour, minute, second, week, week_day, iso_week_day, quarter…

    Sunday is week_day 1 and iso_week_day 7; seconds have no fraction.
    """
    clock = _wall_clock(column)
    if kind == "second":
        clock = func.date_trunc(_written("second"), clock)
    number: ColumnElement[Any] = cast(extract(_FIELDS.get(kind, kind), clock), Integer())
    if kind == "week_day":
        number = number + 1
    if isinstance(column.type, DjangoTime):
        sqlite = func.time_part(kind, column, type_=Integer())
    else:
        sqlite = func.datetime_part(kind, column, _zone_name(column), type_=Integer())
    mariadb = _mariadb_part(kind, column)
    return by_dialect(postgresql=number, sqlite=sqlite, mariadb=mariadb, type_=Integer())


def trunc(kind: str, column: Any) -> ColumnElement[Any]:
    """`Trunc(x, kind)`: the start of a year, quarter, month, week, day, hour, minute or second."""
    if _is_instant(column):
        return by_dialect(
            postgresql=func.date_trunc(_written(kind), _wall_clock(column)),
            sqlite=func.datetime_trunc(kind, column, _zone_name(column)),
            mariadb=_mariadb_trunc(kind, column),
            type_=_LocalDateTime(),
        )
    return by_dialect(
        postgresql=cast(func.date_trunc(_written(kind), column), Date()),
        sqlite=func.date_trunc_text(kind, column, type_=Date()),
        mariadb=_mariadb_trunc(kind, column),
        type_=Date(),
    )


def year_bounds(column: Any, year: int) -> tuple[Any, Any]:
    """The first and the last moment of a year, as the column compares them."""
    if not _is_instant(column):
        return date(year, 1, 1), date(year, 12, 31)
    last = datetime(
        year, 12, 31, 23, 59, 59, 999999, tzinfo=app_zone() if settings.USE_TZ else None
    )
    return midnight(date(year, 1, 1)), last


def in_year(column: Any, year: int) -> ColumnElement[bool]:
    """`x__year=year`, in a form that an index serves."""
    return column.between(*year_bounds(column, year))  # type: ignore[no-any-return]
