"""A permission class reads the request and its view; both come with the context.

Before: def has_permission(self, request, view): return view.action == "list"
After:  def has_permission(self, context): ...
"""

from ..operation import Operation, Typed, parse
from ..rule import attribute, rewrites
from ..types import PermissionSelf, Plain


@rewrites(attribute(PermissionSelf, "message"))
def message(operation: Operation) -> Typed:
    return Typed(parse("self.message"), Plain("str"))
