"""`none()` selects nothing.

Before: return queryset.none()
After:  return statement.where(false())
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "none"), method(Query, "none"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    operation.body.use("sqlalchemy", "false")
    return Typed(parse(f"{statement.code}.where(false())"), statement.type)
