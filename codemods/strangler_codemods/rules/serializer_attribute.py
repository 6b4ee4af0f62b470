"""What nothing sets on a serializer is what `getattr` falls back to.

Before: user = getattr(self, "user", None) or self.context["request"].user
After:  user = context.user
"""

import re

from strangler.facts import Serializer
from strangler_codemods.operation import Operation, Typed, code_of, string_value
from strangler_codemods.rule import Key, rewrites
from strangler_codemods.serializer_names import is_free
from strangler_codemods.types import SerializerSelf


@rewrites(Key("getattr", SerializerSelf, "*"))
def read_by_name(operation: Operation) -> Typed:
    body, kind = operation.body, operation.on.type
    assert isinstance(kind, SerializerSelf)
    arguments = operation.take("object", "name", "default")
    name = string_value(arguments["name"])
    found = next((s for s in body.world.facts.serializers if s.name == kind.name), None)
    if name is None or found is None or "default" not in arguments or _has(operation, found, name):
        operation.refuse("B104", "this attribute of a serializer has no rule")
    return body.expr(arguments["default"])


def _has(operation: Operation, serializer: Serializer, name: str) -> bool:
    """Whether an instance may have the attribute."""
    sources = operation.body.world.sources
    if not is_free(name) or name.startswith("_"):
        return True
    if name in serializer.methods or name in serializer.attributes or sources.sets_elsewhere(name):
        return True
    sets = re.compile(rf"\.{re.escape(name)}\b\s*(:[^=\n]+)?=(?!=)|__dict__")
    for ref in serializer.lineage:
        if ref.path.startswith(("rest_framework.", "builtins.", "typing.", "abc.")):
            continue
        found = sources.class_node(ref.path)
        if found is None or sets.search(code_of(found[0])):
            return True
    return False
