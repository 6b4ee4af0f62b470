"""`distinct()` without columns.

Before: queryset.distinct()
After:  statement.distinct()
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "distinct"), method(Query, "distinct"))
def rewrite(operation: Operation) -> Typed:
    if operation.args:
        operation.refuse("Q124", "`distinct` with columns has no rule")
    statement = base(operation)
    return Typed(parse(f"{statement.code}.distinct()"), statement.type)
