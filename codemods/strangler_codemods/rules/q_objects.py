"""`Q` in a variable is a condition; an empty one is None until something is joined to it.

Before: q = Q(); q |= Q(title__icontains=word); books.filter(q)
After:  q = either(q, icontains(Book.title, word)); statement.where(matching(q))
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.lookups import Conditions
from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.q_values import unknown
from strangler_codemods.reach import Reach
from strangler_codemods.rule import Key, call, rewrites
from strangler_codemods.types import Condition, ListOf, Query, Symbol

_OPERATORS: dict[type, str] = {
    cst.BitAnd: "both", cst.BitOr: "either", cst.BitAndAssign: "both", cst.BitOrAssign: "either",
}  # fmt: skip
_REDUCED = {"operator.or_": "either", "operator.and_": "both", "operator.__or__": "either",
            "operator.__and__": "both", "operator.ior": "either", "operator.iand": "both"}  # fmt: skip


@rewrites(call("django.db.models.Q"), call("django.db.models.query_utils.Q"))
def make(operation: Operation) -> Typed:
    body = operation.body
    if not operation.args:
        known = _label(operation)
        return Typed(cst.Name("None"), Condition(known, True, names=_names(operation)))
    label = _label(operation)
    if not label:
        return unknown(body, _names(operation), operation.node)
    body.model(label)
    conditions = Conditions(Reach.of(body, Query(label)))
    part = conditions.part(operation.node)
    if part is None:
        return Typed(cst.Name("None"), Condition(label, True))
    leaf = conditions.render_plain(part, operation.node)
    return Typed(parse(leaf.text), Condition(label, guarded=not leaf.bare))


def _label(operation: Operation) -> str:
    """The model that the condition is on: of the query it is asked of, or of the variable."""
    body = operation.body
    if body.asked:
        return body.asked
    return next((body.hints[n] for n in _names(operation) if n in body.hints), "")


def _names(operation: Operation) -> frozenset[str]:
    return frozenset(operation.body.targets)


@rewrites(Key("binary", Condition, "*"))
def join(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.BinaryOperation)
    assert operation.other is not None
    return joined(operation, operation.on, operation.other, type(node.operator))


def joined(operation: Operation, left: Typed, right: Typed, operator: type) -> Typed:
    """Two conditions as one; either may be empty."""
    name = _OPERATORS.get(operator)
    if (
        name is None
        or not isinstance(left.type, Condition)
        or not isinstance(right.type, Condition)
    ):
        operation.refuse("Q101", f"`{code_of(operation.node)}` is a condition without a rule")
    one, other = left.type, right.type
    names = one.names | other.names
    if not one.model or not other.model:
        known = one.model or other.model
        return (
            Typed(left.node, Condition("", names=names))
            if not known
            else unknown(operation.body, names, operation.node, known)
        )
    if one.model != other.model:
        operation.refuse("Q101", "conditions on rows of two models are joined")
    kind = Condition(
        one.model, one.maybe_empty and other.maybe_empty, one.guarded and other.guarded, names
    )
    if one.maybe_empty or other.maybe_empty:
        function = operation.body.compat("conditions", name)
        return Typed(parse(f"{function}({left.code}, {right.code})"), kind)
    joiner = {"either": "or_", "both": "and_"}[name]
    operation.body.use("sqlalchemy", joiner)
    return Typed(parse(f"{joiner}({left.code}, {right.code})"), kind)


@rewrites(Key("unary", Condition, "*"))
def turn(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Condition)
    node = operation.node
    if not isinstance(node, cst.UnaryOperation) or not isinstance(node.operator, cst.BitInvert):
        operation.refuse("Q101", f"`{code_of(node)}` is a condition without a rule")
    if not kind.model:
        return operation.on
    if kind.maybe_empty or not kind.guarded:
        operation.refuse("Q121", "`~` before a condition in a variable has no rule")
    function = operation.body.compat("lookups", "not_")
    return Typed(parse(f"{function}({operation.on.code})"), replace(kind))


@rewrites(call("functools.reduce"))
def reduce(operation: Operation) -> Typed:
    body = operation.body
    arguments = operation.positional()
    if len(arguments) not in (2, 3):  # a function, values, and perhaps a start
        operation.refuse("B105", "`reduce` with these arguments has no rule")
    function = body.expr(arguments[0])
    path = function.type.path if isinstance(function.type, Symbol) else _lambda(arguments[0])
    values = body.expr(arguments[1])
    item = values.type.item if isinstance(values.type, ListOf) else None
    if path not in _REDUCED or not isinstance(item, Condition):
        operation.refuse("B105", "this `reduce` has no rule")
    start = body.expr(arguments[2]) if len(arguments) == 3 else None
    if start is not None and not isinstance(start.type, Condition):
        operation.refuse("B105", "this `reduce` has no rule")
    if not item.model:
        return Typed(values.node, item)
    body.use("functools", "reduce")
    name = body.compat("conditions", _REDUCED[path])
    texts = [name, code_of(operand(values)), *([start.code] if start is not None else [])]
    empty = item.maybe_empty or start is not None
    return Typed(parse(f"reduce({', '.join(texts)})"), replace(item, maybe_empty=empty))


def _lambda(node: cst.BaseExpression) -> str:
    """`lambda a, b: a | b` as the operator that it stands for."""
    if isinstance(node, cst.Lambda) and isinstance(node.body, cst.BinaryOperation):
        names = [p.name.value for p in node.params.params]
        sides = [code_of(node.body.left), code_of(node.body.right)]
        if names == sides:
            return {cst.BitOr: "operator.or_", cst.BitAnd: "operator.and_"}.get(
                type(node.body.operator), ""
            )
    return ""


@rewrites(Key("augment", Condition, "*"))
def augment(operation: Operation) -> Typed:
    """`q |= Q(...)`: the new value of the variable."""
    node = operation.node
    assert isinstance(node, cst.AugAssign)
    assert operation.other is not None
    return joined(operation, operation.on, operation.other, type(node.operator))
