"""A permission class reads the request and its view; both come with the context.

Before: def has_permission(self, request, view): return view.action == "list"
After:  def has_permission(self, context): ...
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import PermissionSelf, Plain


@rewrites(attribute(PermissionSelf, "message"))
def message(operation: Operation) -> Typed:
    return Typed(parse("self.message"), Plain("str"))
