"""Reading one row, or a fact about rows: what ends a QuerySet's chain in Django."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Select, func, inspect, literal, select
from sqlalchemy.orm import Session, object_session
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnElement, UnaryExpression

from .keys import key_among, key_attributes, key_name
from .values import prepared

T = TypeVar("T")

# Django asks for this many rows at most to say how many matched.
MAX_GET_RESULTS = 21


def primary_key(model: type[Any]) -> Any:
    """The key of a model, in queries: a tuple of columns where it has several."""
    return getattr(model, key_name(model))


def entity(statement: Select[Any]) -> type[Any]:
    """The model that a statement selects first."""
    found = statement.column_descriptions[0]["entity"]
    return inspect(found).mapper.class_  # type: ignore[no-any-return]


@contextmanager
def reading(session: Session, statement: Select[T]) -> Iterator[tuple[Session, Select[T]]]:
    """Where and how rows are read as the database has them now, as in Django.

    An object that the session holds is brought up to date. Where one of the model has changes that
    were not saved, the rows become objects of their own; their columns are loaded, their
    relations cannot be.
    """
    model = entity(statement)
    # objects stay among the dirty ones after what was assigned to them has been saved
    if not any(isinstance(one, model) and session.is_modified(one) for one in session.dirty):
        yield session, statement.execution_options(populate_existing=True)
        return
    with Session(session.connection(), expire_on_commit=False) as apart:
        yield apart, statement
        apart.expunge_all()


def get(session: Session, statement: Select[T]) -> T:
    """The one row of the statement; raises the model's DoesNotExist or MultipleObjectsReturned."""
    statement = statement.order_by(None)
    if not is_sliced(statement):
        statement = statement.limit(MAX_GET_RESULTS)
    with reading(session, statement) as (place, asked):
        rows = place.scalars(asked).all()
    return _only(entity(statement), rows)


def _only(model: type[Any], rows: Sequence[T]) -> T:
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise model.DoesNotExist(f"{model.__name__} matching query does not exist.")
    number = "more than 20" if len(rows) == MAX_GET_RESULTS else str(len(rows))
    raise model.MultipleObjectsReturned(
        f"get() returned more than one {model.__name__} -- it returned {number}!"
    )


def key_subquery(statement: Select[Any]) -> Select[Any]:
    """The primary keys of the rows of a statement."""
    return statement.order_by(None).with_only_columns(
        *key_attributes(entity(statement)), maintain_column_froms=True
    )


def once(statement: Select[Any]) -> Select[Any]:
    """The rows of a statement, each once however often its joins repeat it; in the same order.

    Nothing in the order may be of a joined table.
    """
    model = entity(statement)
    inner = key_subquery(statement).correlate(None)
    whole = select(model).where(primary_key(model).in_(inner))
    return whole.options(*statement._with_options).order_by(*ordering(statement))


def get_copy(session: Session, statement: Select[T]) -> T:
    """As `get`, but an object of its own: what is assigned to the session's one is not in it.

    Its columns are loaded, its relations cannot be.
    """
    with Session(session.connection(), expire_on_commit=False) as apart:
        found = get(apart, statement)
        apart.expunge_all()
    return found


def is_sliced(statement: Select[Any]) -> bool:
    """Whether the statement has LIMIT or OFFSET."""
    return statement._limit_clause is not None or statement._offset_clause is not None


def ordering(statement: Select[Any]) -> tuple[ColumnElement[Any], ...]:
    """The ORDER BY of a statement."""
    return tuple(statement._order_by_clauses)


def session_of(row: object) -> Session:
    """The session that a row was read in, for properties that ask the database.

    ValueError for a row that is not stored yet, as Django raises for its lists.
    """
    session = object_session(row)
    if session is None:
        raise ValueError(
            f"{type(row).__name__} needs a primary key before its rows can be asked for"
        )
    return session


def first(session: Session, statement: Select[T]) -> T | None:
    """The first row; by primary key when the statement has no order."""
    if not ordering(statement):
        statement = statement.order_by(*key_attributes(entity(statement)))
    with reading(session, _one_row(statement)) as (place, asked):
        return place.scalars(asked).first()


def rows(session: Session, statement: Select[T]) -> list[T]:
    """All rows of a statement, as the database has them now."""
    with reading(session, statement) as (place, asked):
        return list(place.scalars(asked))


def columns(
    session: Session, statement: Select[Any], *wanted: Any, flat: bool = False
) -> list[Any]:
    """The values of some columns, a tuple for each row; with `flat` those of the one column."""
    narrowed = statement.with_only_columns(*wanted, maintain_column_froms=True)
    found = session.execute(narrowed)
    return [row[0] for row in found] if flat else [tuple(row) for row in found]


