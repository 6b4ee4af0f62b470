"""Columns and forward relations of a row are read as they were; its related managers are statements.

An anonymous user's flags are false, so they are read behind a test for None.

Before: request.user.is_staff
After:  user is not None and user.is_staff
"""

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.related import related_rows
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
        related = None if row.type.optional else related_rows(operation.body, row, operation.name)
        return related or _member(operation, row, row.type)
    name = world.attribute(operation.name)
    if operation.name == "pk":
        found = world.field_named(row.type.model, "pk")
        assert found is not None
        name = world.attribute(found[1].attname)
    text = f"{code_of(operand(row))}.{name}"
    if row.type.optional:
        if row.type.user and operation.name in _FALSE_FOR_ANONYMOUS:
            return Typed(parse(f"{row.code} is not None and {text}"), Plain("bool"))
        if row.type.user and operation.name in ("id", "pk") and isinstance(kind, Plain):
            either = f"{text} if {row.code} is not None else None"
            return Typed(parse(either), Plain(f"{kind.name} | None"))
        operation.refuse("B121", f"`{row.code}` may be None at `.{operation.name}`")
    if isinstance(kind, Instance) and operation.body.colour == "async":
        operation.refuse("Q109", f"`.{operation.name}` would load a row inside async code")
    return Typed(parse(text), kind)


def _member(operation: Operation, row: Typed, kind: Instance) -> Typed:
    """A property of the project's model."""
    find = operation.body.world.model_member
    member = find(kind.model, operation.name) if find is not None else None
    if member is None or not member.is_property:
        operation.refuse("B120", f"`.{operation.name}` of {kind.model} has no rule")
    if kind.optional:
        operation.refuse("B121", f"`{row.code}` may be None at `.{operation.name}`")
    return Typed(parse(f"{code_of(operand(row))}.{operation.name}"), member.returns)
