"""`none()` selects nothing.

Before: return queryset.none()
After:  return statement.where(false())
"""

from ..operation import Operation, Typed, parse
from ..queries import base
from ..rule import method, rewrites
from ..types import Manager, Query


@rewrites(method(Manager, "none"), method(Query, "none"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    operation.body.use("sqlalchemy", "false")
    return Typed(parse(f"{statement.code}.where(false())"), statement.type)
