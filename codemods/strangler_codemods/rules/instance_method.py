"""A method of the project's model is called as before; it is carried into the mapped class.

Before: order.is_late()
After:  order.is_late()
"""

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Instance


@rewrites(method(Instance, "*"))
def rewrite(operation: Operation) -> Typed:
    row = operation.on
    assert isinstance(row.type, Instance)
    find = operation.body.world.model_member
    member = find(row.type.model, operation.name) if find is not None else None
    if member is None or member.is_property or operation.args:
        operation.refuse("B106", f"`.{operation.name}()` of {row.type.model} has no rule")
    if row.type.optional:
        operation.refuse("B121", f"`{row.code}` may be None at `.{operation.name}()`")
    return Typed(parse(f"{code_of(operand(row))}.{operation.name}()"), member.returns)
