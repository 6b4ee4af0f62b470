"""Methods of the project's own managers and QuerySet classes become functions on statements.

Before: Product.objects.active()
After:  active(select(Product))
"""

from ..operation import Operation, Typed
from ..queries import base
from ..rule import method, rewrites
from ..types import Manager, Query


@rewrites(method(Manager, "*"), method(Query, "*"))
def rewrite(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Manager | Query)
    world = operation.body.world
    path = world.queryset_method(kind.model, operation.name)
    if path is None or world.call_queryset is None:
        operation.refuse("Q106", f"`.{operation.name}()` of a query has no rule")
    return world.call_queryset(operation, path, base(operation))
