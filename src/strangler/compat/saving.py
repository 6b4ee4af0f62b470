"""Writing one object: UPDATE, else INSERT, of every column, as Django's `Model.save()` does."""

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Column, Table, exists, insert, inspect, select, update
from sqlalchemy.orm import (
    InstanceState,
    Mapper,
    RelationshipDirection,
    Session,
    make_transient,
    make_transient_to_detached,
)
from sqlalchemy.orm.attributes import set_committed_value

from . import signals
from .caching import per_class
from .clock import STAMPS
from .transactions import atomic, write
from .values import prepared


class DatabaseError(Exception):
    """A save that had to update a row found none."""


@per_class
def key_name(model: type[Any]) -> str:
    """The attribute that holds the primary key of a model with one key column."""
    mapper = inspect(model)
    return str(mapper.get_property_by_column(mapper.local_table.primary_key.columns[0]).key)


class _Level:
    """One table of a model: a model that extends another has its parent's table and its own."""

    def __init__(self, mapper: Mapper[Any]) -> None:
        assert isinstance(mapper.local_table, Table)
        self.table = mapper.local_table
        self.model = mapper.class_
        mapped = {column for prop in mapper.column_attrs for column in prop.columns}
        own = {
            mapper.get_property_by_column(column).key: column
            for column in self.table.columns
            if column in mapped
        }
        self.columns = {key: column for key, column in own.items() if column.computed is None}
        self.keys = [key for key, column in self.columns.items() if column.primary_key]
        self.others = [key for key in self.columns if key not in self.keys]
        # what the database fills in when the INSERT leaves it out
        self.generated = {
            key: column
            for key, column in own.items()
            if column.computed is not None
            or (column.server_default is not None and column.identity is None)
        }
        parent = _parent(mapper)
        self.parent_key = key_name(parent.class_) if parent is not None else None


def _parent(mapper: Mapper[Any]) -> Mapper[Any] | None:
    """The mapper of the next table up; a proxy shares its parent's table."""
    up = mapper.inherits
    while up is not None and up.local_table is mapper.local_table:
        up = up.inherits
    return up


@per_class
def levels(model: type[Any]) -> tuple[_Level, ...]:
    """The tables of a model, the topmost parent's first."""
    found: list[_Level] = []
    mapper: Mapper[Any] | None = inspect(model)
    while mapper is not None:
        found.append(_Level(mapper))
        mapper = _parent(mapper)
    return tuple(reversed(found))


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
    _check_related(obj)
    if force_insert and (force_update or update_fields):
        raise ValueError("Cannot force both insert and updating in model saving.")
    fields = _fields_to_update(obj, update_fields, force_insert)
    if fields is not None and not fields:
        return
    model = type(obj)
    facts = {"instance": obj, "raw": False, "using": "default", "update_fields": fields}
    signals.pre_save.send(session, model, **facts)
    created = False
    with _transaction(session, model):
        for level in levels(model):
            created = _Row(session, obj, level, fields).save(created or force_insert, force_update)
    _settle(session, obj, created)
    signals.post_save.send(session, model, created=created, **facts)


def _transaction(session: Session, model: type[Any]) -> AbstractContextManager[Any]:
    return write(session) if len(levels(model)) == 1 else atomic(session, savepoint=False)


def _fields_to_update(
    obj: Any, wanted: Collection[str] | None, force_insert: bool
) -> frozenset[str] | None:
    """The attributes to write: None for all. Names may be those of relations."""
    state = inspect(obj)
    mapper = state.mapper
    own = {key for level in levels(type(obj)) for key in level.others}
    if wanted is not None:
        names = {_column_key(mapper, name): name for name in wanted}
        if unknown := [name for key, name in names.items() if key not in own]:
            raise ValueError(
                "The following fields do not exist in this model, are m2m fields, primary keys, "
                f"or are non-concrete fields: {', '.join(unknown)}"
            )
        return frozenset(names)
    deferred = own & state.unloaded if state.key is not None and not force_insert else None
    if deferred and (loaded := own - deferred):
        return frozenset(loaded)
    return None


def _column_key(mapper: Mapper[Any], name: str) -> str:
    relation = mapper.relationships.get(name)
    if relation is None or relation.direction is not RelationshipDirection.MANYTOONE:
        return name
    return str(mapper.get_property_by_column(next(iter(relation.local_columns))).key)


def _check_related(obj: Any) -> None:
    """Refuse an object whose foreign keys point at objects that were never saved."""
    state = inspect(obj)
    for name, key, target in _forward(type(obj)):
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


