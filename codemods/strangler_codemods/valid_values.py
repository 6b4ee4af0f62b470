"""What the validated data of serializers holds, for the code that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .functions import Rewritten
from .lattice import join
from .names import schema_attribute
from .types import Attrs, Type, Unknown
from .world import World

if TYPE_CHECKING:
    from .schemas import Schemas


def valid_value(schemas: Schemas, name: str, key: str) -> tuple[str | None, Type, bool] | None:
    """The attribute of the write schema, the type of the value, and whether it is always there.

    The attribute is None for what `validate` put there. None: nothing is known of the key.
    """
    world = schemas.world
    serializer = next((s for s in world.facts.serializers if s.name == name), None)
    if serializer is None or name in world.reshaped:
        return None
    schemas.write(name)  # so that `validate` was looked at
    held = schemas.attrs(serializer)
    kind = held.get(key)
    if kind is None:
        return None
    fields = [f for f in serializer.fields if f.source == key and not f.read_only]
    if len(fields) > 1 or world.attribute(key) != key:
        return None
    return schema_attribute(fields[0].name) if fields else None, kind, key not in held.maybe


def note_validated(world: World, name: str, rewritten: Rewritten) -> None:
    """Remember what a serializer's `validate` returns, where every path returns its attributes."""
    found = returned_attrs(rewritten)
    if found is not None:
        world.validated[name] = found


def returned_attrs(rewritten: Rewritten) -> Attrs | None:
    """What a `validate` returns; None where a path returns something other than its attributes."""
    held = [typed.type for typed in rewritten.returns if typed and isinstance(typed.type, Attrs)]
    if not held or len(held) != len([typed for typed in rewritten.returns if typed is not None]):
        return None
    fields: dict[str, Type] = {}
    maybe = frozenset[str]().union(*(kind.maybe for kind in held))
    for key in {key for kind in held for key, _ in kind.fields}:
        kinds = [kind.get(key) for kind in held]
        known = [each for each in kinds if each is not None]
        joined = known[0]
        for other in known[1:]:
            joined = join(joined, other)
        if len(known) == len(kinds) and not isinstance(joined, Unknown):
            fields[key] = joined
    return Attrs(tuple(sorted(fields.items())), maybe.intersection(fields))
