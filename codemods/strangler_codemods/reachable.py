"""Models as endpoints may use them: without the relations to rows that stay on Django."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler.facts import Model, ModelField

from .refusal import Reason

if TYPE_CHECKING:
    from .world import World


def without(world: World, model: Model, reasons: dict[str, Reason]) -> Model:
    """The model without its relations to others; a key to one of them is a column of its own."""

    def is_kept(column: ModelField) -> bool:
        relation = column.relation
        ends = (relation.model, relation.through) if relation is not None else ()
        return reasons.keys().isdisjoint(ends)

    changes: dict[str, object] = {}
    if any(one.model in reasons for one in model.reverse):
        changes["reverse"] = tuple(one for one in model.reverse if one.model not in reasons)
    if not all(map(is_kept, model.many_to_many)):
        changes["many_to_many"] = tuple(filter(is_kept, model.many_to_many))
    if not all(map(is_kept, model.fields)):
        changes["fields"] = tuple(c if is_kept(c) else _plain_key(world, c) for c in model.fields)
    return model.model_copy(update=changes) if changes else model


def _plain_key(world: World, column: ModelField) -> ModelField:
    """A foreign key as what its column holds."""
    target = column
    while target.relation is not None:
        found = world.field_named(target.relation.model, target.relation.to_field or "pk")
        if found is None:
            return column
        target = found[1]
    kind = {"AutoField": "IntegerField", "BigAutoField": "BigIntegerField"}
    own = ("attname", "column", "source", "null", "primary_key", "unique", "default")
    internal = kind.get(target.internal_type, target.internal_type)
    kept = {name: getattr(column, name) for name in own}
    changes = {"name": column.attname, "internal_type": internal, "auto_created": False, **kept}
    return target.model_copy(update=changes)
