"""One expression for each database, and the functions that SQLite borrows from Python."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Column, Table, Text, insert
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.type_api import TypeEngine

from .dates import zone


class JsonText(Text):
    """Text out of a JSON document, which MariaDB compares byte by byte."""


class by_dialect(FunctionElement[Any]):
    """`by_dialect(postgresql=…, sqlite=…, mariadb=…)`: the form that the database understands."""

    name = "by_dialect"
    inherit_cache = True

    def __init__(
        self,
        *,
        postgresql: ColumnElement[Any],
        sqlite: ColumnElement[Any],
        mariadb: ColumnElement[Any],
        type_: TypeEngine[Any] | None = None,
    ) -> None:
        super().__init__(postgresql, sqlite, mariadb)
        self.type = postgresql.type if type_ is None else type_


@compiles(by_dialect)
def _on_postgresql(element: by_dialect, compiler: Any, **options: Any) -> str:
    return _chosen(element, 0, compiler, options)


@compiles(by_dialect, "sqlite")
def _on_sqlite(element: by_dialect, compiler: Any, **options: Any) -> str:
    return _chosen(element, 1, compiler, options)


@compiles(by_dialect, "mariadb")
def _on_mariadb(element: by_dialect, compiler: Any, **options: Any) -> str:
    return _chosen(element, 2, compiler, options)


def _chosen(element: by_dialect, place: int, compiler: Any, options: dict[str, Any]) -> str:
    return f"({compiler.process(list(element.clauses)[place], **options)})"


def insert_ignoring(session: Session, table: Table) -> Any:
    """An INSERT that leaves out rows that are there already, on the session's database."""
    name = session.get_bind().dialect.name
    if name == "mariadb":
        return insert(table).prefix_with("IGNORE")
    return (sqlite if name == "sqlite" else postgresql).insert(table).on_conflict_do_nothing()


def insert_or_update(
    session: Session,
    table: Table,
    values: Mapping[Column[Any], Any],
    changed: Sequence[Column[Any]],
    unique: Sequence[Column[Any]],
) -> Any:
    """An INSERT of one row; where `unique` is there already, `changed` is written instead.

    MariaDB looks at every unique key of the table.
    """
    name = session.get_bind().dialect.name
    if name == "mariadb":
        row = mysql.insert(table).values(values)
        return row.on_duplicate_key_update({c.name: row.inserted[c.name] for c in changed})
    statement = (sqlite if name == "sqlite" else postgresql).insert(table).values(values)
    return statement.on_conflict_do_update(
        index_elements=unique, set_={c.name: statement.excluded[c.name] for c in changed}
    )


def register(connection: Any) -> None:
    """Give a SQLite connection the functions that lookups use there."""
    for name, (arguments, function) in _FUNCTIONS.items():
        connection.create_function(name, arguments, function, deterministic=True)


def _regexp(pattern: str | None, text: Any) -> bool | None:
    if pattern is None or text is None:
        return None
    return re.search(pattern, str(text)) is not None


def _read(value: Any, zone_name: str | None) -> datetime | None:
    """A stored date or datetime on the clock of `zone_name`; stored instants are in UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC).astimezone(zone(zone_name)) if zone_name else found


_PARTS: dict[str, Callable[[datetime], int]] = {
    "week_day": lambda one: one.isoweekday() % 7 + 1,
    "iso_week_day": lambda one: one.isoweekday(),
    "week": lambda one: one.isocalendar().week,
    "quarter": lambda one: (one.month + 2) // 3,
    "iso_year": lambda one: one.isocalendar().year,
}


def _part(kind: str, value: Any, zone_name: str | None) -> int | None:
    found = _read(value, zone_name)
    if found is None:
        return None
    return _PARTS[kind](found) if kind in _PARTS else int(getattr(found, kind))


def _time_part(kind: str, value: str | None) -> int | None:
    return None if value is None else int(getattr(time.fromisoformat(value), kind))


_STARTS: dict[str, Callable[[datetime], datetime]] = {
    "year": lambda one: one.replace(month=1, day=1),
    "quarter": lambda one: one.replace(month=one.month - (one.month - 1) % 3, day=1),
    "month": lambda one: one.replace(day=1),
    "week": lambda one: one - timedelta(days=one.weekday()),
    "day": lambda one: one,
}
_CLOCK: dict[str, Callable[[datetime], datetime]] = {
    "hour": lambda one: one.replace(minute=0, second=0, microsecond=0),
    "minute": lambda one: one.replace(second=0, microsecond=0),
    "second": lambda one: one.replace(microsecond=0),
}


def _truncated(kind: str, value: Any, zone_name: str | None) -> str | None:
    found = _read(value, zone_name)
    if found is None:
        return None
    found = found.replace(tzinfo=None)
    if kind in _CLOCK:
        return str(_CLOCK[kind](found))
    return str(datetime.combine(_STARTS[kind](found).date(), time()))


def _truncated_date(kind: str, value: Any) -> str | None:
    return None if value is None else str(_STARTS[kind](datetime.fromisoformat(value)).date())


def _date_of(value: Any, zone_name: str | None) -> str | None:
    found = _read(value, zone_name)
    return None if found is None else date.isoformat(found)


def _time_of(value: Any, zone_name: str | None) -> str | None:
    found = _read(value, zone_name)
    return None if found is None else str(found.time())


_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "regexp": (2, _regexp),
    "datetime_part": (3, _part),
    "time_part": (2, _time_part),
    "datetime_trunc": (3, _truncated),
    "date_trunc_text": (2, _truncated_date),
    "datetime_date": (2, _date_of),
    "datetime_time": (2, _time_of),
}
