"""`Meta.ordering` as a constant beside the class."""

from __future__ import annotations

from strangler.facts import Model

from .world import World


def order_texts(world: World, model: Model) -> list[str] | None:
    """`Meta.ordering` over own columns; None where it needs a join or an expression."""
    texts = []
    for entry in model.ordering:
        if not isinstance(entry, str):
            return None
        bare = entry.removeprefix("-")
        keys = world.primary_keys(model.name) if bare == "pk" else ()
        if len(keys) > 1:
            name = world.model_names[model.name]
            end = ".desc()" if entry.startswith("-") else ""
            texts += [f"{name}.{key}{end}" for key in keys]
            continue
        found = world.field_named(model.name, bare)
        if found is None or (found[1].relation is not None and bare == found[1].name):
            return None
        name = world.model_names[model.name if model.proxy else found[0].name]
        text = f"{name}.{world.attribute(found[1].attname)}"
        texts.append(f"{text}.desc()" if entry.startswith("-") else text)
    return texts


def order_known(world: World, label: str) -> bool:
    """Whether the default ordering names own columns only, so that it can be written."""
    for entry in world.models[label].ordering:
        bare = entry.removeprefix("-") if isinstance(entry, str) else ""
        if bare == "pk" and world.key_fields(label):
            continue
        found = world.field_named(label, bare) if bare else None
        if found is None or (found[1].relation is not None and bare == found[1].name):
            return False
    return True
