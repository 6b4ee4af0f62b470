"""`request.user` becomes the parameter `user`, None for an anonymous caller.

Before: queryset.filter(owner=self.request.user)
After:  statement.where(Note.owner_id == user.id)
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.told_requests import require_told
from strangler_codemods.types import Request


@rewrites(attribute(Request, "user"))
def rewrite(operation: Operation) -> Typed:
    require_told(operation)
    return operation.body.user()
