"""Keys of several columns: which columns they are, and the type of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.facts import ModelField

from .types import Plain, Type

if TYPE_CHECKING:
    from .world import World


def key_fields(world: World, label: str) -> tuple[ModelField, ...]:
    """The columns of a key that has several; none for any other."""
    columns = world.models[label].pk_columns if label in world.models else ()
    if len(columns) < 2:  # a key like most
        return ()
    own = {column.column: column for column in world.models[world.concrete(label)].fields}
    return tuple(own[column] for column in columns)


def primary_keys(world: World, label: str) -> tuple[str, ...]:
    """The mapped attributes of a model's primary key; `CompositePrimaryKey` has several."""
    fields = world.key_fields(label)
    return tuple(world.attribute(one.attname) for one in fields) or (world.primary_key(label),)


def tuple_type(world: World, fields: tuple[ModelField, ...]) -> Type:
    """The type of the values of several columns."""
    kinds = [world.key_type(one) if one.relation else world.column_type(one) for one in fields]
    names = [kind.name if isinstance(kind, Plain) else "Any" for kind in kinds]
    return Plain(f"tuple[{', '.join(names)}]")
