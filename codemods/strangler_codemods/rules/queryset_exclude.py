"""`exclude` becomes a negated `where` that keeps rows whose column is NULL, as Django does.

Before: queryset.exclude(status="draft")
After:  statement.where(Product.status != "draft")
"""

from strangler_codemods.lookups import conditions, negated
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "exclude"), method(Query, "exclude"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    assert isinstance(statement.type, Query)
    found = conditions(operation, statement.type.model)
    if not found:
        return statement
    if any(condition.joins for condition in found):
        operation.refuse("Q121", "a to-many lookup inside `exclude` has no rule")
    text = negated(operation.body, found).text
    return Typed(parse(f"{statement.code}.where({text})"), statement.type)
