"""What Django's managers do, on a plain `Session`: reading one row, writing, deleting.

Everything here is synchronous; endpoints reach it through `actions` or `session.run_sync`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Select, func, inspect, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnElement, UnaryExpression

from .errors import MultipleObjectsReturned, ObjectDoesNotExist
from .models import Base
from .saving import key_name
from .transactions import atomic
from .values import prepared

T = TypeVar("T", bound=Base)

# Django asks for this many rows at most to say how many matched.
MAX_GET_RESULTS = 21


def save(
    session: Session,
    obj: Base,
    *,
    update_fields: Collection[str] | None = None,
    force_insert: bool = False,
    force_update: bool = False,
) -> None:
    """Save through the model's own `save`; an option left out is not passed on."""
    options: dict[str, Any] = {}
    if update_fields is not None:
        options["update_fields"] = update_fields
    if force_insert:
        options["force_insert"] = True
    if force_update:
        options["force_update"] = True
    obj.save(session, **options)


def create(session: Session, model: type[T], **values: Any) -> T:
    """Insert a new row and return its object."""
    obj = model(**values)
    obj.save(session, force_insert=True)
    return obj


def delete(session: Session, obj: Base) -> tuple[int, dict[str, int]]:
    """Delete through the model's own `delete`: the number of rows, and the number per model."""
    return obj.delete(session)


def refresh(session: Session, obj: Base, fields: Iterable[str] | None = None) -> None:
    """Read the row again; loaded relations are forgotten."""
    state = inspect(obj)
    if fields is None:
        relations = [one.key for one in state.mapper.relationships if one.key in state.dict]
        session.expire(obj, relations)
        names = [prop.key for prop in state.mapper.column_attrs]
    else:
        names = list(fields)
    model = type(obj)
    found = session.scalar(
        select(model).where(_key(model) == obj.pk).execution_options(populate_existing=True)
        if fields is None
        else select(func.count()).select_from(model).where(_key(model) == obj.pk)
    )
    if not found:
        raise model.DoesNotExist(f"{model.__name__} matching query does not exist.")
    if fields is not None:
        session.refresh(obj, names)


def _key(model: type[Any]) -> Any:
    return getattr(model, key_name(model))


def entity(statement: Select[Any]) -> type[Any]:
    """The model that a statement selects first."""
    found = statement.column_descriptions[0]["entity"]
    return inspect(found).mapper.class_  # type: ignore[no-any-return]


def get(session: Session, statement: Select[T]) -> T:
    """The one row of the statement; raises the model's DoesNotExist or MultipleObjectsReturned."""
    statement = statement.order_by(None)
    if not is_sliced(statement):
        statement = statement.limit(MAX_GET_RESULTS)
    rows = session.scalars(statement).all()
    if len(rows) == 1:
        return rows[0]
    model = entity(statement)
    if not rows:
        raise model.DoesNotExist(f"{model.__name__} matching query does not exist.")
    number = "more than 20" if len(rows) == MAX_GET_RESULTS else str(len(rows))
    raise model.MultipleObjectsReturned(
        f"get() returned more than one {model.__name__} -- it returned {number}!"
    )


def key_subquery(statement: Select[Any]) -> Select[Any]:
    """The primary keys of the rows of a statement."""
    return statement.order_by(None).with_only_columns(
        _key(entity(statement)), maintain_column_froms=True
    )


def is_sliced(statement: Select[Any]) -> bool:
    """Whether the statement has LIMIT or OFFSET."""
    return statement._limit_clause is not None or statement._offset_clause is not None


def ordering(statement: Select[Any]) -> tuple[ColumnElement[Any], ...]:
    """The ORDER BY of a statement."""
    return tuple(statement._order_by_clauses)


def first(session: Session, statement: Select[T]) -> T | None:
    """The first row; by primary key when the statement has no order."""
    if not ordering(statement):
        statement = statement.order_by(_key(entity(statement)))
    return session.scalars(_one_row(statement)).first()


