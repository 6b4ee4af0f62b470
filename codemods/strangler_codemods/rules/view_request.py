"""`self.request` of a view is the request of the endpoint.

Before: self.request.user
After:  user
"""

from ..operation import Operation, Typed
from ..rule import attribute, rewrites
from ..types import Request, View


@rewrites(attribute(View, "request"))
def rewrite(operation: Operation) -> Typed:
    return Typed(operation.node, Request())
