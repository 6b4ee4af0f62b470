"""Looping over a query reads its rows.

Before: for item in box.items.filter(broken=False):
After:  for item in rows(session, select(Item).where(...)):
"""

from strangler_codemods.lookups import ordered
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query, Rows


@rewrites(method(Query, "__iter__"), method(Manager, "__iter__"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if isinstance(operation.on.type, Manager):
        operation.refuse("B204", "a manager cannot be looped over")
    if body.colour == "build":
        operation.refuse("Q107", "a query runs where none may run")
    statement = ordered(body, base(operation))
    assert isinstance(statement.type, Query)
    function = body.compat("actions" if body.colour == "async" else "orm", "rows")
    call = f"{function}({body.session()}, {statement.code})"
    return Typed(
        parse(f"await {call}" if body.colour == "async" else call), Rows(statement.type.model)
    )
