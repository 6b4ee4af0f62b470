"""What a serializer shows that was made over None: what a form of it would hold at first."""

from __future__ import annotations

from strangler.facts import Json, Serializer, SerializerField

from .world import World


def empty_shape(world: World, name: str) -> str | None:
    """The dictionary that DRF shows in place of a row, as text; None where it is not known."""
    found = _serializer(world, name)
    shape = _shape(world, found, frozenset()) if found is not None else None
    return None if shape is None else repr(shape)


def _serializer(world: World, name: str) -> Serializer | None:
    return next((each for each in world.facts.serializers if each.name == name), None)


def _shape(world: World, serializer: Serializer, within: frozenset[str]) -> dict[str, Json] | None:
    own = {"get_initial", "data", "to_representation", "__init__", "get_fields"}
    if serializer.problem or serializer.whole or serializer.name in within:
        return None
    if any(name in own and ref.package is None for name, ref in serializer.methods.items()):
        return None
    shape: dict[str, Json] = {}
    for item in serializer.fields:
        if item.read_only:
            continue
        held = _initial(world, item, within | {serializer.name})
        if held is None:
            return None
        shape[item.name] = held[0]
    return shape


def _initial(world: World, item: SerializerField, within: frozenset[str]) -> tuple[Json] | None:
    """What a field holds at first, in a tuple; None where it is not known."""
    if item.cls != item.drf_cls and item.serializer is None:
        return None
    if item.serializer is not None and item.many:
        return ([],)
    if item.serializer is not None:
        inner = _serializer(world, item.serializer)
        shape = _shape(world, inner, within) if inner is not None else None
        return None if shape is None else (shape,)
    if item.initial.kind == "none":
        return (None,)
    return (
        (item.initial.value,) if item.initial.kind == "literal" and not item.initial.path else None
    )
