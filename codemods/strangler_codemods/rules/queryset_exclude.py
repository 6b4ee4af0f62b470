"""`exclude` becomes a negated `where` that keeps rows whose column is NULL, as Django does.

Before: queryset.exclude(status="draft")
After:  statement.where(Product.status != "draft")
"""

from ..lookups import conditions, negated
from ..operation import Operation, Typed, parse
from ..queries import base
from ..rule import method, rewrites
from ..types import Manager, Query


@rewrites(method(Manager, "exclude"), method(Query, "exclude"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    assert isinstance(statement.type, Query)
    found = conditions(operation, statement.type.model)
    if not found:
        return statement
    text = negated(operation.body, found).text
    return Typed(parse(f"{statement.code}.where({text})"), statement.type)
