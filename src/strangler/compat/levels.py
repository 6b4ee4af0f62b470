"""The tables of a model: a model that extends another has its parent's table and its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Join, Table, Update, inspect, select, tuple_, update
from sqlalchemy.orm import Mapper, RelationshipDirection, RelationshipProperty, Session

from .caching import per_class


def own_table(mapper: Mapper[Any]) -> Table:
    """The table of a model's own, without those of parents that are joined to it."""
    found: Any = mapper.local_table
    while isinstance(found, Join):
        found = found.left
    assert isinstance(found, Table)
    return found


class Level:
    """One table of a model, its columns by attribute.

    links: attributes of this table that lead to rows of parents, with the attribute of their keys.
    reached: for a parent beside the first, the columns of the child that lead there and are its key.
    """

    def __init__(
        self,
        mapper: Mapper[Any],
        table: Table,
        model: type[Any],
        links: Mapping[str, str],
        reached: tuple[Column[Any], Column[Any]] | None = None,
    ) -> None:
        self.table = table
        self.model = model
        self.links = links
        self.reached = reached
        mapped = {column for prop in mapper.column_attrs for column in prop.columns}
        own = {
            str(mapper.get_property_by_column(column).key): column
            for column in self.table.columns
            if column in mapped
        }
        self.columns = {key: column for key, column in own.items() if column.computed is None}
        places = list(self.table.primary_key.columns)
        keys = [key for key, column in self.columns.items() if column.primary_key]
        self.keys = sorted(keys, key=lambda key: places.index(self.columns[key]))
        # what is compared with the value of `pk`, which is a tuple where there are several keys
        parts = [self.columns[key] for key in self.keys]
        self.key: Any = parts[0] if len(parts) == 1 else tuple_(*parts)
        self.others = [key for key in self.columns if key not in self.keys]
        # what the database fills in when the INSERT leaves it out
        self.generated = {
            key: column
            for key, column in own.items()
            if column.computed is not None
            or (column.server_default is not None and column.identity is None)
        }

    def keys_of(self, session: Session, keys: Sequence[Any]) -> Sequence[Any]:
        """The keys in this table of the objects with these primary keys."""
        if self.reached is None:
            return keys
        link, key = self.reached
        return session.scalars(select(link).where(key.in_(keys))).all()

    def key_of(self, obj: Any) -> Any:
        """The key in this table of one object."""
        return obj.pk if len(self.keys) > 1 else getattr(obj, self.keys[0])

    def update(self, where: Sequence[Any], values: Mapping[Column[Any], Any]) -> Update:
        """An UPDATE of exactly these columns: SQLAlchemy would add those with `onupdate`."""
        stamped = [one for one in self.columns.values() if one.onupdate is not None]
        same = {column: column for column in stamped if column not in values}
        return update(self.table).where(*where).values({**same, **values})


def _parent(mapper: Mapper[Any]) -> Mapper[Any] | None:
    """The mapper of the next table up; a proxy shares its parent's table."""
    up = mapper.inherits
    while up is not None and up.local_table is mapper.local_table:
        up = up.inherits
    return up


def _owner(mapper: Mapper[Any]) -> Mapper[Any]:
    """The mapper that brought the table; a proxy has none of its own."""
    while mapper.inherits is not None and mapper.inherits.local_table is mapper.local_table:
        mapper = mapper.inherits
    return mapper


@per_class
def levels(model: type[Any]) -> tuple[Level, ...]:
    """The tables of a model, the topmost parent's first."""
    found: list[Level] = []
    mapper: Mapper[Any] | None = inspect(model)
    while mapper is not None:
        owner = _owner(mapper)
        mapper = _parent(owner)
        found += reversed(_levels_at(owner, mapper))
    return tuple(reversed(found))


def _levels_at(owner: Mapper[Any], parent: Mapper[Any] | None) -> list[Level]:
    """The tables that one class adds: those of the parents beside its first, then its own."""
    table, found = own_table(owner), []
    own = {column.name: column for column in table.columns}
    links = {} if parent is None else dict([_first_link(owner, parent)])
    for link, other in owner.class_.__dict__.get("__beside__", ()):
        above = inspect(other)
        column, theirs = own[link], own_table(above)
        further = _parent(_owner(above))
        key = _key_attribute(owner, theirs)
        up = {} if further is None else dict([_first_link(_owner(above), further)])
        reached = column, next(iter(table.primary_key.columns))
        if not issubclass(owner.class_, other):
            found.append(Level(owner, theirs, _owner(above).class_, up, reached))
        links[str(owner.get_property_by_column(column).key)] = key
    return [*found, Level(owner, table, owner.class_, links)]


@per_class
def parents(model: type[Any]) -> tuple[tuple[str, type[Any]], ...]:
    """The models whose tables a model extends, each with the attribute that leads to its rows."""
    owner = _owner(inspect(model))
    above = _parent(owner)
    first = [] if above is None else [(_first_link(owner, above)[0], above.class_)]
    own = {column.name: column for column in own_table(owner).columns}
    beside = owner.class_.__dict__.get("__beside__", ())
    further = [(str(owner.get_property_by_column(own[link]).key), other) for link, other in beside]
    return (*first, *further)


def _first_link(owner: Mapper[Any], parent: Mapper[Any]) -> tuple[str, str]:
    """The attributes of a class and of its parent where their rows meet."""
    condition: Any = owner.inherit_condition
    table, sides = own_table(owner), (condition.left, condition.right)
    own = next(table.c[side.key] for side in sides if side.table is table)
    above = next(side for side in sides if side.table is not table)
    known = own_table(parent).c
    return (
        str(owner.get_property_by_column(own).key),
        str(parent.get_property_by_column(known[above.key]).key),
    )


def _key_attribute(mapper: Mapper[Any], table: Table) -> str:
    return str(mapper.get_property_by_column(next(iter(table.primary_key.columns))).key)


def attribute_of(model: type[Any], name: str) -> str:
    """The attribute that stores `name`: a foreign key's own for a relation."""
    mapper = inspect(model)
    relation = mapper.relationships.get(name)
    if relation is None or relation.direction is not RelationshipDirection.MANYTOONE:
        return name
    return str(mapper.get_property_by_column(next(iter(relation.local_columns))).key)


def is_virtual(relation: RelationshipProperty[Any]) -> bool:
    """Whether a relation has no column of its own: it is read, and nothing else looks at it."""
    return bool(relation.info.get("virtual"))


@per_class
def forward(model: type[Any]) -> tuple[tuple[str, str, str], ...]:
    """(relation, attribute of its column, attribute of the target) of each foreign key."""
    mapper = inspect(model)
    return tuple(
        (
            relation.key,
            str(mapper.get_property_by_column(column).key),
            str(relation.mapper.get_property_by_column(target).key),
        )
        for relation in mapper.relationships
        if relation.direction is RelationshipDirection.MANYTOONE and not is_virtual(relation)
        for column, target in relation.local_remote_pairs
    )


def stored_value(model: type[Any], name: str, value: Any) -> Any:
    """What the column behind `name` holds for `value`: of an object the attribute it refers to."""
    if not hasattr(value, "__mapper__"):
        return value
    target = next((key for relation, _, key in forward(model) if relation == name), None)
    return value if target is None else getattr(value, target)
