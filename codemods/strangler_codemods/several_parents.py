"""Models that extend several tables: the class extends the first parent's, the others are joined."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from strangler.facts import Model

from .names import quoted
from .world import World

if TYPE_CHECKING:
    from .model_columns import Columns
    from .model_relations import Relations


def several_obstacle(world: World, model: Model) -> str | None:
    """Why rows of a model with several parents cannot be put together; None where they can.

    The key has to lead to the first parent; the others' own parents have to be among the first's.
    """
    if model.proxy or len(model.parents) < 2:
        return None
    first, *others = model.parents
    columns = {column.name: column for column in model.fields}
    links = {label: columns.get(link or "") for label, link in model.parents.items()}
    if any(link is None for link in links.values()):
        return f"{model.name} has several concrete parents, and no column for one of them"
    link = links[first]
    if link is None or not link.primary_key or len(model.pk_columns) != 1:
        return f"{model.name} has several concrete parents, and a key of its own"
    known = {first, *world.ancestors(first)}
    for label in others:
        if not known.issuperset(world.ancestors(label)):
            return f"{model.name} has several concrete parents, one of which has others"
    family = [world.models[one] for one in known.union(others) if one in world.models]
    names = [column.attname for one in (model, *family) for column in one.fields]
    if len(set(names)) < len(names):
        return f"{model.name} has several concrete parents with columns of the same name"
    return None


def beside(world: World, model: Model) -> list[Model]:
    """The parents beside the first."""
    if model.proxy:
        return []
    return [world.models[label] for label in list(model.parents)[1:] if label in world.models]


def joined(world: World, model: Model) -> list[Model]:
    """Those of them that the class does not extend already."""
    known = world.ancestors(next(iter(model.parents), ""))
    return [one for one in beside(world, model) if one.name not in known]


def beside_line(world: World, model: Model) -> str:
    """`__beside__` of the class: column and class of each."""
    pairs = []
    for other in beside(world, model):
        link = model.parents[other.name]
        column = next(c.column for c in model.fields if c.name == link)
        pairs.append(f"({quoted(column or '')}, {world.model_names[other.name]})")
    return f"    __beside__ = ({', '.join(pairs)},)"


def shared_columns(columns: Columns) -> list[str]:
    """The columns of those parents, which the class has as well."""
    world = columns.world
    return [
        f"    {columns.of_parent(column, world.model_names[other.name])}"
        for other in joined(world, columns.model)
        for column in other.fields
    ]


def shared_relations(relations: Relations) -> list[str]:
    """The relations of those parents, which rows of the class have as well."""
    model = relations.model
    return [
        line
        for other in joined(relations.world, model)
        for line in replace(relations, model=other, heir=model).all()
    ]
