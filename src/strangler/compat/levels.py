"""The tables of a model: a model that extends another has its parent's table and its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table, Update, inspect, tuple_, update
from sqlalchemy.orm import Mapper, RelationshipDirection, RelationshipProperty

from .caching import per_class
from .keys import key_name


class Level:
    """One table of a model, its columns by attribute."""

    def __init__(self, mapper: Mapper[Any]) -> None:
        assert isinstance(mapper.local_table, Table)
        self.table = mapper.local_table
        self.model: type[Any] = mapper.class_
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
        parent = _parent(mapper)
        self.parent_key = key_name(parent.class_) if parent is not None else None

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
        found.append(Level(owner))
        mapper = _parent(owner)
    return tuple(reversed(found))


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
