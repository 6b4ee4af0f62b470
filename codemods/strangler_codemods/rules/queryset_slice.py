"""A slice of a query is LIMIT and OFFSET.

Before: queryset.order_by("-created_at")[5:10]
After:  statement.order_by(Post.created_at.desc()).offset(5).limit(5)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.lookups import ordered
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import item, rewrites
from strangler_codemods.types import Constant, Query


@rewrites(item(Query))
def rewrite(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Subscript)
    part = node.slice[0].slice
    if not isinstance(part, cst.Slice) or part.step is not None:
        operation.refuse("Q131", "one row of a query by its number has no rule")
    statement = ordered(operation.body, operation.on)
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.sliced:
        operation.refuse("Q131", "a slice of a slice has no rule")
    start = _bound(operation, part.lower) or 0
    stop = _bound(operation, part.upper)
    text = statement.code + (f".offset({start})" if start else "")
    if stop is not None:
        text += f".limit({max(stop - start, 0)})"
    return Typed(parse(text), replace(kind, sliced=True))


def _bound(operation: Operation, node: cst.BaseExpression | None) -> int | None:
    if node is None:
        return None
    found = operation.body.expr(node).type
    value = found.value if isinstance(found, Constant) else None
    if value is not None and (not isinstance(value, int) or value < 0):
        operation.refuse("Q131", "a slice from the end has no rule")
    if not isinstance(found, Constant):
        operation.refuse("Q131", "a computed slice has no rule")
    return value
