"""Steps of a lookup path over relations that lead to many rows."""

from __future__ import annotations

from dataclasses import dataclass

from .world import World


@dataclass(frozen=True)
class ManyStep:
    """A to-many relation: the model joined first, its key to the start, its key to the target, the target."""

    link: str
    near: str
    far: str | None
    target: str


def many_step(world: World, label: str, name: str) -> ManyStep | None:
    """The to-many relation that a lookup name stands for; None for columns and to-one relations."""
    found = world.field_named(label, name)
    if found is not None:
        relation = found[1].relation
        if relation is None or relation.kind != "many_to_many":
            return None
        ends = world.through_ends(found[1])
        return ManyStep(relation.through or "", ends[0], ends[1], relation.model) if ends else None
    for reverse in world.models[label].reverse:
        if reverse.query_name != name or reverse.one_to_one:
            continue
        column = world.field_named(reverse.model, reverse.field)
        if column is None or column[1].relation is None:
            return None
        if not reverse.many_to_many:
            return ManyStep(reverse.model, world.attribute(column[1].attname), None, reverse.model)
        ends = world.through_ends(column[1])
        through = column[1].relation.through or ""
        return ManyStep(through, ends[1], ends[0], reverse.model) if ends else None
    return None
