"""Methods of the project's own managers and QuerySet classes become functions on statements.

Before: Product.objects.active()
After:  active(select(Product))
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "*"), method(Query, "*"))
def rewrite(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Manager | Query)
    world = operation.body.world
    path = world.queryset_method(kind.model, operation.name)
    if path is None or world.call_queryset is None:
        operation.refuse("Q106", f"`.{operation.name}()` of a query has no rule")
    return world.call_queryset(operation, path, base(operation))