@per_class
def _forward(model: type[Any]) -> tuple[tuple[str, str, str], ...]:
    """(relation, attribute of its column, attribute of the target) of each foreign key."""
    mapper = inspect(model)
    return tuple(
        (
            relation.key,
            str(mapper.get_property_by_column(column).key),
            str(relation.mapper.get_property_by_column(target).key),
        )
        for relation in mapper.relationships
        if relation.direction is RelationshipDirection.MANYTOONE
        for column, target in relation.local_remote_pairs
    )


class _Row:
    """One object in one of its tables."""

    def __init__(
        self, session: Session, obj: Any, level: _Level, fields: frozenset[str] | None
    ) -> None:
        self.session = session
        self.obj = obj
        self.level = level
        self.fields = fields
        if level.parent_key is not None:
            setattr(obj, level.keys[0], getattr(obj, level.parent_key))

    def save(self, force_insert: bool, force_update: bool) -> bool:
        """Write the row; whether it was inserted."""
        has_key = all(getattr(self.obj, key) is not None for key in self.level.keys)
        if not has_key and (force_update or self.fields):
            raise ValueError("Cannot force an update in save() with no primary key.")
        adding = inspect(self.obj).key is None
        if adding and not force_update and self._key_has_default():
            force_insert = True
        if has_key and not force_insert:
            if self._update():
                return False
            if force_update:
                raise DatabaseError("Forced update did not affect any rows.")
            if self.fields:
                raise DatabaseError("Save with update_fields did not affect any rows.")
        self._insert(has_key)
        return True

    def _key_has_default(self) -> bool:
        columns = [self.level.columns[key] for key in self.level.keys]
        return all(
            column.default is not None
            or (column.server_default is not None and column.identity is None)
            for column in columns
        )

    def _update(self) -> bool:
        level = self.level
        where = [level.columns[key] == self._value(key) for key in level.keys]
        values = {
            level.columns[key]: self._stamped(key, level.columns[key].onupdate)
            for key in level.others
            if self.fields is None or key in self.fields
        }
        if not values:
            if self.fields is not None:
                return True
            return bool(self.session.scalar(select(exists().where(*where))))
        done = self.session.execute(update(level.table).where(*where).values(values))
        return bool(done.rowcount)  # type: ignore[attr-defined]

    def _insert(self, has_key: bool) -> None:
        level = self.level
        state: InstanceState[Any] = inspect(self.obj)
        values: dict[Column[Any], Any] = {}
        for key, column in level.columns.items():
            automatic = not has_key and key in level.keys
            if automatic or (key in level.generated and key not in state.dict):
                continue
            values[column] = self._stamped(key, column.default)
        returned = {key: col for key, col in level.generated.items() if col not in values}
        if not has_key:
            returned |= {key: level.columns[key] for key in level.keys}
        statement = insert(level.table).values(values)
        if not returned:
            self.session.execute(statement)
            return
        row = self.session.execute(statement.returning(*returned.values())).one()
        for key, value in zip(returned, row, strict=True):
            setattr(self.obj, key, value)

    def _stamped(self, key: str, default: Any) -> Any:
        if default is not None and default.is_callable and default.arg in STAMPS:
            setattr(self.obj, key, default.arg(None))
        return self._value(key)

    def _value(self, key: str) -> Any:
        return prepared(self.level.columns[key], getattr(self.obj, key), key)


def _settle(session: Session, obj: Any, created: bool) -> None:
    """Make what was written the object's known state, and drop lists that may have changed."""
    state: InstanceState[Any] = inspect(obj)
    if created or state.key is None or state.session is not session:
        make_transient(obj)
        make_transient_to_detached(obj)
        assert state.key is not None
        other = session.identity_map.get(state.key)
        if other is not None and other is not obj:
            session.expunge(other)
        session.add(obj)
    else:
        for key in _known(state):
            set_committed_value(obj, key, state.dict[key])
    forget_lists(session, type(obj))


def _known(state: InstanceState[Any]) -> Iterator[str]:
    return (key for key in tuple(state.committed_state) if key in state.dict)


def forget_lists(session: Session, model: type[Any]) -> None:
    """Expire the loaded lists of `model` rows, so that the next reading asks the database."""
    for one in tuple(session.identity_map.values()):
        state = inspect(one)
        stale = [name for name in _lists(type(one)).get(model, ()) if name in state.dict]
        if stale:
            session.expire(one, stale)


@per_class
def _lists(owner: type[Any]) -> dict[type[Any], list[str]]:
    """The to-many and reverse one-to-one relations of a model by the model they list."""
    found: dict[type[Any], list[str]] = {}
    for relation in inspect(owner).relationships:
        if relation.direction is not RelationshipDirection.MANYTOONE:
            for mapper in relation.mapper.self_and_descendants:
                found.setdefault(mapper.class_, []).append(relation.key)
    return found
