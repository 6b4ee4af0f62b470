"""`bool(x)` asks for the truth of `x`, whatever `x` is.

Before: return bool(request.method in SAFE_METHODS and request.user or request.auth)
After:  return bool(request.method in SAFE_METHODS or context.auth)
"""

import libcst as cst

from strangler_codemods.expressions import truth
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Constant, Plain


@rewrites(call("builtins.bool"))
def rewrite(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Call)
    if len(operation.args) != 1 or operation.args[0].star or operation.args[0].keyword:
        operation.refuse("B111", "`bool` of something other than one value has no rule")
    asked = truth(operation.body, operation.args[0].value)
    if isinstance(asked.type, Constant):
        return operation.body.constant(bool(asked.type.value))
    argument = node.args[0].with_changes(value=asked.node)
    return Typed(node.with_changes(args=[argument]), Plain("bool"))
