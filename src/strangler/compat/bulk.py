"""Writing many rows at once: Django's `QuerySet.update`, `delete`, `bulk_create`, `bulk_update`.

None of it calls `save` or sends signals of saving.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from .collector import Deleted
from .deleting import delete_matching
from .dialects import insert_ignoring, insert_or_update
from .fetching import entity, is_sliced, key_subquery
from .keys import has_key
from .levels import Level, attribute_of, levels, stored_value
from .lists import forget_lists
from .models import Base
from .rows import Row
from .saving import ask_defaults, settle
from .transactions import atomic, write
from .values import is_sql, stored

T = TypeVar("T", bound=Base)


def delete_query(session: Session, target: type[T] | Select[T]) -> Deleted:
    """Delete the rows of a statement and what hangs on them; the number, and that per model."""
    return delete_matching(session, target if isinstance(target, Select) else select(target))


def update_query(session: Session, target: type[T] | Select[T], /, **values: Any) -> int:
    """UPDATE the rows of a statement and return their number.

    Values are attributes or relations, or SQL expressions over the model's own columns. Objects
    in memory keep what they have.
    """
    statement = target if isinstance(target, Select) else select(target)
    if is_sliced(statement):
        raise TypeError("Cannot update a query once a slice has been taken.")
    model = entity(statement)
    assigned = {
        attribute_of(model, name): stored_value(model, name, value)
        for name, value in values.items()
    }
    if len(levels(model)) > 1:
        return _update_levels(session, model, statement, assigned)
    level = levels(model)[-1]
    where = _own_condition(statement, level.table)
    if where is None:
        where = (level.key.in_(key_subquery(statement)),)
    with write(session):
        number = _run_update(session, level, assigned, where)
    forget_lists(session, model)
    return number


def _own_condition(statement: Select[Any], table: Table) -> tuple[Any, ...] | None:
    """The WHERE of a statement over the one table; None when it joins or groups.

    Kept as it is, the database checks it again for rows that somebody else changes meanwhile.
    """
    if statement._distinct or statement._group_by_clauses:
        return None
    if statement.get_final_froms() != [table]:
        return None
    return statement._where_criteria


def _run_update(
    session: Session, level: Level, assigned: Mapping[str, Any], where: Sequence[Any]
) -> int:
    values = {
        level.columns[key]: stored(session, level.columns[key], value, key)
        for key, value in assigned.items()
        if key in level.columns
    }
    if not values:
        return 0
    done = session.execute(level.update(where, values))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _update_levels(
    session: Session, model: type[Any], statement: Select[Any], assigned: Mapping[str, Any]
) -> int:
    """One UPDATE for each table that the values belong to."""
    with atomic(session, savepoint=False):
        keys = list(session.scalars(key_subquery(statement)))
        number = 0
        for level in levels(model):
            key = level.columns[level.keys[0]]
            if assigned.keys().isdisjoint(level.columns):
                continue
            where = key.in_(level.keys_of(session, keys))
            number = max(number, _run_update(session, level, assigned, (where,)))
    forget_lists(session, model)
    return number


def bulk_create(
    session: Session,
    objs: Iterable[T],
    *,
    ignore_conflicts: bool = False,
    update_conflicts: bool = False,
    update_fields: Collection[str] = (),
    unique_fields: Collection[str] = (),
) -> list[T]:
    """Insert new objects of one model; they get their keys unless conflicts are ignored."""
    rows = list(objs)
    if not rows:
        return rows
    model = type(rows[0])
    if len(levels(model)) > 1:
        raise ValueError("Can't bulk create a multi-table inherited model")
    for obj in rows:
        ask_defaults(session, obj)
    with atomic(session, savepoint=False):
        for keyed in (True, False):
            some = [obj for obj in rows if has_key(obj) is keyed]
            if ignore_conflicts:
                _insert_ignoring(session, some, keyed)
            elif update_conflicts:
                _insert_or_update(session, some, keyed, update_fields, unique_fields)
            else:
                _insert_all(session, some, keyed)
    forget_lists(session, model)
    return rows


def _insert_all(session: Session, objs: list[Any], keyed: bool) -> None:
    if not objs:
        return
    rows = [Row(session, obj, levels(type(obj))[-1], None) for obj in objs]
    Row.insert_many(rows, keyed)
    for row in rows:
        settle(session, row.obj, created=True)
        row.keep_apart()


def _insert_ignoring(session: Session, objs: list[Any], keyed: bool) -> None:
    if not objs:
        return
    level = levels(type(objs[0]))[-1]
    rows = [Row(session, obj, level, None).values(keyed) for obj in objs]
    named = [{column.name: value for column, value in row.items()} for row in rows]
    session.execute(insert_ignoring(session, level.table), named)


def _insert_or_update(
    session: Session,
    objs: list[Any],
    keyed: bool,
    update_fields: Collection[str],
    unique_fields: Collection[str],
) -> None:
    for obj in objs:
        model = type(obj)
        level = levels(model)[-1]
        values = Row(session, obj, level, None).values(keyed)
        changed = [level.columns[attribute_of(model, name)] for name in update_fields]
        unique = [level.columns[attribute_of(model, name)] for name in unique_fields]
        parts = [level.columns[key] for key in level.keys]
        statement = insert_or_update(session, level.table, values, changed, unique)
        found = session.execute(statement.returning(*parts)).one()
        for key, value in zip(level.keys, found, strict=True):
            setattr(obj, key, value)
        settle(session, obj, created=True)


def bulk_update(session: Session, objs: Iterable[Base], fields: Collection[str]) -> int:
    """UPDATE only `fields` of the given objects; the number of rows found."""
    rows = list(objs)
    if not fields:
        raise ValueError("Field names must be given to bulk_update().")
    if not all(has_key(obj) for obj in rows):
        raise ValueError("All bulk_update() objects must have a primary key set.")
    if not rows:
        return 0
    model = type(rows[0])
    keys = [attribute_of(model, name) for name in fields]
    if {key for level in levels(model) for key in level.keys} & set(keys):
        raise ValueError("bulk_update() cannot be used with primary key fields.")
    number = 0
    with atomic(session, savepoint=False):
        for obj in rows:
            number += _update_one(session, obj, keys)
    forget_lists(session, model)
    return number


def _update_one(session: Session, obj: Base, keys: Sequence[str]) -> int:
    number = 0
    for level in levels(type(obj)):
        assigned = {key: getattr(obj, key) for key in keys if key in level.columns}
        number = max(
            number, _run_update(session, level, assigned, (level.key == level.key_of(obj),))
        )
    settle_fields(obj, keys)
    return number


def settle_fields(obj: Base, keys: Sequence[str]) -> None:
    """What was written is no longer an unsaved assignment."""
    for key in keys:
        if not is_sql(found := getattr(obj, key)):
            set_committed_value(obj, key, found)


__all__ = ["bulk_create", "bulk_update", "delete_query", "update_query"]
