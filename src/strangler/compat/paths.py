"""Columns named by Django's paths, such as "category__name", and the joins they need."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, inspect
from sqlalchemy.orm import InstrumentedAttribute, RelationshipProperty, aliased

from .keys import key_name

SEPARATOR = "__"


class Paths:
    """Resolves paths that start at `root`, a model or an alias of one.

    Relations are joined from the left, each path once, so that rows without a related row stay;
    `joined(statement)` adds the joins that were needed. `to_many` tells whether one of them can
    multiply rows.
    """

    def __init__(self, root: Any) -> None:
        self.root = root
        self.to_many = False
        self._aliases: dict[tuple[str, ...], Any] = {}
        self._joins: list[tuple[Any, Any]] = []

    def find(self, reference: Any) -> tuple[Any, Sequence[str]]:
        """Return the column that `reference` names, and the lookups that follow it.

        An attribute of the root model is looked up on the alias that the root may be; any other
        expression is returned as it is.
        """
        if isinstance(reference, InstrumentedAttribute):
            if reference.class_ is inspect(self.root).mapper.class_:
                return self._end(self.root, reference.key), ()
            return reference, ()
        if not isinstance(reference, str):
            return reference, ()
        return self._walk(reference.split(SEPARATOR))

    def column(self, reference: Any) -> Any:
        """Return the column that `reference` names; LookupError when more follows it."""
        column, rest = self.find(reference)
        if rest:
            raise LookupError(f"{reference!r} does not name a column")
        return column

    def joined(self, statement: Select[Any]) -> Select[Any]:
        """Add the joins of all paths found so far."""
        for attribute, alias in self._joins:
            statement = statement.outerjoin(alias, attribute.of_type(alias))
        return statement

    def _walk(self, parts: list[str]) -> tuple[Any, Sequence[str]]:
        entity = self.root
        taken: tuple[str, ...] = ()
        for index, part in enumerate(parts):
            relation = _relation(entity, part)
            if relation is None:
                return self._end(entity, part), parts[index + 1 :]
            following = parts[index + 1 :]
            # "category__id" and "category__pk" are the foreign key itself: no join.
            if not following or _own_key(relation, following[0]) is not None:
                own = _own_key(relation, following[0] if following else "pk")
                if own is not None:
                    return getattr(entity, own), following[1:]
            taken = (*taken, part)
            entity = self._alias(entity, part, relation, taken)
            if not following or not _names(entity, following[0]):
                return self._end(entity, "pk"), following
        raise LookupError(SEPARATOR.join(parts))

    def _alias(
        self, entity: Any, part: str, relation: RelationshipProperty[Any], taken: tuple[str, ...]
    ) -> Any:
        if taken not in self._aliases:
            alias = aliased(relation.mapper.class_)
            self._aliases[taken] = alias
            self._joins.append((getattr(entity, part), alias))
            self.to_many = self.to_many or bool(relation.uselist)
        return self._aliases[taken]

    def _end(self, entity: Any, name: str) -> Any:
        if name == "pk":
            name = key_name(inspect(entity).mapper.class_)
        return getattr(entity, name)


def _relation(entity: Any, name: str) -> RelationshipProperty[Any] | None:
    relation: RelationshipProperty[Any] | None = inspect(entity).mapper.relationships.get(name)
    return relation


def _names(entity: Any, name: str) -> bool:
    return name == "pk" or name in inspect(entity).mapper.attrs


def _own_key(relation: RelationshipProperty[Any], name: str) -> str | None:
    """Return the foreign key on this side that equals `name` on the other, if it is one."""
    if relation.uselist or relation.secondary is not None:
        return None
    mapper = relation.mapper
    wanted = key_name(mapper.class_) if name == "pk" else name
    for local, remote in relation.local_remote_pairs or ():
        if not local.foreign_keys:
            continue
        if mapper.get_property_by_column(remote).key == wanted:
            return str(relation.parent.get_property_by_column(local).key)
    return None


def ordered(paths: Paths, terms: Sequence[Any]) -> list[ColumnElement[Any]]:
    """Turn "price" and "-created_at" into the expressions to order by."""
    found = []
    for term in terms:
        if isinstance(term, str):
            column = paths.column(term.removeprefix("-"))
            found.append(column.desc() if term.startswith("-") else column.asc())
        else:
            found.append(term)
    return found
