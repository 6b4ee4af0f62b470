"""`select_for_update` locks the rows that a statement reads; SQLite has one lock for all.

Before: Order.objects.select_for_update().get(pk=pk)
After:  get(session, select(Order).with_for_update().where(Order.id == pk))
"""

from dataclasses import replace

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "select_for_update"), method(Query, "select_for_update"))
def rewrite(operation: Operation) -> Typed:
    if operation.args:
        operation.refuse("B111", "`select_for_update` with arguments has no rule")
    if operation.body.colour == "build":
        operation.refuse("Q107", "rows are locked where no query may run")
    statement = base(operation)
    assert isinstance(statement.type, Query)
    return replace(statement, node=parse(f"{statement.code}.with_for_update()"))
