"""Which rows hang on a row: foreign keys with their `on_delete`, and generic relations."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Column, inspect, select, tuple_
from sqlalchemy.orm import Mapper, RelationshipDirection, RelationshipProperty, Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.elements import ColumnElement

from .caching import per_class
from .levels import is_virtual, levels, own_table, parents

M = TypeVar("M")


@dataclass(frozen=True)
class OnDelete:
    """What happens to a row when the row that it points to is deleted."""

    name: str
    value: Any = None

    def replacement(self, column: Column[Any], key: str, session: Session) -> Any:
        """What the foreign key to the attribute `key` becomes; only for the `SET…` kinds."""
        asked = column.info.get("asked") if self.name == "SET_DEFAULT" else None
        if self.name == "SET" or asked is not None:
            value = asked or self.value
            found = value(session) if callable(value) else value
            return getattr(found, key) if hasattr(found, "__mapper__") else found
        default: Any = column.default if self.name == "SET_DEFAULT" else None
        if default is None:
            return None
        return default.arg(None) if default.is_callable else default.arg


CASCADE = OnDelete("CASCADE")
PROTECT = OnDelete("PROTECT")
RESTRICT = OnDelete("RESTRICT")
SET_NULL = OnDelete("SET_NULL")
SET_DEFAULT = OnDelete("SET_DEFAULT")
DO_NOTHING = OnDelete("DO_NOTHING")


def SET(value: Any) -> OnDelete:
    """Point to `value` instead; a function is called with the session and gives it."""
    return OnDelete("SET", value)


def one(model: type[M], row: M | None, told: str) -> M:
    """The row at the other side of a one-to-one relation; `told`: what is said where there is none.

    Where there is none, Django's RelatedObjectDoesNotExist: `model.DoesNotExist`, and an
    AttributeError as well.
    """
    if row is not None:
        return row
    above: Any = getattr(model, "DoesNotExist")  # noqa: B009  # models are not known here
    error = type("RelatedObjectDoesNotExist", (above, AttributeError), {})
    raise error(told)


def relate(row: Any, name: str, other: Any) -> None:
    """Assign the row at the other side of a one-to-one relation, which then points to this one."""
    relation = inspect(type(row)).relationships[name]
    local, remote = relation.local_remote_pairs[0]
    mapper = relation.mapper
    key = inspect(type(row)).get_property_by_column(local).key
    setattr(other, mapper.get_property_by_column(remote).key, getattr(row, key))
    set_committed_value(row, name, other)


@dataclass(frozen=True)
class GenericRelation:
    """Rows of `model` ("blog.Comment") that name their owner by content type and id."""

    model: str
    content_type: str = "content_type_id"
    object_id: str = "object_id"


@dataclass(frozen=True)
class Reference:
    """One foreign key, seen from the model it points to; over several columns a `ForeignObject`."""

    model: type[Any]
    columns: tuple[Column[Any], ...]
    name: str
    target: type[Any]
    target_keys: tuple[str, ...]
    on_delete: OnDelete
    parent_link: bool
    nullable: bool

    @property
    def column(self) -> Column[Any]:
        """The column of a foreign key, which has one."""
        return self.columns[0]

    @property
    def target_key(self) -> str:
        """The attribute of the target that the one column holds."""
        return self.target_keys[0]

    def values(self, rows: Iterable[Any]) -> list[Any]:
        """What the columns hold that point to one of `rows`, tuples where there are several."""
        if len(self.target_keys) == 1:
            return [getattr(row, self.target_key) for row in rows]
        return [tuple(getattr(row, key) for key in self.target_keys) for row in rows]

    def holds(self, values: Collection[Any]) -> ColumnElement[bool]:
        """Whether a row of the table holds one of `values`."""
        parts = self.columns
        return parts[0].in_(values) if len(parts) == 1 else tuple_(*parts).in_(values)

    def leads_to(self, values: Collection[Any]) -> ColumnElement[bool]:
        """The same of objects of the model."""
        mapper = inspect(self.model)
        parts = [mapper.get_property_by_column(one).class_attribute for one in self.columns]
        found: Any = parts[0] if len(parts) == 1 else tuple_(*parts)
        return found.in_(values)  # type: ignore[no-any-return]


def concrete(model: type[Any]) -> type[Any]:
    """The class that owns the model's table; another one only for a proxy."""
    return levels(model)[-1].model


