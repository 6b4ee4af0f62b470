"""The rows between two models: which they are, and whether two of them may join the same pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.facts import Model, ModelField

if TYPE_CHECKING:
    from .world import World


def through_model(world: World, label: str, name: str) -> Model | None:
    """The model of the rows behind a many-to-many list, on either side of it."""
    column = many_to_many(world, label, name)
    relation = column.relation if column is not None else None
    return world.models.get(relation.through or "") if relation is not None else None


def many_to_many(world: World, label: str, name: str) -> ModelField | None:
    """The field that declares a many-to-many list, on either side of it."""
    found = world.field_named(label, name)
    if found is None:
        reverse = world.models[label].reverse
        other = next((r for r in reverse if r.many_to_many and r.accessor == name), None)
        found = world.field_named(other.model, other.field) if other is not None else None
    if found is None or found[1].relation is None or found[1].relation.through is None:
        return None
    return found[1]


def may_repeat(world: World, label: str, source: str) -> bool:
    """Whether a list of related rows may hold a row more than once: by rows that join it twice.

    `source` may lead over other relations first: `shop.owners`.
    """
    for name in source.split("."):
        through = through_model(world, label, name)
        if through is not None:
            return not (through.auto_created or _joins_once(world, through, label, name))
        found = world.field_named(label, name)
        if found is None or found[1].relation is None:
            return False
        label = found[1].relation.model
    return False


def _joins_once(world: World, through: Model, label: str, name: str) -> bool:
    """Whether the database refuses a second row for the same pair."""
    column = many_to_many(world, label, name)
    ends = world.through_ends(column) if column is not None else None
    attributes = {world.attribute(c.attname): c for c in through.fields}
    columns = {attributes[end].column for end in ends or ()}
    schema = through.table_schema
    unique = [set(one.columns) for one in schema.uniques]
    unique += [
        {part.name for part in index.columns}
        for index in schema.indexes
        if index.unique and not index.condition and not index.expressions
    ]
    unique += [{c.column or "" for c in through.fields if c.primary_key}]
    return any(one <= columns for one in unique)
