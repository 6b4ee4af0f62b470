"""Columns and forward relations of a row are read as they were.

An anonymous user's flags are false, so they are read behind a test for None.

Before: request.user.is_staff
After:  user is not None and user.is_staff
"""

from strangler_codemods.expressions import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Instance, Plain

_FALSE_FOR_ANONYMOUS = frozenset({"is_staff", "is_superuser", "is_active"})


@rewrites(attribute(Instance, "*"))
def rewrite(operation: Operation) -> Typed:
    row = operation.on
    assert isinstance(row.type, Instance)
    world = operation.body.world
    kind = world.attribute_type(row.type.model, operation.name)
    if kind is None:
        operation.refuse("B120", f"`.{operation.name}` of {row.type.model} has no rule")
    name = world.attribute(operation.name)
    if operation.name == "pk":
        found = world.field_named(row.type.model, "pk")
        assert found is not None
        name = world.attribute(found[1].attname)
    text = f"{code_of(operand(row))}.{name}"
    if row.type.optional:
        if row.type.user and operation.name in _FALSE_FOR_ANONYMOUS:
            return Typed(parse(f"{row.code} is not None and {text}"), Plain("bool"))
        operation.refuse("B121", f"`{row.code}` may be None at `.{operation.name}`")
    if isinstance(kind, Instance) and operation.body.colour == "async":
        operation.refuse("Q109", f"`.{operation.name}` would load a row inside async code")
    return Typed(parse(text), kind)
