"""What a query says of all its rows together: `aggregate(session, stmt, mean=func.avg(M.stars))`."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Float, Integer, Select, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.util import ClauseAdapter
from sqlalchemy.types import NULLTYPE, TypeEngine

from .columns import DjangoDecimal
from .fetching import is_sliced

Value = Callable[[Any], Any]


def aggregate(
    session: Session, statement: Select[Any], **expressions: ColumnElement[Any]
) -> dict[str, Any]:
    """The values of aggregate functions over the rows of a statement, by name.

    Types are Django's: the average of integers is a float, the sum of decimals a Decimal. What
    has no rows is None, but for counts.
    """
    asked: dict[str, Any] = {name: _as_decimal(each) for name, each in expressions.items()}
    if is_sliced(statement) or statement._distinct:
        kept = statement if is_sliced(statement) else statement.order_by(None)
        rows = kept.subquery()
        adapter = ClauseAdapter(rows)
        asked = {name: adapter.traverse(each) for name, each in asked.items()}
        query = select(*asked.values()).select_from(rows)
    else:
        query = statement.order_by(None).with_only_columns(
            *asked.values(), maintain_column_froms=True
        )
    found = session.execute(query).one()
    return {
        name: None if value is None else _conversion(each)(value)
        for (name, each), value in zip(expressions.items(), found, strict=True)
    }


def _column_type(function: FunctionElement[Any]) -> TypeEngine[Any]:
    """The type of what is aggregated."""
    argument: Any = next(iter(function.clauses), None)
    return getattr(argument, "type", NULLTYPE)


def _as_decimal(function: ColumnElement[Any]) -> ColumnElement[Any]:
    """Decimals keep the places that they have: those of the column are not put on."""
    if not isinstance(function, FunctionElement):
        return function  # its type is its own
    is_number = function.name != "count" and isinstance(_column_type(function), DjangoDecimal)
    return type_coerce(function, DjangoDecimal()) if is_number else function


def _conversion(function: ColumnElement[Any]) -> Value:
    if not isinstance(function, FunctionElement):
        return lambda value: value
    if function.name == "count":
        return int
    kind = _column_type(function)
    if isinstance(kind, Integer):
        return float if function.name == "avg" else int
    return float if isinstance(kind, Float) else lambda value: value
