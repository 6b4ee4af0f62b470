"""Deleting as Django does: `on_delete` of every foreign key is carried out here, not by SQL."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from . import signals
from .errors import ProtectedError, RestrictedError
from .fetching import primary_key
from .levels import levels, own_table, parents
from .lists import forget_lists
from .relations import (
    CASCADE,
    DO_NOTHING,
    PROTECT,
    RESTRICT,
    SET,
    SET_DEFAULT,
    SET_NULL,
    GenericRelation,
    OnDelete,
    Reference,
    concrete,
    references,
    related_by_content_type,
)
from .transactions import atomic
from .values import prepared

Deleted = tuple[int, dict[str, int]]
# The most values in one IN list.
BATCH = 5000


def name_of(model: type[Any]) -> str:
    """Django's name of the model class."""
    return str(model.django_label().rpartition(".")[2])


def _batches(values: list[Any]) -> Iterator[list[Any]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


@dataclass(frozen=True)
class Fast:
    """Rows that one DELETE removes without looking at them."""

    model: type[Any]
    where: ColumnElement[bool]

    def run(self, session: Session) -> int:
        table = own_table(inspect(self.model))
        found = session.execute(delete(table).where(self.where))
        return int(found.rowcount)  # type: ignore[attr-defined]


class Collector:
    """Everything that one delete takes along."""

    def __init__(self, session: Session, origin: Any) -> None:
        self.session = session
        self.origin = origin
        self.data: dict[type[Any], dict[Any, None]] = {}
        self.dependencies: dict[type[Any], set[type[Any]]] = {}
        self.updates: list[tuple[Reference, Any, list[Any]]] = []
        self.restricted: dict[Reference, dict[Any, None]] = {}
        self.fast: list[Fast] = []

    def collect(
        self,
        objs: list[Any],
        source: type[Any] | None = None,
        *,
        nullable: bool = False,
        reverse: bool = False,
        related: bool = True,
        top: bool = False,
    ) -> None:
        """Add objects of one model, their parents' rows and what points to them."""
        new = self._add(objs, source, nullable, reverse)
        if not new:
            return
        model = type(new[0])
        self._collect_parents(model, new)
        if not related:
            return
        protected: dict[str, list[Any]] = {}
        later: list[Fast] = []
        for reference in references(model):
            values = reference.values(new)
            if reference.on_delete == DO_NOTHING:
                continue
            if can_fast_delete(reference.model, reference):
                later += [Fast(reference.model, reference.holds(v)) for v in _batches(values)]
                continue
            self._follow(reference, values, protected)
        if protected:
            raise ProtectedError(
                f"Cannot delete some instances of model '{name_of(model)}' because they are "
                f"referenced through protected foreign keys: {', '.join(protected)}.",
                [obj for found in protected.values() for obj in found],
            )
        self.fast += later
        self._collect_generic(model, new)
        if top:
            self._check_restricted(model)

    def _add(
        self, objs: list[Any], source: type[Any] | None, nullable: bool, reverse: bool
    ) -> list[Any]:
        if not objs:
            return []
        model = type(objs[0])
        known = self.data.setdefault(model, {})
        new = [obj for obj in objs if obj not in known]
        known.update(dict.fromkeys(new))
        if source is not None and not nullable:
            self._depend(*((model, source) if reverse else (source, model)))
        return new

    def _depend(self, model: type[Any], dependency: type[Any]) -> None:
        self.dependencies.setdefault(concrete(model), set()).add(concrete(dependency))
        self.data.setdefault(dependency, {})

    def _collect_parents(self, model: type[Any], objs: list[Any]) -> None:
        for own, parent in parents(model):
            key = primary_key(parent)
            keys = [getattr(obj, own) for obj in objs]
            rows = [row for v in _batches(keys) for row in self._load(parent, key.in_(v))]
            self.collect(rows, model, reverse=True, related=False)

    def _load(self, model: type[Any], where: Any) -> list[Any]:
        statement = select(model).where(where)
        return list(self.session.scalars(statement).unique())

    def _follow(
        self, reference: Reference, values: list[Any], protected: dict[str, list[Any]]
    ) -> None:
        """Do what the foreign key asks for with the rows that hold one of `values`."""
        kind = reference.on_delete
        if kind == SET_NULL or (kind.name == "SET" and not callable(kind.value)):
            self._update(reference, values)
            return
        found = [
            row
            for v in _batches(values)
            for row in self._load(reference.model, reference.leads_to(v))
        ]
        if not found:
            return
        key = f"'{name_of(reference.model)}.{reference.name}'"
        if kind == CASCADE:
            try:
                self.collect(found, reference.target, nullable=reference.nullable)
            except ProtectedError as error:
                protected.setdefault(key, []).extend(error.protected_objects)
            if reference.nullable and self._checks_at_once():
                self.updates.append((reference, None, values))
        elif kind == PROTECT:
            protected.setdefault(key, []).extend(found)
        elif kind == RESTRICT:
            self.restricted.setdefault(reference, {}).update(dict.fromkeys(found))
            self._depend(reference.target, reference.model)
        else:
            self._update(reference, values)

    def _checks_at_once(self) -> bool:
        """Whether the database never waits with foreign keys for the end of the transaction."""
        return self.session.get_bind().dialect.name == "mariadb"

    def _update(self, reference: Reference, values: list[Any]) -> None:
        value = reference.on_delete.replacement(
            reference.column, reference.target_key, self.session
        )
        self.updates.append((reference, value, values))

    def _collect_generic(self, model: type[Any], objs: list[Any]) -> None:
        for relation in model.__generic__:
            found = related_by_content_type(self.session, model, relation)
            if found is None:
                continue
            target, condition = found
            column = getattr(target, relation.object_id)
            keys = [prepared(column, obj.pk, relation.object_id) for obj in objs]
            if can_fast_delete(target):
                self.fast += [Fast(target, condition & column.in_(v)) for v in _batches(keys)]
                continue
            rows = [
                row for v in _batches(keys) for row in self._load(target, condition & column.in_(v))
            ]
            self.collect(rows, model, nullable=True)

    def _check_restricted(self, model: type[Any]) -> None:
        """Restricted rows are no obstacle when another way deletes them too."""
        left: dict[str, list[Any]] = {}
        for reference, rows in self.restricted.items():
            gone = set(self.data.get(reference.model, ()))
            for fast in self.fast:
                if fast.model is reference.model:
                    gone.update(self._load(fast.model, fast.where))
            if kept := [row for row in rows if row not in gone]:
                key = f"'{name_of(reference.model)}.{reference.name}'"
                left.setdefault(key, []).extend(kept)
        if left:
            raise RestrictedError(
                f"Cannot delete some instances of model '{name_of(model)}' because they are "
                f"referenced through restricted foreign keys: {', '.join(left)}.",
                [obj for found in left.values() for obj in found],
            )

    def _sorted(self) -> list[tuple[type[Any], list[Any]]]:
        """Models so that what depends on others goes first; as collected if there is a circle."""
        rows = {model: sorted(objs, key=lambda obj: obj.pk) for model, objs in self.data.items()}
        order: list[type[Any]] = []
        done: set[type[Any]] = set()
        while len(order) < len(rows):
            ready = [
                model
                for model in rows
                if model not in order and not self.dependencies.get(concrete(model), set()) - done
            ]
            if not ready:
                return list(rows.items())
            order.append(ready[0])
            done.add(concrete(ready[0]))
        return [(model, rows[model]) for model in order]

    def delete(self) -> Deleted:
        """Send signals, update and delete, in one transaction."""
        ordered = self._sorted()
        counter: Counter[str] = Counter()
        with atomic(self.session, savepoint=False):
            for model, objs in ordered:
                self._send(signals.pre_delete, model, objs)
            for fast in self.fast:
                counter[fast.model.django_label()] += fast.run(self.session)
            for reference, value, keys in self.updates:
                for batch in _batches(keys):
                    self._set(reference, value, batch)
            for model, objs in ordered:
                counter[model.django_label()] += self.delete_rows(model, objs)
                self._send(signals.post_delete, model, list(reversed(objs)))
        self.forget([obj for _, objs in ordered for obj in objs])
        counted = {label: number for label, number in counter.items() if number}
        return sum(counted.values()), counted

    def _send(self, signal: signals.Signal, model: type[Any], objs: Iterable[Any]) -> None:
        if model.__auto_created__:
            return
        for obj in objs:
            signal.send(self.session, model, instance=obj, using="default", origin=self.origin)

    def _set(self, reference: Reference, value: Any, keys: list[Any]) -> None:
        column = reference.column
        level = levels(reference.model)[-1]
        self.session.execute(level.update((column.in_(keys),), {column: value}))

    def delete_rows(self, model: type[Any], objs: list[Any]) -> int:
        level = levels(model)[-1]
        total = 0
        for batch in _batches([obj.pk for obj in objs]):
            total += self.session.execute(delete(level.table).where(level.key.in_(batch))).rowcount  # type: ignore[attr-defined]
        return total

    def forget(self, objs: list[Any]) -> None:
        for obj in objs:
            if obj in self.session:
                self.session.expunge(obj)
        for model in {*self.data, *(fast.model for fast in self.fast)}:
            forget_lists(self.session, model)


def can_fast_delete(model: type[Any], source: Reference | None = None) -> bool:
    """Whether rows of `model` can be deleted unseen: nothing hangs on them, nobody listens."""
    if source is not None and source.on_delete != CASCADE:
        return False
    if signals.pre_delete.has_listeners(model) or signals.post_delete.has_listeners(model):
        return False
    has_other_parent = len(levels(model)) > 1 and not (source is not None and source.parent_link)
    if has_other_parent or model.__generic__:
        return False
    return all(one.on_delete == DO_NOTHING for one in references(model))


__all__ = [
    "CASCADE",
    "DO_NOTHING",
    "PROTECT",
    "RESTRICT",
    "SET",
    "SET_DEFAULT",
    "SET_NULL",
    "Collector",
    "GenericRelation",
    "OnDelete",
    "can_fast_delete",
]
