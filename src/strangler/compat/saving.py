"""Writing one object: UPDATE, else INSERT, of every column, as Django's `Model.save()` does."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Column, inspect
from sqlalchemy.orm import InstanceState, Session, make_transient, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from . import signals
from .caching import per_class
from .levels import attribute_of, forward, levels
from .lists import forget_lists
from .rows import Row
from .transactions import atomic, write
from .values import is_sql, prepared


@per_class
def _asking(model: type[Any]) -> tuple[tuple[str, Column[Any]], ...]:
    """The attributes whose default asks the database, with their columns."""
    found = [(prop.key, prop.columns[0]) for prop in inspect(model).column_attrs]
    return tuple((k, c) for k, c in found if isinstance(c, Column) and "asked" in c.info)


def ask_defaults(session: Session, obj: Any) -> None:
    """Give a new object the defaults that need a session, where it was given nothing."""
    state = inspect(obj)
    for key, column in _asking(type(obj)) if state.key is None else ():
        if key not in state.dict:
            setattr(obj, key, prepared(column, column.info["asked"](session), key))


def save_row(
    session: Session,
    obj: Any,
    *,
    update_fields: Collection[str] | None = None,
    force_insert: bool = False,
    force_update: bool = False,
) -> None:
    """Save `obj`; raises DatabaseError when a forced update finds no row.

    What the database refuses is SQLAlchemy's IntegrityError or DataError. `obj` belongs to
    the session afterwards.
    """
    ask_defaults(session, obj)
    check_related(obj)
    if force_insert and (force_update or update_fields):
        raise ValueError("Cannot force both insert and updating in model saving.")
    fields = _fields_to_update(obj, update_fields, force_insert)
    if fields is not None and not fields:
        return
    model = type(obj)
    facts = {"instance": obj, "raw": False, "using": "default", "update_fields": fields}
    if not model.__auto_created__:
        signals.pre_save.send(session, model, **facts)
    created = False
    rows: list[Row] = []
    _hand_up_key(obj)
    with _transaction(session, model):
        for level in levels(model):
            row = Row(session, obj, level, fields)
            rows.append(row)
            last = level is levels(model)[-1]
            created = row.save(created or (force_insert and last), force_update and last)
    settle(session, obj, created, None if fields is None else _left(obj, fields))
    for row in rows:
        row.keep_apart()
    forget_lists(session, model)
    if not model.__auto_created__:
        signals.post_save.send(session, model, created=created, **facts)


def _transaction(session: Session, model: type[Any]) -> AbstractContextManager[Any]:
    return write(session) if len(levels(model)) == 1 else atomic(session, savepoint=False)


def _hand_up_key(obj: Any) -> None:
    """A child given the keys of existing parents' rows extends those rows."""
    for level in reversed(levels(type(obj))):
        for own, above in level.links.items():
            if getattr(obj, own) is not None and getattr(obj, above) is None:
                setattr(obj, above, getattr(obj, own))


def _fields_to_update(
    obj: Any, wanted: Collection[str] | None, force_insert: bool
) -> frozenset[str] | None:
    """The attributes to write: None for all. Names may be those of relations."""
    state = inspect(obj)
    own = {key for level in levels(type(obj)) for key in level.others}
    if wanted is not None:
        names = {attribute_of(type(obj), name): name for name in wanted}
        if unknown := [name for key, name in names.items() if key not in own]:
            raise ValueError(
                "The following fields do not exist in this model, are m2m fields, primary keys, "
                f"or are non-concrete fields: {', '.join(unknown)}"
            )
        return frozenset(names)
    if state.key is None or force_insert:
        return None
    deferred = own & state.unloaded
    return frozenset(own - deferred) if deferred and own - deferred else None


def check_related(obj: Any) -> None:
    """Refuse an object whose foreign keys point at objects that were never saved."""
    state = inspect(obj)
    for name, key, target in forward(type(obj)):
        other = state.dict.get(name)
        if other is None:
            continue
        value = getattr(other, target)
        if value is None:
            raise ValueError(
                f"save() prohibited to prevent data loss due to unsaved related object '{name}'."
            )
        if getattr(obj, key) is None:
            setattr(obj, key, value)


def _left(obj: Any, fields: Collection[str]) -> frozenset[str]:
    """The columns that are not among those which were written."""
    return frozenset(inspect(obj).mapper.column_attrs.keys()) - frozenset(fields)


def settle(session: Session, obj: Any, created: bool, left: Collection[str] | None = None) -> None:
    """Make what was written the object's known state, in this session; not what was `left`."""
    state: InstanceState[Any] = inspect(obj)
    if created or state.key is None or state.session is not session:
        make_transient(obj)
        make_transient_to_detached(obj)
        assert state.key is not None
        other = session.identity_map.get(state.key)
        if other is not None and other is not obj:
            session.expunge(other)
        for key in {
            key for level in levels(type(obj)) for key in level.columns
        } - state.dict.keys():
            # Never set, so None was written: reading it must not ask the database again.
            set_committed_value(obj, key, None)
        session.add(obj)
        if created:
            _fill(obj, state)
        return
    for key in tuple(state.committed_state):
        if key in state.dict and key not in (left or ()) and not is_sql(state.dict[key]):
            set_committed_value(obj, key, state.dict[key])


def _fill(obj: Any, state: InstanceState[Any]) -> None:
    """Columns that were given nothing hold NULL now: reading them asks no database."""
    for attribute in state.mapper.column_attrs:
        column = attribute.columns[0]
        if not isinstance(column, Column):
            continue  # what only a query computes
        if attribute.key not in state.dict and column.server_default is None:
            set_committed_value(obj, attribute.key, None)
