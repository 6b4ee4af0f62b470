"""A class that keeps its form reads its constants and calls its own methods.

Before: return self._find(request, token)
After:  return self._find(context, token)
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.types import ClassSelf


@rewrites(attribute(ClassSelf, "*"))
def constant(operation: Operation) -> Typed:
    read = operation.body.owner.read_self
    kind = read(operation.name) if read is not None else None
    if kind is None:
        operation.refuse("B104", f"`.{operation.name}` of this class has no rule")
    return Typed(operation.node, kind)


@rewrites(method(ClassSelf, "*"))
def call(operation: Operation) -> Typed:
    owner, node = operation.body.owner, operation.node
    assert isinstance(node, cst.Call)
    if owner.call_self is None:
        operation.refuse("B106", f"`.{operation.name}()` of this class has no rule")
    return operation.body.call(owner.call_self(operation.body, operation.name, node), node)
