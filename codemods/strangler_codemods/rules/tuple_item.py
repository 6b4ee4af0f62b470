"""One value of a tuple that holds rows, by its number.

Before: Status.objects.get_or_create(name="new")[0].pk
After:  get_or_create(session, Status, name="new")[0].id
"""

import libcst as cst

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import Key, compare, item, rewrites
from strangler_codemods.types import Constant, Plain, TupleOf


@rewrites(item(TupleOf))
def rewrite(operation: Operation) -> Typed:
    node, kind = operation.node, operation.on.type
    assert isinstance(node, cst.Subscript)
    assert isinstance(kind, TupleOf)
    part = node.slice[0].slice
    number = part.value if isinstance(part, cst.Index) else None
    if not isinstance(number, cst.Integer) or int(number.value) >= len(kind.items):
        operation.refuse("B109", "this part of a tuple has no rule")
    return Typed(node.with_changes(value=operand(operation.on)), kind.items[int(number.value)])


@rewrites(Key("truth", TupleOf, "*"))
def truth(operation: Operation) -> Typed:
    """A tuple, or None: what an authenticator above gives."""
    return Typed(operation.on.node, Plain("bool"))


@rewrites(compare(TupleOf))
def is_none(operation: Operation) -> Typed:
    node, other = operation.node, operation.other
    assert isinstance(node, cst.Comparison)
    if other is None or other.type != Constant(None):
        operation.refuse("B107", "this comparison of a tuple has no rule")
    return Typed(node.with_changes(left=operation.on.node), Plain("bool"))