def mappings(session: Session, statement: Select[Any], /, **wanted: Any) -> list[dict[str, Any]]:
    """The values of some columns, a dictionary for each row."""
    return [
        dict(zip(wanted, row, strict=True)) for row in columns(session, statement, *wanted.values())
    ]


def named_rows(session: Session, statement: Select[Any], /, **wanted: Any) -> list[Any]:
    """The values of some columns, a named tuple for each row."""
    made = namedtuple("Row", wanted)  # type: ignore[misc]  # names are known at run time
    return [made(*row) for row in columns(session, statement, *wanted.values())]


def get_columns(session: Session, statement: Select[Any], *wanted: Any, flat: bool = False) -> Any:
    """The values of some columns of the one row; raises what `get` raises."""
    model = entity(statement)
    narrowed = statement.order_by(None).limit(MAX_GET_RESULTS)
    return _only(model, columns(session, narrowed, *wanted, flat=flat))


def get_mapping(session: Session, statement: Select[Any], /, **wanted: Any) -> dict[str, Any]:
    """The values of some columns of the one row by name; raises what `get` raises."""
    return dict(zip(wanted, get_columns(session, statement, *wanted.values()), strict=True))


def last(session: Session, statement: Select[T]) -> T | None:
    """The last row; by primary key when the statement has no order."""
    if is_sliced(statement):
        raise TypeError("Cannot reverse a query once a slice has been taken.")
    model = entity(statement)
    order = ordering(statement) or tuple(one.asc() for one in key_attributes(model))
    turned = statement.order_by(None).order_by(*(reversed_order(part) for part in order))
    with reading(session, _one_row(turned)) as (place, asked):
        return place.scalars(asked).first()


def _one_row(statement: Select[Any]) -> Select[Any]:
    limit = statement._limit_clause
    return statement.limit(1) if limit is None else statement


_TURNED: dict[Any, Callable[[Any], UnaryExpression[Any]]] = {
    operators.nulls_first_op: UnaryExpression._create_nulls_last,
    operators.nulls_last_op: UnaryExpression._create_nulls_first,
}


def reversed_order(part: Any) -> ColumnElement[Any]:
    """One part of an ORDER BY the other way round, NULLS FIRST and LAST too."""
    if isinstance(part, UnaryExpression):
        if part.modifier in _TURNED:
            return _TURNED[part.modifier](reversed_order(part.element))
        if part.modifier is operators.desc_op:
            return part.element.asc()
        if part.modifier is operators.asc_op:
            return part.element.desc()
    turned: ColumnElement[Any] = part.desc()
    return turned


def latest(session: Session, statement: Select[T], *fields: Any) -> T:
    """The row with the greatest value of `fields`; raises DoesNotExist."""
    return _extreme(session, statement, [reversed_order(one) for one in fields])


def earliest(session: Session, statement: Select[T], *fields: Any) -> T:
    """The row with the smallest value of `fields`; raises DoesNotExist."""
    return _extreme(session, statement, list(fields))


def _extreme(session: Session, statement: Select[T], order: list[Any]) -> T:
    if is_sliced(statement):
        raise TypeError("Cannot change a query once a slice has been taken.")
    with reading(session, statement.order_by(None).order_by(*order).limit(1)) as (place, asked):
        found = place.scalars(asked).first()
    if found is None:
        model = entity(statement)
        raise model.DoesNotExist(f"{model.__name__} matching query does not exist.")
    return found


def exists(session: Session, statement: Select[Any]) -> bool:
    """Whether the statement has a row."""
    if not is_sliced(statement):
        statement = statement.order_by(None).limit(1)
    probe = statement.with_only_columns(literal(1), maintain_column_froms=True)
    return session.execute(probe).first() is not None


def count(session: Session, statement: Select[Any]) -> int:
    """The number of rows, with the duplicates that joins make."""
    if is_sliced(statement) or statement._distinct or statement._group_by_clauses:
        keyed = statement if is_sliced(statement) else statement.order_by(None)
        return session.scalar(select(func.count()).select_from(keyed.subquery())) or 0
    counted = statement.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    return session.scalar(counted) or 0


def in_bulk(
    session: Session, statement: Select[T], keys: Iterable[Any], column: Any = None
) -> dict[Any, T]:
    """The rows whose primary key (or unique `column`) is among `keys`, by it."""
    wanted = list(keys)
    if not wanted:
        return {}
    if column is None:
        model: Any = entity(statement)
        found = key_among(model, wanted)
        rows: Any = session.scalars(statement.where(found)).all()
        return {row.pk: row for row in rows}
    wanted = [prepared(column, one, column.key) for one in wanted]
    found = column.in_(wanted)
    return {getattr(row, column.key): row for row in session.scalars(statement.where(found))}
