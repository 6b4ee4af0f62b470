"""`delete` of a query removes its rows and what hangs on them; no `delete` of a model runs.

Before: order.items.filter(count=0).delete()
After:  delete_query(session, select(Item).where(Item.order_id == order.id, Item.count == 0))
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.subqueries import selecting
from strangler_codemods.types import Plain, Query
from strangler_codemods.writability import write_obstacle


def _by_key(operation: Operation, statement: Typed, kind: Query) -> Typed:
    """Rows that a join repeats, each once."""
    entity = operation.body.model(kind.model)
    key = f"{entity}.{operation.body.world.primary_key(kind.model)}"
    operation.body.use("sqlalchemy", "select")
    inner = selecting(statement.code, kind, operation.body, key)
    return Typed(parse(f"select({entity}).where({key}.in_({inner}))"), Query(kind.model))


@rewrites(method(Query, "delete"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if body.colour == "build" or operation.args:
        operation.refuse("Q107", "`.delete()` writes where nothing may be written")
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.grouped or kind.distinct or kind.values:
        operation.refuse("Q132", "this `delete` has no rule")
    if kind.many:
        statement = _by_key(operation, statement, kind)
    reason = write_obstacle(body.world, kind.model, "delete")
    if reason is not None:
        operation.refuse("Q113", reason)
    function, session = body.compat("orm", "delete_query"), body.session()
    if body.colour == "async":
        call = f"await {session}.run_sync({function}, {statement.code})"
    else:
        call = f"{function}({session}, {statement.code})"
    return Typed(parse(call), Plain("tuple[int, dict[str, int]]"))
