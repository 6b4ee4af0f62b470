"""Changing many-to-many relations: statements on the table between, and `m2m_changed`.

The relation is mapped `viewonly` with that table as `secondary`; reading it asks the database
again after each change here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, delete, inspect, select
from sqlalchemy.orm import RelationshipProperty, Session

from . import settings, signals
from .caching import per_class
from .deleting import delete_matching
from .dialects import insert_ignoring
from .levels import is_virtual, own_table
from .lists import forget_links
from .models import Base
from .transactions import atomic
from .values import prepared


@per_class
def names(model: type[Any]) -> tuple[str, ...]:
    """The many-to-many relations of a model, on either side."""
    found = [one for one in inspect(model).relationships if one.secondary is not None]
    return tuple(one.key for one in found if not is_virtual(one))


@dataclass(frozen=True)
class _Relation:
    """One side of a many-to-many relation: the table between and its two columns."""

    table: Table
    own: Column[Any]
    own_key: str
    other: Column[Any]
    other_key: str
    target: type[Any]
    through: type[Any] | None
    reverse: bool
    symmetrical: bool

    @property
    def plain(self) -> bool:
        """Whether no model was written for the table between: its rows are pairs only."""
        return self.through is None or bool(self.through.__auto_created__)


@per_class
def _relations(model: type[Any]) -> dict[str, _Relation]:
    return {name: _relation(model, name) for name in names(model)}


def _relation(model: type[Any], name: str) -> _Relation:
    relation: RelationshipProperty[Any] = inspect(model).relationships[name]
    table: Any = relation.secondary
    local, own = next(iter(relation.synchronize_pairs))
    remote, other = next(iter(relation.secondary_synchronize_pairs or ()))
    mappers = relation.mapper.registry.mappers
    return _Relation(
        table=table,
        own=table.c[own.key],
        own_key=inspect(model).get_property_by_column(local).key,
        other=table.c[other.key],
        other_key=relation.mapper.get_property_by_column(remote).key,
        target=relation.mapper.class_,
        through=next((one.class_ for one in mappers if own_table(one) is table), None),
        reverse=bool(relation.info.get("reverse", False)),
        symmetrical=bool(relation.info.get("symmetrical", False)),
    )


class _Change:
    """One operation on the list of one object."""

    def __init__(self, session: Session, obj: Base, name: str) -> None:
        self.session = session
        self.obj = obj
        self.name = name
        self.relation = _relations(type(obj))[name]
        self.key = getattr(obj, self.relation.own_key)
        if self.key is None:
            raise ValueError(
                f'"{obj!r}" needs to have a value for field "{self.relation.own_key}" before '
                "this many-to-many relationship can be used."
            )

    def keys(self, members: Iterable[Any]) -> set[Any]:
        """The keys of objects, or of values that stand for keys."""
        target = self.relation.target
        column = getattr(target, self.relation.other_key)
        found = set()
        for member in members:
            if isinstance(member, Base):
                if not isinstance(member, target):
                    raise TypeError(f"'{target.__name__}' instance expected, got {member!r}")
                value = getattr(member, self.relation.other_key)
                if value is None:
                    raise ValueError(f'Cannot add "{member!r}": it has no primary key')
                found.add(value)
            else:
                found.add(prepared(column, member, self.relation.other_key))
        return found

    def present(self) -> set[Any]:
        """The keys in the list now."""
        relation = self.relation
        statement = select(relation.other).where(relation.own == self.key)
        return set(self.session.scalars(statement))

    def send(self, action: str, keys: Collection[Any] | None) -> None:
        relation = self.relation
        signals.m2m_changed.send(
            self.session,
            relation.through or relation.target,
            instance=self.obj,
            action=action,
            reverse=relation.reverse,
            model=relation.target,
            pk_set=None if keys is None else set(keys),
            using="default",
        )

    def add(self, members: Iterable[Any], extra: Mapping[str, Any]) -> None:
        relation = self.relation
        keys = self.keys(members)
        if not keys:
            return
        listened = signals.m2m_changed.has_listeners(relation.through or relation.target)
        self._link(relation.own, relation.other, keys, extra, announce=listened)
        if relation.symmetrical:
            self._link(relation.other, relation.own, keys, extra, announce=False)

    def _link(
        self,
        own: Column[Any],
        other: Column[Any],
        keys: set[Any],
        extra: Mapping[str, Any],
        announce: bool,
    ) -> None:
        """Insert the pairs that lack; the database itself skips those of a plain table."""
        plain = self.relation.plain
        if announce or not plain or settings.DJANGO < (2, 2):  # it asked first, whatever happens
            statement = select(other).where(own == self.key, other.in_(keys))
            keys = keys.difference(self.session.scalars(statement).all())
        if announce:
            self.send("pre_add", keys)
        # In the order of the set, as Django does: the rows' own keys follow from it.
        rows = [self._row(own, other, key, extra) for key in keys]
        if rows and plain:
            self.session.execute(insert_ignoring(self.session, self.relation.table), rows)
        elif rows:
            self.session.execute(self.relation.table.insert(), rows)
        if announce:
            self.send("post_add", keys)

    def _row(
        self, own: Column[Any], other: Column[Any], key: Any, extra: Mapping[str, Any]
    ) -> dict[str, Any]:
        through = self.relation.through
        values: dict[str, Any] = {own.key: self.key, other.key: key}
        if through is None or self.relation.plain:
            return values
        mapper = inspect(through)
        called = {name: one() if callable(one) else one for name, one in extra.items()}
        link = through(**called)
        return {
            column.key: getattr(link, mapper.get_property_by_column(column).key)
            for column in own_table(mapper).columns
            if not (column.primary_key and column.identity)
        } | values

    def remove(self, keys: set[Any]) -> None:
        if not keys:
            return
        relation = self.relation
        self.send("pre_remove", keys)
        condition = (relation.own == self.key) & relation.other.in_(keys)
        if relation.symmetrical:
            condition |= (relation.other == self.key) & relation.own.in_(keys)
        self._delete(condition)
        self.send("post_remove", keys)

    def clear(self) -> None:
        relation = self.relation
        self.send("pre_clear", None)
        condition = relation.own == self.key
        if relation.symmetrical:
            condition |= relation.other == self.key
        self._delete(condition)
        self.send("post_clear", None)

    def _delete(self, condition: Any) -> None:
        through = self.relation.through
        if through is None:
            self.session.execute(delete(self.relation.table).where(condition))
        else:
            delete_matching(self.session, select(through).where(condition))

    def replace(self, members: Iterable[Any], extra: Mapping[str, Any]) -> None:
        """Remove what is not wanted, then add what lacks or is named twice."""
        surplus, lacking = self.present(), []
        for member in members:
            (key,) = self.keys([member])
            if key in surplus:
                surplus.remove(key)
            else:
                lacking.append(key)
        self.remove(surplus)
        self.add(lacking, extra)

    def forget(self) -> None:
        """Make the next reading of any list over this table ask the database."""
        forget_links(self.session, self.obj, self.name, self.relation.table)


def m2m_add(
    session: Session,
    obj: Base,
    name: str,
    *members: Any,
    through_defaults: Mapping[str, Any] | None = None,
) -> None:
    """Add objects or keys that the list lacks."""
    change = _Change(session, obj, name)
    with atomic(session, savepoint=False):
        change.add(members, through_defaults or {})
    change.forget()


def m2m_remove(session: Session, obj: Base, name: str, *members: Any) -> None:
    """Take objects or keys from the list; those it lacks are no error."""
    change = _Change(session, obj, name)
    with atomic(session, savepoint=False):
        change.remove(change.keys(members))
    change.forget()


def m2m_clear(session: Session, obj: Base, name: str) -> None:
    """Empty the list."""
    change = _Change(session, obj, name)
    with atomic(session, savepoint=False):
        change.clear()
    change.forget()


def m2m_set(
    session: Session,
    obj: Base,
    name: str,
    members: Iterable[Any],
    *,
    clear: bool = False,
    through_defaults: Mapping[str, Any] | None = None,
) -> None:
    """Make the list hold exactly `members`; with `clear` it is emptied first."""
    change = _Change(session, obj, name)
    wanted = tuple(members)
    with atomic(session, savepoint=False):
        if clear:
            change.clear()
            change.add(wanted, through_defaults or {})
        else:
            change.replace(wanted, through_defaults or {})
    change.forget()
