"""What nothing sets on a serializer is what `getattr` falls back to.

Before: user = getattr(self, "user", None) or self.context["request"].user
After:  user = context.user
"""

import libcst as cst

from strangler.facts import Serializer
from strangler_codemods.kept_values import is_declared, is_unset, kept, sets, validating
from strangler_codemods.lattice import join
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.rule import Key, rewrites
from strangler_codemods.types import Constant, SerializerSelf, Type, Unknown


@rewrites(Key("getattr", SerializerSelf, "*"))
def read_by_name(operation: Operation) -> Typed:
    body, kind = operation.body, operation.on.type
    assert isinstance(kind, SerializerSelf)
    arguments = operation.take("object", "name", "default")
    name = string_value(arguments["name"])
    found = next((s for s in body.world.facts.serializers if s.name == kind.name), None)
    if name is None or found is None:
        operation.refuse("B104", "this attribute of a serializer has no rule")
    held = kept(body.world, kind.name, name)
    if held is not None:
        return _held(operation, name, held, arguments.get("default"))
    if "default" not in arguments or _may_have(operation, found, name):
        operation.refuse("B104", "this attribute of a serializer has no rule")
    return body.expr(arguments["default"])


def _held(operation: Operation, name: str, held: Type, default: cst.BaseExpression | None) -> Typed:
    """What a method that ran before may have set."""
    given = operation.body.expr(default) if default is not None else None
    text = f"{validating(operation)}.kept"
    kind = join(held, Constant(None))
    if given is None or given.type != Constant(None) or isinstance(kind, Unknown):
        operation.refuse("B104", "this attribute of a serializer has no rule")
    return Typed(parse(f"getattr({text}, {name!r}, None)"), kind)


def _may_have(operation: Operation, serializer: Serializer, name: str) -> bool:
    """Whether an instance may have the attribute by now."""
    if is_unset(operation, serializer, name):
        return False
    world = operation.body.world
    known = is_declared(serializer, name) or world.sources.sets_elsewhere(name)
    return known or sets(world, serializer, name)
