"""`self.request` of a view, or of a filter set, is the request of the endpoint.

Before: self.request.user
After:  user
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import FilterSelf, Request, View


@rewrites(attribute(View, "request"), attribute(FilterSelf, "request"))
def rewrite(operation: Operation) -> Typed:
    return Typed(operation.node, Request())
