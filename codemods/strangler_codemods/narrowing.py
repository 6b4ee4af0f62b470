"""What a condition tells of values that may be None."""

from __future__ import annotations

import libcst as cst

from .operation import code_of

#: What is known of `data` after `isinstance(data := await attempt(...), ValidationError)`.
VALID, REFUSED = "data: valid", "data: refused"


def known_when(node: cst.BaseExpression, *, true: bool) -> frozenset[str]:
    """Expressions known not to be None when the rewritten condition is `true` or false."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        return known_when(node.expression, true=not true)
    if isinstance(node, cst.BooleanOperation):
        left = known_when(node.left, true=true)
        right = known_when(node.right, true=true)
        both = isinstance(node.operator, cst.And) == true
        return left | right if both else left & right
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        target = node.comparisons[0]
        if code_of(target.comparator) == "None":
            wanted = cst.IsNot if true else cst.Is
            if isinstance(target.operator, wanted):
                return frozenset({_bare(node.left)})
        return frozenset()
    if isinstance(node, cst.Call) and code_of(node).startswith("isinstance(data := "):
        return frozenset({REFUSED if true else VALID})
    if true and isinstance(node, cst.Name | cst.Attribute):
        return frozenset({_bare(node)})
    return frozenset()


def _bare(node: cst.BaseExpression) -> str:
    return code_of(node.with_changes(lpar=[], rpar=[]))
