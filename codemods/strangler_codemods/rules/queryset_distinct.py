"""`distinct()` without columns.

Before: queryset.distinct()
After:  statement.distinct()
"""

from dataclasses import replace

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "distinct"), method(Query, "distinct"))
def rewrite(operation: Operation) -> Typed:
    if operation.args:
        operation.refuse("Q124", "`distinct` with columns has no rule")
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.repeats or kind.grouped or any(c.shown for c in kind.computed):
        operation.refuse("Q124", "`distinct` of this query has no rule")
    if kind.values and not _orders_own(operation, kind):
        operation.refuse("Q124", "`distinct` in an order of other columns has no rule")
    if not kind.values and kind.joins:
        entity = f"{kind.entity or operation.body.model(kind.model)}."
        if any(not text.startswith(entity) for text in kind.order):
            operation.refuse("Q124", "`distinct` in the order of another table has no rule")
    return Typed(parse(f"{statement.code}.distinct()"), replace(kind, distinct=True, related=None))


def _orders_own(operation: Operation, kind: Query) -> bool:
    """Whether rows are ordered by nothing but what is selected, so that all of it is distinct."""
    from strangler_codemods.computed_values import plain_order

    texts = {text for _, text, _ in kind.values}
    if kind.ordering == "default":
        return operation.body.world.order_symbol(kind.model) is None
    return kind.ordering == "none" or all(plain_order(t) in texts for t in kind.order)
