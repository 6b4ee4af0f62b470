"""`all()` is the statement itself.

Before: Product.objects.all()
After:  select(Product)
"""

from ..operation import Operation, Typed
from ..queries import base
from ..rule import method, rewrites
from ..types import Manager, Query


@rewrites(method(Manager, "all"), method(Query, "all"), method(Manager, "get_queryset"))
def rewrite(operation: Operation) -> Typed:
    return base(operation)
