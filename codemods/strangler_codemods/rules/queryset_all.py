"""`all()` is the statement itself.

Before: Product.objects.all()
After:  select(Product)
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "all"), method(Query, "all"), method(Manager, "get_queryset"))
def rewrite(operation: Operation) -> Typed:
    return base(operation)
