"""What Django's managers do, on a plain `Session`: reading one row, writing, deleting.

Everything here is synchronous; endpoints reach it through `actions` or `session.run_sync`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Select, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .aggregates import aggregate
from .bulk import bulk_create, bulk_update, delete_query, update_query
from .errors import Http404, MultipleObjectsReturned, ObjectDoesNotExist
from .fetching import (
    columns,
    count,
    earliest,
    entity,
    exists,
    first,
    get,
    get_columns,
    get_copy,
    get_mapping,
    in_bulk,
    last,
    latest,
    mappings,
    named_rows,
    once,
    ordering,
    reversed_order,
    rows,
    session_of,
)
from .keys import key_is
from .levels import attribute_of, stored_value
from .manytomany import m2m_add, m2m_clear, m2m_remove, m2m_set
from .models import Base
from .saving import ask_defaults
from .transactions import atomic
from .values import prepared

T = TypeVar("T", bound=Base)


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


def create(session: Session, model: type[T], /, **values: Any) -> T:
    """Insert a new row and return its object."""
    obj = model(**values)
    ask_defaults(session, obj)
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
        select(model).where(key_is(model, obj.pk)).execution_options(populate_existing=True)
        if fields is None
        else select(func.count()).select_from(model).where(key_is(model, obj.pk))
    )
    if not found:
        raise model.DoesNotExist(f"{model.__name__} matching query does not exist.")
    if fields is not None:
        session.refresh(obj, names)


def is_new(row: object) -> bool:
    """Whether a row was made here and is not stored yet."""
    return inspect(row).key is None


def get_or_404(
    session: Session,
    statement: Select[T],
    narrowed: Callable[[Select[T]], Select[T]] | None = None,
) -> T:
    """The one row of a statement; raises Http404, or the model's MultipleObjectsReturned.

    narrowed: what narrows the statement; a value that its columns cannot hold is not found.
    """
    try:
        return get(session, statement if narrowed is None else narrowed(statement))
    except (TypeError, ValueError):
        if narrowed is None:
            raise
        raise Http404 from None
    except ObjectDoesNotExist:
        model = entity(statement).django_label().rpartition(".")[2]
        raise Http404(f"No {model} matches the given query.") from None


def matching(target: type[T] | Select[T], key: Mapping[str, Any]) -> Select[T]:
    """The rows of `target` whose attributes equal `key`; a relation takes an object or a key."""
    statement = target if isinstance(target, Select) else select(target)
    model = entity(statement)
    for name, value in key.items():
        attribute = getattr(model, attribute_of(model, name))
        given = prepared(attribute, stored_value(model, name, value), name)
        statement = statement.where(attribute.is_(None) if given is None else attribute == given)
    return statement


def get_or_create(
    session: Session,
    target: type[T] | Select[T],
    /,
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
    /,
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
    "ObjectDoesNotExist",
    "aggregate",
    "bulk_create",
    "bulk_update",
    "columns",
    "count",
    "create",
    "delete",
    "delete_query",
    "earliest",
    "entity",
    "exists",
    "first",
    "get",
    "get_columns",
    "get_copy",
    "get_mapping",
    "get_or_404",
    "get_or_create",
    "in_bulk",
    "is_new",
    "last",
    "latest",
    "m2m_add",
    "m2m_clear",
    "m2m_remove",
    "m2m_set",
    "mappings",
    "matching",
    "named_rows",
    "once",
    "ordering",
    "refresh",
    "reversed_order",
    "rows",
    "save",
    "session_of",
    "update_or_create",
    "update_query",
]
