"""Related managers: `order.items` is the statement of the rows that point to `order`."""

from __future__ import annotations

from dataclasses import replace

from strangler.facts import Reverse

from .body import Body
from .operands import operand
from .operation import Typed, code_of, parse
from .types import Instance, Query, Related
from .world import World

#: Related managers that Django's anonymous user has, too.
_OF_ANYBODY = frozenset({"groups", "user_permissions"})


def related_rows(body: Body, row: Typed, name: str) -> Typed | None:
    """The statement behind a to-many accessor of a row; None where `name` is none.

    Of an anonymous user's groups and permissions there are none, as in Django.
    """
    kind = row.type
    assert isinstance(kind, Instance)
    world = body.world
    if kind.optional and not (kind.user and name in _OF_ANYBODY):
        return None
    forward = world.field_named(kind.model, name)
    if forward is not None:
        relation = forward[1].relation
        if name != forward[1].name or relation is None or relation.kind != "many_to_many":
            return None
        ends = world.through_ends(forward[1])
        back = _back_name(world, kind.model, name)
        related = Related(row.code, kind.model, name, None, back)
        return _linked(body, row, relation.model, relation.through, ends, related)
    reverse = reverse_named(world, kind.model, name)
    found = world.field_named(reverse.model, reverse.field) if reverse is not None else None
    if reverse is None or reverse.one_to_one or found is None or found[1].relation is None:
        return None
    relation = found[1].relation
    if reverse.many_to_many:
        ends = world.through_ends(found[1])
        turned = (ends[1], ends[0]) if ends else None
        related = Related(row.code, kind.model, name, None, found[1].name)
        return _linked(body, row, reverse.model, relation.through, turned, related)
    statement = _shown(body, reverse.model)
    related = Related(row.code, kind.model, name, found[1].name, reverse.query_name or "")
    column = f"{body.model(found[0].name)}.{world.attribute(found[1].attname)}"
    value = f"{code_of(operand(row))}.{world.attribute(relation.to_field or 'id')}"
    return _narrowed(statement, f".where({column} == {value})", frozenset(), related)


def _linked(
    body: Body,
    row: Typed,
    label: str,
    through: str | None,
    ends: tuple[str, str] | None,
    related: Related | None,
) -> Typed | None:
    """Rows of `label` that a link table joins to the row."""
    if ends is None or not through or through not in body.world.models:
        return None
    assert isinstance(row.type, Instance)
    statement = _shown(body, label)
    link, target = body.model(through), body.model(label)
    key = f"{target}.{body.world.primary_key(label)}"
    own = f"{code_of(operand(row))}.{body.world.primary_key(row.type.model)}"
    if row.type.optional:  # no row is linked to nobody, and nothing can be linked
        own = f"({own} if {row.code} is not None else None)"
        related = None
    text = f".join({link}, {link}.{ends[1]} == {key}).where({link}.{ends[0]} == {own})"
    return _narrowed(statement, text, frozenset({link}), related)


def _shown(body: Body, label: str) -> Typed:
    """What the default manager of a model shows; related managers are made of it."""
    manager = next((m for m in body.world.models[label].managers if m.default), None)
    assert body.world.manager_base is not None
    return body.world.manager_base(body, label, manager.name if manager else "objects")


def _back_name(world: World, label: str, field: str) -> str:
    """The name by which the other model's queries know a many-to-many relation."""
    target = world.field_named(label, field)
    relation = target[1].relation if target is not None else None
    for reverse in world.models[relation.model].reverse if relation is not None else ():
        if reverse.many_to_many and reverse.model == label and reverse.field == field:
            return reverse.query_name or ""
    return field


def _narrowed(statement: Typed, text: str, joins: frozenset[str], related: Related | None) -> Typed:
    kind = statement.type
    assert isinstance(kind, Query)
    joined = replace(kind, joins=kind.joins | joins, related=related)
    return Typed(parse(f"{statement.code}{text}"), joined)


def reverse_named(world: World, label: str, accessor: str) -> Reverse | None:
    """The relation of another model whose rows these rows, or their parents', have as `accessor`."""
    owners = [label, *world.ancestors(label)] if label in world.models else []
    reverses = (reverse for owner in owners for reverse in world.models[owner].reverse)
    return next((reverse for reverse in reverses if reverse.accessor == accessor), None)
