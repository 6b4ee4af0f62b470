"""Tests of a value's class, with the classes of the new app.

Before: isinstance(exc, ProtectedError)
After:  isinstance(exc, ProtectedError)
"""

from typing import cast

import libcst as cst

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of
from strangler_codemods.pure import is_pure
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import (
    Constant,
    Error,
    Instance,
    ModelClass,
    Plain,
    RequestData,
    Symbol,
)


@rewrites(call("builtins.isinstance"))
def rewrite(operation: Operation) -> Typed:
    arguments = operation.take("obj", "class_or_tuple")
    value = operation.body.expr(arguments["obj"])
    wanted = arguments["class_or_tuple"]
    if isinstance(value.type, Instance):
        return _row(operation, value.type, wanted)
    if isinstance(value.type, RequestData):
        if code_of(wanted) not in ("bool", "float", "int", "list", "str"):  # forms are dict there
            operation.refuse("B143", "this test of the request's data has no rule")
    elif not isinstance(value.type, Plain | Constant | Error):
        operation.refuse("B143", "this test of a class has no rule")
    nodes = [e.value for e in wanted.elements] if isinstance(wanted, cst.Tuple) else [wanted]
    names = []
    for node in nodes:
        found = operation.body.expr(node)
        if not isinstance(found.type, Symbol) or not _known(operation, found.type.path):
            operation.refuse("B143", f"the class `{code_of(node)}` has no rule")
        names.append(found.code)
    text = names[0] if len(names) == 1 else f"({', '.join(names)})"
    call_node = cast("cst.Call", operation.node)
    new = cst.parse_expression(f"isinstance({code_of(operand(value))}, {text})")
    return Typed(new.with_changes(lpar=call_node.lpar, rpar=call_node.rpar), Plain("bool"))


def _row(operation: Operation, row: Instance, wanted: cst.BaseExpression) -> Typed:
    """A row of a model is one of its parents' too; of its children it may be."""
    body = operation.body
    nodes = [e.value for e in wanted.elements] if isinstance(wanted, cst.Tuple) else [wanted]
    kinds = [body.expr(node).type for node in nodes]
    labels = [kind.model for kind in kinds if isinstance(kind, ModelClass)]
    above = {row.model, *body.world.ancestors(row.model)}
    below = any(row.model in body.world.ancestors(label) for label in labels)
    if len(labels) != len(kinds) or row.optional or below:
        operation.refuse("B143", "this test of a row's class has no rule")
    return body.constant(not above.isdisjoint(labels))


def _known(operation: Operation, path: str) -> bool:
    world = operation.body.world
    if path.startswith("builtins.") or is_pure(path):
        return True
    if world.registry.find("symbol", None, path) is not None:
        return True
    return world.project_error is not None and world.project_error(operation.body, path) is not None
