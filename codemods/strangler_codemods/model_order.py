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


def shown_order(world: World, label: str) -> list[str] | None:
    """`Meta.ordering` of a relationship's rows: names behind keys are asked for one by one."""
    model = world.models[label]
    texts = order_texts(world, model)
    return texts if texts is not None else _through_keys(world, model, ())


def _through_keys(world: World, model: Model, seen: tuple[str, ...]) -> list[str] | None:
    texts: list[str] = []
    for entry in model.ordering:
        bare, descending, nulls = term(entry)
        if not bare or nulls or not isinstance(entry, str) or model.name in seen:
            return None
        found = _behind(world, model, bare.split("__"), (*seen, model.name), descending=descending)
        if found is None:
            return None
        texts += found
    return texts


def _behind(
    world: World, model: Model, path: list[str], seen: tuple[str, ...], *, descending: bool
) -> list[str] | None:
    """What a path of names orders by, as columns of the model or as queries of one value each."""
    found = world.field_named(model.name, path[0])
    if found is None or found[0] is not model or model.proxy:
        return None
    column, name = found[1], world.model_names[model.name]
    own = f"{name}.{world.attribute(column.attname)}"
    relation = column.relation
    if relation is None or path == [column.attname]:
        return [f"{own}{'.desc()' if descending else ''}"] if len(path) == 1 else None
    target = world.models.get(relation.model)
    if target is None or target.name in world.refused or column in model.many_to_many:
        return None
    if path[1:]:
        inner = _behind(world, target, path[1:], seen, descending=descending)
    elif not target.ordering:
        return [f"{own}{'.desc()' if descending else ''}"]
    else:
        inner = _through_keys(world, target, seen)
        if inner is not None and descending:
            inner = [_turned(text) for text in inner]
    key = world.field_named(target.name, relation.to_field or "pk")
    if inner is None or key is None or key[0] is not target:
        return None
    there = f"{world.model_names[target.name]}.{world.attribute(key[1].attname)}"
    return [_asked(text, f"{there} == {own}") for text in inner]


def _turned(text: str) -> str:
    return text.removesuffix(".desc()") if text.endswith(".desc()") else f"{text}.desc()"


def _asked(text: str, meets: str) -> str:
    """A value of the row behind a key, by itself: without one it is NULL, as a joined row's is."""
    bare = text.removesuffix(".desc()")
    return f"select({bare}).where({meets}).scalar_subquery()" + text[len(bare) :]


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
