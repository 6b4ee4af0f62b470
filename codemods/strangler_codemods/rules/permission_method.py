"""A permission class calls its own methods; request and view go along with the context.

Before: project_id = self.get_project_id(request, view)
After:  project_id = self.get_project_id(context)
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import PermissionSelf


@rewrites(method(PermissionSelf, "*"))
def call(operation: Operation) -> Typed:
    owner, node = operation.body.owner, operation.node
    assert isinstance(node, cst.Call)
    if owner.call_self is None:
        operation.refuse("B106", f"`.{operation.name}()` of a permission class has no rule")
    return operation.body.call(owner.call_self(operation.body, operation.name, node), node)
