"""`Meta.ordering` as a constant beside the class."""

from __future__ import annotations

from collections.abc import Mapping

from strangler.facts import Json, Model, ModelField

from .world import World


def order_texts(world: World, model: Model) -> list[str] | None:
    """`Meta.ordering` over own columns; None where it needs a join or an expression."""
    texts = []
    for bare, descending, nulls in map(term, model.ordering):
        end = f"{'.desc()' if descending else ''}{nulls}"
        keys = world.primary_keys(model.name) if bare == "pk" else ()
        if len(keys) > 1:
            name = world.model_names[model.name]
            texts += [f"{name}.{key}{end}" for key in keys]
            continue
        found = world.field_named(model.name, bare) if bare else None
        if found is None or _other(world, found[1], bare, nulls):
            return None
        name = world.model_names[model.name if model.proxy else found[0].name]
        texts.append(f"{name}.{world.attribute(found[1].attname)}{end}")
    return texts


def term(entry: str | Mapping[str, Json]) -> tuple[str, bool, str]:
    """The name that is ordered by, empty for an expression, whether it descends, `.nulls_last()`."""
    if isinstance(entry, str):
        return entry.removeprefix("-"), entry.startswith("-"), ""
    nulls = entry.get("nulls")
    end = f".nulls_{nulls}()" if nulls else ""
    return str(entry.get("column") or ""), bool(entry.get("descending")), end


def _other(world: World, column: ModelField, bare: str, nulls: str) -> bool:
    """Whether a column stands for the order of another model, or NULLs for what MariaDB cannot say."""
    related = column.relation is not None and bare == column.name
    return related or bool(nulls and world.vendor == "mysql")


def order_known(world: World, label: str) -> bool:
    """Whether the default ordering names own columns only, so that it can be written."""
    for bare, _, nulls in map(term, world.models[label].ordering):
        if bare == "pk" and world.key_fields(label):
            continue
        found = world.field_named(label, bare) if bare else None
        if found is None or _other(world, found[1], bare, nulls):
            return False
    return True
