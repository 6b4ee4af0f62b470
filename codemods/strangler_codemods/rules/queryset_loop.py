"""Looping over a query reads its rows, or the columns that it was reduced to.

Before: for item in box.items.filter(broken=False):
After:  for item in rows(session, select(Item).where(...)):
"""

from strangler_codemods.lookups import ordered
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import call, method, rewrites
from strangler_codemods.types import Manager, Plain, Query, Rows


@rewrites(method(Query, "__iter__"), method(Manager, "__iter__"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if isinstance(operation.on.type, Manager):
        operation.refuse("B204", "a manager cannot be looped over")
    if body.colour == "build":
        operation.refuse("Q107", "a query runs where none may run")
    statement = ordered(body, base(operation))
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.values:
        function = body.compat("orm", "columns")
        texts = [statement.code, *kind.values, *(["flat=True"] if kind.flat else [])]
        if body.colour == "async":
            text = f"await {body.session()}.run_sync({', '.join([function, *texts])})"
        else:
            text = f"{function}({', '.join([body.session(), *texts])})"
        return Typed(parse(text), Plain("list[Any]"))
    function = body.compat("actions" if body.colour == "async" else "orm", "rows")
    text = f"{function}({body.session()}, {statement.code})"
    return Typed(parse(f"await {text}" if body.colour == "async" else text), Rows(kind.model))


@rewrites(call("builtins.list"))
def listed(operation: Operation) -> Typed:
    from dataclasses import replace

    from strangler_codemods.plain_values import plain_args

    arguments = operation.positional()
    value = operation.body.expr(arguments[0]) if len(operation.args) == 1 else None
    if value is not None and isinstance(value.type, Query):
        return rewrite(replace(operation, name="__iter__", receiver=value))
    texts = [a.value for a in plain_args(operation.body, operation.args)]
    shown = ", ".join(Typed(node).code for node in texts)
    kept = value.type if value is not None and isinstance(value.type, Rows) else Plain("list[Any]")
    return Typed(parse(f"list({shown})"), kept)
