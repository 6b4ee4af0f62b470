"""Methods of the project's own managers and QuerySet classes become functions on statements.

Those of managers that read or write rows become functions that take the session.

Before: Product.objects.active(); User.objects.create_user(email=email)
After:  active(select(Product)); create_user(session, email=email)
"""

from strangler_codemods.manager_methods import method_path
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.queries import base
from strangler_codemods.refusal import RefusalError
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "*"), method(Query, "*"))
def rewrite(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Manager | Query)
    world = operation.body.world
    path = method_path(operation)
    if path is None or world.call_queryset is None:
        operation.refuse("Q106", f"`.{operation.name}()` of a query has no rule")
    try:
        return world.call_queryset(operation, path, base(operation))
    except RefusalError:
        # no method that builds statements; below the endpoint it may be one that runs them
        if isinstance(kind, Query) or operation.body.colour == "build" or world.call_helper is None:
            raise
    return world.call_helper(operation, path, None, kind)
