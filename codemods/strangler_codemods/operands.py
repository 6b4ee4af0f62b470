"""Expressions as parts of others: parentheses where they would bind differently, negation."""

from __future__ import annotations

import libcst as cst

from .operation import Typed, code_of
from .types import Plain

_LOOSE = (
    cst.BooleanOperation,
    cst.Comparison,
    cst.IfExp,
    cst.Lambda,
    cst.NamedExpr,
    cst.UnaryOperation,
    cst.BinaryOperation,
    cst.Await,
)


def operand(typed: Typed) -> cst.BaseExpression:
    """The node, in parentheses where it would bind differently as an operand."""
    node = typed.node
    if isinstance(node, _LOOSE) and not node.lpar:
        return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return node


def side(typed: Typed, operator: cst.BaseBooleanOp) -> cst.BaseExpression:
    """One side of `and` or `or`."""
    node = typed.node
    if isinstance(node, cst.BooleanOperation) and type(node.operator) is not type(operator):
        return operand(typed)
    if isinstance(node, cst.IfExp | cst.Lambda | cst.NamedExpr):
        return operand(typed)
    return node


def negate(typed: Typed) -> Typed:
    """`not x`, with `is None` tests turned round."""
    node = typed.node
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        inner = node.expression
        if isinstance(inner, cst.Call) and code_of(inner.func) == "isinstance":
            return Typed(inner, Plain("bool"))
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        flipped = {cst.Is: cst.IsNot(), cst.IsNot: cst.Is()}.get(type(node.comparisons[0].operator))
        if flipped is not None:
            target = node.comparisons[0].with_changes(operator=flipped)
            return Typed(node.with_changes(comparisons=[target], lpar=[], rpar=[]), Plain("bool"))
    return Typed(cst.UnaryOperation(operator=cst.Not(), expression=operand(typed)), Plain("bool"))
