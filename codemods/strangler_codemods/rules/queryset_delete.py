"""`delete` of a query removes its rows and what hangs on them; no `delete` of a model runs.

Before: order.items.filter(count=0).delete()
After:  delete_query(session, select(Item).where(Item.order_id == order.id, Item.count == 0))
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Plain, Query
from strangler_codemods.writability import write_obstacle


@rewrites(method(Query, "delete"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if body.colour == "build" or operation.args:
        operation.refuse("Q107", "`.delete()` writes where nothing may be written")
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.joins:
        operation.refuse("Q132", "`delete` over joins has no rule")
    reason = write_obstacle(body.world, kind.model, "delete")
    if reason is not None:
        operation.refuse("Q113", reason)
    function, session = body.compat("orm", "delete_query"), body.session()
    if body.colour == "async":
        call = f"await {session}.run_sync({function}, {statement.code})"
    else:
        call = f"{function}({session}, {statement.code})"
    return Typed(parse(call), Plain("tuple[int, dict[str, int]]"))