def last(session: Session, statement: Select[T]) -> T | None:
    """The last row; by primary key when the statement has no order."""
    if is_sliced(statement):
        raise TypeError("Cannot reverse a query once a slice has been taken.")
    model = entity(statement)
    order = ordering(statement) or (_key(model).asc(),)
    turned = statement.order_by(None).order_by(*(reversed_order(part) for part in order))
    return session.scalars(_one_row(turned)).first()


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
    found = session.scalars(statement.order_by(None).order_by(*order).limit(1)).first()
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
    target = _key(entity(statement)) if column is None else column
    wanted = [prepared(target, one, target.key) for one in wanted]
    rows = session.scalars(statement.order_by(None).where(target.in_(wanted))).all()
    return {getattr(row, target.key): row for row in rows}


def matching(target: type[T] | Select[T], key: Mapping[str, Any]) -> Select[T]:
    """The rows of `target` whose attributes equal `key`; a relation takes an object or a key."""
    statement = target if isinstance(target, Select) else select(target)
    model = entity(statement)
    for name, value in key.items():
        attribute = getattr(model, name)
        if name in inspect(model).relationships:
            pair = next(iter(attribute.property.local_remote_pairs))
            attribute = getattr(model, inspect(model).get_property_by_column(pair[0]).key)
        given = prepared(attribute, value, name)
        statement = statement.where(attribute.is_(None) if given is None else attribute == given)
    return statement


def get_or_create(
    session: Session,
    target: type[T] | Select[T],
    defaults: Mapping[str, Any] | None = None,
    **key: Any,
) -> tuple[T, bool]:
    """The row that `key` names, or a new one with `defaults` too; and whether it is new."""
    statement = matching(target, key)
    try:
        return get(session, statement), False
    except ObjectDoesNotExist:
        return _insert_or_get(session, statement, {**key, **_called(defaults)})


def _insert_or_get(
    session: Session, statement: Select[T], values: Mapping[str, Any]
) -> tuple[T, bool]:
    """Insert in a savepoint; somebody else may have been faster."""
    try:
        with atomic(session):
            return create(session, entity(statement), **values), True
    except IntegrityError:
        try:
            return get(session, statement), False
        except ObjectDoesNotExist:
            pass  # it was not this key that collided
        raise


def _called(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value() if callable(value) else value for key, value in (values or {}).items()}


def update_or_create(
    session: Session,
    target: type[T] | Select[T],
    defaults: Mapping[str, Any] | None = None,
    create_defaults: Mapping[str, Any] | None = None,
    **key: Any,
) -> tuple[T, bool]:
    """The row that `key` names with `defaults` assigned and saved, or a new one."""
    with atomic(session):
        statement = matching(target, key)
        first_values = defaults if create_defaults is None else create_defaults
        try:
            obj = get(session, statement.with_for_update())
        except ObjectDoesNotExist:
            obj, created = _insert_or_get(session, statement, {**key, **_called(first_values)})
            if created:
                return obj, True
        changed = _called(defaults)
        for name, value in changed.items():
            setattr(obj, name, value)
        save(session, obj, update_fields=_written(type(obj), changed))
    return obj, False


def _written(model: type[Any], changed: Collection[str]) -> set[str] | None:
    """Django narrows the UPDATE to what was given and to the stamped columns."""
    mapper = inspect(model)
    columns = {prop.key for prop in mapper.column_attrs}
    if not set(changed) <= columns | set(mapper.relationships.keys()):
        return None
    stamped = {
        prop.key for prop in mapper.column_attrs if getattr(prop.columns[0], "onupdate", None)
    }
    return set(changed) | stamped


__all__ = [
    "MultipleObjectsReturned",
    "count",
    "create",
    "delete",
    "earliest",
    "entity",
    "exists",
    "first",
    "get",
    "get_or_create",
    "in_bulk",
    "last",
    "latest",
    "matching",
    "ordering",
    "refresh",
    "reversed_order",
    "save",
    "update_or_create",
]
