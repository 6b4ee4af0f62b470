"""Functions that the databases know by other names, or read in another way."""

from typing import Any

from sqlalchemy import Integer, func, literal_column
from sqlalchemy.sql.elements import ColumnElement

from .columns import DjangoDateTime
from .dialects import by_dialect


def statement_time() -> ColumnElement[Any]:
    """`Now()`: when the database runs the statement."""
    return by_dialect(
        postgresql=func.statement_timestamp(),
        sqlite=func.strftime("%Y-%m-%d %H:%M:%f", "NOW"),
        mariadb=literal_column("CURRENT_TIMESTAMP(6)"),
        type_=DjangoDateTime(),
    )


def greatest(first: Any, *others: Any) -> ColumnElement[Any]:
    """`Greatest(...)`: NULL where one is NULL; PostgreSQL leaves those out."""
    pair = (func.greatest(first, *others), func.max(first, *others))
    return by_dialect(postgresql=pair[0], sqlite=pair[1], mariadb=pair[0], type_=first.type)


def least(first: Any, *others: Any) -> ColumnElement[Any]:
    """`Least(...)`: NULL where one is NULL; PostgreSQL leaves those out."""
    pair = (func.least(first, *others), func.min(first, *others))
    return by_dialect(postgresql=pair[0], sqlite=pair[1], mariadb=pair[0], type_=first.type)


def place_of(text: Any, part: Any) -> ColumnElement[int]:
    """`StrIndex(text, part)`: where a text begins in another, from 1; 0 where it does not."""
    place = func.instr(text, part)
    return by_dialect(
        postgresql=func.strpos(text, part), sqlite=place, mariadb=place, type_=Integer()
    )
