"""Steps of a lookup path over relations: to one row, or to many."""

from __future__ import annotations

from dataclasses import dataclass

from strangler.facts import ModelField

from .world import World


@dataclass(frozen=True)
class ManyStep:
    """A to-many relation: the model joined first, its key to the start, its key to the target, the target.

    attribute: of the mapped class, where it has one; start: the attribute that `near` points to.
    """

    link: str
    near: str
    far: str | None
    target: str
    attribute: str | None = None
    start: str = "id"


@dataclass(frozen=True)
class OneStep:
    """A to-one relation: the attribute that leads to `target`, the model that has it.

    near, far: the columns that meet, of the start and of the target.
    """

    owner: str
    attribute: str
    target: str
    nullable: bool
    near: str
    far: str
    reverse: bool = False


@dataclass(frozen=True)
class Walk:
    """A lookup path: its steps with their names, the model and column it ends at, what follows.

    column: None where it ends at the rows of the last step themselves.
    """

    steps: tuple[tuple[str, OneStep | ManyStep], ...]
    label: str
    column: ModelField | None
    owner: str
    rest: tuple[str, ...]

    @property
    def many(self) -> tuple[str, ...]:
        """The names up to the last to-many step; empty where there is none."""
        last = max(
            (i for i, (_, s) in enumerate(self.steps) if isinstance(s, ManyStep)), default=-1
        )
        return tuple(name for name, _ in self.steps[: last + 1])


def many_step(world: World, label: str, name: str) -> ManyStep | None:
    """The to-many relation that a lookup name stands for; None for columns and to-one relations."""
    found = world.field_named(label, name)
    if found is not None:
        relation = found[1].relation
        if relation is None or relation.kind != "many_to_many":
            return None
        ends = world.through_ends(found[1])
        attribute = world.attribute(found[1].name)
        if ends is None:
            return None
        key = world.primary_key(label)
        return ManyStep(relation.through or "", ends[0], ends[1], relation.model, attribute, key)
    return _reverse_many(world, label, name)


def _reverse_many(world: World, label: str, name: str) -> ManyStep | None:
    for owner in (label, *world.ancestors(label)):
        for reverse in world.models[owner].reverse:
            if reverse.query_name != name or reverse.one_to_one:
                continue
            column = world.field_named(reverse.model, reverse.field)
            relation = column[1].relation if column is not None else None
            if column is None or relation is None:
                return None
            attribute = world.attribute(reverse.accessor) if reverse.accessor else None
            if not reverse.many_to_many:
                near = world.attribute(column[1].attname)
                start = world.attribute(relation.to_field or world.primary_key(label))
                return ManyStep(reverse.model, near, None, reverse.model, attribute, start)
            ends = world.through_ends(column[1])
            through = relation.through or ""
            if ends is None:
                return None
            key = world.primary_key(label)
            return ManyStep(through, ends[1], ends[0], reverse.model, attribute, key)
    return None


def one_step(world: World, label: str, name: str) -> OneStep | None:
    """The to-one relation that a lookup name stands for."""
    found = world.field_named(label, name)
    if found is not None:
        column = found[1]
        relation = column.relation
        if relation is None or relation.kind == "many_to_many" or name != column.name:
            return None
        near = world.attribute(column.attname)
        far = world.attribute(relation.to_field or world.primary_key(relation.model))
        return OneStep(found[0].name, world.attribute(name), relation.model, column.null, near, far)
    for reverse in world.models[label].reverse:
        if reverse.query_name == name and reverse.one_to_one and reverse.accessor:
            attribute = world.attribute(reverse.accessor)
            back = world.field_named(reverse.model, reverse.field)
            if back is None or back[1].relation is None:
                return None
            near = world.attribute(back[1].relation.to_field or world.primary_key(label))
            far = world.attribute(back[1].attname)
            return OneStep(label, attribute, reverse.model, True, near, far, reverse=True)
    return None


def walk(world: World, label: str, parts: list[str]) -> Walk | None:
    """Follow a path as far as it names relations and a column; None where a name is not known."""
    steps: list[tuple[str, OneStep | ManyStep]] = []
    place = 0
    while place < len(parts):
        name, rest = parts[place], parts[place + 1 :]
        step = many_step(world, label, name) or one_step(world, label, name)
        if step is None or (
            isinstance(step, OneStep) and not step.reverse and _ends(world, label, name, step, rest)
        ):
            return _at_column(world, label, steps, name, rest)
        steps.append((name, step))
        label, place = step.target, place + 1
        if not rest or not _leads_on(world, label, rest[0]):
            break
    if not steps:
        return None
    return Walk(tuple(steps), label, None, label, tuple(parts[place:]))


def _ends(world: World, label: str, name: str, step: OneStep, rest: list[str]) -> bool:
    """Whether a foreign key itself is asked for, or the key that it holds."""
    if not rest or not _leads_on(world, step.target, rest[0]):
        return True
    found = world.field_named(label, name)
    relation = found[1].relation if found is not None else None
    wanted = relation.to_field if relation is not None else None
    return _holds(world, step.target, wanted, rest[0])


def _leads_on(world: World, label: str, name: str) -> bool:
    known = world.field_named(label, name) is not None
    return (
        known
        or many_step(world, label, name) is not None
        or one_step(world, label, name) is not None
    )


def _at_column(
    world: World,
    label: str,
    steps: list[tuple[str, OneStep | ManyStep]],
    name: str,
    rest: list[str],
) -> Walk | None:
    found = world.field_named(label, name)
    if found is None:
        return None
    relation = found[1].relation
    whole = relation is not None and name == found[1].name and rest
    if whole and relation and _holds(world, relation.model, relation.to_field, rest[0]):
        rest = rest[1:]
    return Walk(tuple(steps), label, found[1], found[0].name, tuple(rest))


def _holds(world: World, target: str, to_field: str | None, name: str) -> bool:
    """Whether a foreign key to `target` holds the value of its column `name`."""
    found = world.field_named(target, name)
    if found is None:
        return False
    return found[1].attname == to_field if to_field else found[1].primary_key
