"""Fields that show how many related rows there are: `IntegerField(source="likes.count")`."""

from __future__ import annotations

from typing import cast

import libcst as cst

from strangler.facts import Serializer, SerializerField

from .refusal import RefusalError
from .sources import FunctionSource
from .world import World

_KINDS = frozenset({"IntegerField", "ReadOnlyField"})


def counts_rows(world: World, label: str | None, item: SerializerField) -> bool:
    """Whether a field calls `count` of a list of rows that are related to the one shown."""
    accessor, _, called = item.source.partition(".")
    kind = (item.drf_cls or "").rpartition(".")[2]
    if label is None or called != "count" or kind not in _KINDS or item.cls != item.drf_cls:
        return False
    found = world.field_named(label, accessor)
    if found is not None:
        return found[1] in found[0].many_to_many
    reverse = (r for r in world.models[label].reverse if r.accessor == accessor)
    return any(not r.one_to_one for r in reverse)


def counting(world: World, serializer: Serializer, item: SerializerField) -> FunctionSource:
    """The method that a project would have written for such a field.

    Raises:
        RefusalError: the serializer has a method of its name, or no source.
    """
    found = world.sources.class_node(serializer.name)
    name = f"get_{item.name}"
    if found is None or name in serializer.methods:
        raise RefusalError("S105", f"`{item.source}` has no rule here", item.line or "")
    text = f"def {name}(self, obj):\n    return obj.{item.source}()\n"
    node = cast("cst.FunctionDef", cst.parse_statement(text))
    line = int((item.line or ":0").rpartition(":")[2])
    return FunctionSource(node, found[1], line, None)
