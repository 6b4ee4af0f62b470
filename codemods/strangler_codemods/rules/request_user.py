"""`request.user` becomes the parameter `user`, None for an anonymous caller.

Before: queryset.filter(owner=self.request.user)
After:  statement.where(Note.owner_id == user.id)
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Request


@rewrites(attribute(Request, "user"))
def rewrite(operation: Operation) -> Typed:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Request)
    if kind.optional and f"{body.context()}.has_request" not in body.narrowed:
        operation.refuse("B121", "the serializer may not be told of the request here")
    return body.user()
