"""Rows are put into a list one by one; from then on it is a list of that model's rows.

Before: found.append(node)
After:  found.append(node)
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Constant, EmptyList, Instance, Plain, Rows


@rewrites(method(EmptyList, "append"), method(Rows, "append"))
def append(operation: Operation) -> Typed:
    kind, body = operation.on.type, operation.body
    arguments = operation.positional()
    if len(arguments) != 1:
        operation.refuse("B111", "`append` takes one value")
    value = body.expr(arguments[0])
    if isinstance(value.type, Instance):
        known = kind.model if isinstance(kind, Rows) else value.type.model
        if value.type.optional or value.type.model != known:
            operation.refuse("B102", f"`{value.code}` does not go with the other rows")
        changed: Rows | Plain = Rows(known)
    elif isinstance(kind, EmptyList) and isinstance(value.type, Plain | Constant):
        changed = Plain(kind.name)
    else:
        operation.refuse("B102", f"`{value.code}` does not go with what is in the list")
    node = operation.node
    assert isinstance(node, cst.Call)
    assert isinstance(node.func, cst.Attribute)
    if not isinstance(node.func.value, cst.Name):
        operation.refuse("B203", "a list without a name is changed")
    body.env[node.func.value.value] = changed
    return Typed(parse(f"{operation.on.code}.append({value.code})"), Plain("None"))


@rewrites(method(Rows, "extend"), method(Rows, "insert"), method(EmptyList, "extend"))
def other(operation: Operation) -> Typed:
    operation.refuse("B106", f"`.{operation.name}()` of a list of rows has no rule")
