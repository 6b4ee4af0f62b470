"""`request.user` becomes the parameter `user`, None for an anonymous caller.

Before: queryset.filter(owner=self.request.user)
After:  statement.where(Note.owner_id == user.id)
"""

from ..operation import Operation, Typed
from ..rule import attribute, rewrites
from ..types import Request


@rewrites(attribute(Request, "user"))
def rewrite(operation: Operation) -> Typed:
    return operation.body.user()
