"""`self.queryset` in a hook is the view's own statement.

Before: queryset = self.queryset
After:  queryset = select(Tag)
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import View


@rewrites(attribute(View, "queryset"))
def rewrite(operation: Operation) -> Typed:
    make = operation.body.owner.queryset_attribute
    if make is None:
        operation.refuse("B302", "`self.queryset` has no rule here")
    return make(operation.body)
