"""Rows are equal when their keys are; an anonymous user equals no row.

Before: obj.owner == request.user
After:  context.user is not None and obj.owner_id == context.user.id
"""

import libcst as cst

from strangler_codemods.composite_keys import key_text
from strangler_codemods.evaluating import among
from strangler_codemods.operands import negate, operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import compare, rewrites
from strangler_codemods.types import Constant, Instance, Plain, Query, Rows


@rewrites(compare(Instance))
def rewrite(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Comparison)
    operator = type(node.comparisons[0].operator)
    one, other = operation.on, operation.other
    assert other is not None
    if isinstance(other.type, Constant) and other.type.value is None:
        identity = operator in (cst.Is, cst.Equal)
        if isinstance(one.type, Instance) and one.type.user:  # whom nobody knows is no None
            return operation.body.constant(not identity)
        return Typed(parse(f"{one.code} {'is' if identity else 'is not'} None"), Plain("bool"))
    if isinstance(other.type, Rows) and operator in (cst.In, cst.NotIn):
        return _among(operation, one, other.type)
    if isinstance(other.type, Query) and operator in (cst.In, cst.NotIn):
        found = among(operation, other, one)
        return found if operator is cst.In else negate(found)
    if not isinstance(other.type, Instance) or operator not in (cst.Equal, cst.NotEqual):
        operation.refuse("B122", "this comparison of a row has no rule")
    _check_rows(operation, one, other)
    rows = [side.type for side in (one, other) if isinstance(side.type, Instance)]
    if all(row.optional and not row.user for row in rows):
        sides = [_key_or_none(operation, side) for side in (one, other)]
        sign = "==" if operator is cst.Equal else "!="
        return Typed(parse(f"{sides[0]} {sign} {sides[1]}"), Plain("bool"))
    guards, keys = [], []
    for side in (one, other):
        guard, key = _key(operation, side)
        keys.append(key)
        guards.extend(guard)
    joined = " and ".join([*guards, f"{keys[0]} == {keys[1]}"])
    if operator is cst.NotEqual:
        joined = f"not ({joined})" if guards else f"{keys[0]} != {keys[1]}"
    return Typed(parse(joined), Plain("bool"))


def _among(operation: Operation, row: Typed, rows: Rows) -> Typed:
    """`row in rows`: mapped objects compare as Django's do."""
    node = operation.node
    assert isinstance(node, cst.Comparison)
    assert isinstance(row.type, Instance)
    if row.type.model != rows.model or row.type.optional:
        operation.refuse("B122", "this comparison of a row has no rule")
    if "__eq__" in operation.body.world.models[rows.model].methods:
        operation.refuse("B122", f"{rows.model} overrides `__eq__`")
    other = operation.other
    assert other is not None
    targets = [node.comparisons[0].with_changes(comparator=other.node)]
    return Typed(node.with_changes(left=row.node, comparisons=targets), Plain("bool"))


def _check_rows(operation: Operation, one: Typed, other: Typed) -> None:
    """Keys stand for rows of one model."""
    rows = [side.type for side in (one, other) if isinstance(side.type, Instance)]
    if len({row.model for row in rows}) != 1:
        operation.refuse("B122", "rows of two models are compared")
    if "__eq__" in operation.body.world.models[rows[0].model].methods:
        operation.refuse("B122", f"{rows[0].model} overrides `__eq__`")


def _key_or_none(operation: Operation, side: Typed) -> str:
    """The key of one side, None where that is."""
    if isinstance(side.type, Instance) and operation.body.world.key_fields(side.type.model):
        operation.refuse("B122", "both rows that are compared may be None")
    guards, key = _key(operation, side)
    column = guards == [f"{key} is not None"]
    return key if column else f"({key} if {guards[0]} else None)"


def _key(operation: Operation, side: Typed) -> tuple[list[str], str]:
    """The key of one side without loading the row, and the tests it needs."""
    kind = side.type
    assert isinstance(kind, Instance)
    world = operation.body.world
    if world.key_fields(kind.model):
        return [], key_text(operation, side)
    found = world.field_named(kind.model, "pk")
    if found is None:
        operation.refuse("B122", f"{kind.model} has no key to compare")
    if isinstance(side.node, cst.Attribute) and not kind.user:
        owner = operation.body.row_type(side.node.value)
        column = world.field_named(owner.model, side.node.attr.value) if owner else None
        if column is not None and column[1].relation is not None:
            text = f"{code_of(side.node.value)}.{world.attribute(column[1].attname)}"
            return ([f"{text} is not None"] if kind.optional else []), text
    key = f"{code_of(operand(side))}.{world.attribute(found[1].attname)}"
    return ([f"{side.code} is not None"] if kind.optional else []), key
