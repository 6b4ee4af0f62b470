"""Queries that give one answer run on the session, below the endpoint.

Before: Order.objects.filter(user=user).exists()
After:  exists(session, select(Order).where(Order.user_id == user.id))
"""

from strangler_codemods.lookups import filtered, ordered
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Instance, Manager, Plain, Query, Type


def _run(operation: Operation, statement: Typed, kind: Type) -> Typed:
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", f"`.{operation.name}()` runs a query where none may run")
    session = body.session()
    module = "actions" if body.colour == "async" else "orm"
    function = body.compat(module, operation.name)
    call = f"{function}({session}, {statement.code})"
    return Typed(parse(f"await {call}" if body.colour == "async" else call), kind)


@rewrites(method(Manager, "exists"), method(Query, "exists"))
def exists(operation: Operation) -> Typed:
    return _run(operation, base(operation), Plain("bool"))


@rewrites(method(Manager, "count"), method(Query, "count"))
def count(operation: Operation) -> Typed:
    return _run(operation, base(operation), Plain("int"))


@rewrites(method(Manager, "first"), method(Query, "first"))
def first(operation: Operation) -> Typed:
    statement = ordered(operation.body, base(operation))
    assert isinstance(statement.type, Query)
    return _run(operation, statement, Instance(statement.type.model, optional=True))


@rewrites(method(Manager, "get"), method(Query, "get"))
def get(operation: Operation) -> Typed:
    statement = filtered(operation, base(operation))
    assert isinstance(statement.type, Query)
    return _run(operation, statement, Instance(statement.type.model))