@per_class
def _all_references(base: Any) -> tuple[Reference, ...]:
    places = {table: place for place, table in enumerate(base.metadata.tables.values())}
    mappers = [one for one in base.registry.mappers if one.class_ is concrete(one.class_)]
    mappers.sort(key=lambda mapper: places[own_table(mapper)])
    owners: dict[Any, Mapper[Any]] = {own_table(mapper): mapper for mapper in mappers}
    return tuple(
        found
        for mapper in mappers
        for column in own_table(mapper).columns
        if (found := _reference(mapper, column, owners)) is not None
    ) + tuple(
        _object(mapper, relation)
        for mapper in mappers
        for relation in mapper.relationships
        if is_virtual(relation) and "on_delete" in relation.info and relation.parent is mapper
    )


def _object(mapper: Mapper[Any], relation: RelationshipProperty[Any]) -> Reference:
    """A relation without a column of its own, of which Django thinks when a row is deleted."""
    pairs = relation.local_remote_pairs or ()
    target = relation.mapper
    return Reference(
        model=mapper.class_,
        columns=tuple(here for here, _ in pairs),  # type: ignore[misc]  # of a table
        name=relation.key,
        target=concrete(target.class_),
        target_keys=tuple(str(target.get_property_by_column(there).key) for _, there in pairs),
        on_delete=relation.info["on_delete"],
        parent_link=False,
        nullable=bool(relation.info.get("null")),
    )


def _reference(
    mapper: Mapper[Any], column: Column[Any], owners: dict[Any, Mapper[Any]]
) -> Reference | None:
    relation = next(
        (
            one
            for one in mapper.relationships
            if one.direction is RelationshipDirection.MANYTOONE
            and column in one.local_columns
            and not is_virtual(one)
        ),
        None,
    )
    key = next(iter(column.foreign_keys), None)
    if key is not None:
        remote: Any = key.column
    elif relation is not None and "on_delete" in column.info:
        remote = next(iter(relation.remote_side))
    else:
        return None
    target = owners.get(remote.table)
    if target is None:
        return None
    attribute = mapper.get_property_by_column(column).key
    links = dict(parents(mapper.class_))
    return Reference(
        model=mapper.class_,
        columns=(column,),
        name=relation.key if relation is not None else attribute.removesuffix("_id"),
        target=target.class_,
        target_keys=(str(target.get_property_by_column(remote).key),),
        on_delete=column.info.get("on_delete", CASCADE),
        parent_link=attribute in links and concrete(links[attribute]) is target.class_,
        nullable=bool(column.nullable),
    )


@per_class
def references(model: type[Any]) -> tuple[Reference, ...]:
    """The foreign keys that point to rows of `model`, those to its parents' tables first."""
    own = concrete(model)
    places = {level.model: place for place, level in enumerate(levels(model))}
    found = [
        one
        for one in _all_references(_root(model))
        if one.target is own or (one.target in places and not one.parent_link)
    ]
    return tuple(sorted(found, key=lambda one: places[one.target]))


def _root(model: type[Any]) -> type[Any]:
    """The declarative base."""
    registry = inspect(model).registry
    return next(
        one
        for one in reversed(model.__mro__)
        if getattr(one, "registry", None) is registry and "registry" in vars(one)
    )


def content_types(model: type[Any]) -> Any:
    """Django's table of models; LookupError in an app without it."""
    for mapper in inspect(model).registry.mappers:
        if getattr(mapper.local_table, "name", None) == "django_content_type":
            return mapper.local_table
    raise LookupError("there is no model of django_content_type")


def related_by_content_type(
    session: Session, model: type[Any], relation: GenericRelation
) -> tuple[type[Any], Any] | None:
    """The model of the relation and the condition of its content type; None if there is none."""
    mappers = inspect(model).registry.mappers
    found = next((one for one in mappers if one.class_.django_label() == relation.model), None)
    if found is None:
        return None
    table = content_types(model)
    label, _, name = concrete(model).django_label().partition(".")
    wanted = select(table.c.id).where(table.c.app_label == label, table.c.model == name.lower())
    key = session.scalar(wanted)
    if key is None:
        return None
    return found.class_, getattr(found.class_, relation.content_type) == key
