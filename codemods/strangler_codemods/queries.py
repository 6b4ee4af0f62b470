"""Statements that queries start from."""

from __future__ import annotations

from .operation import Operation, Typed, parse
from .types import Manager, Query


def base(operation: Operation) -> Typed:
    """The receiver as a statement: a manager stands for the rows that it shows."""
    receiver = operation.on
    if isinstance(receiver.type, Query):
        return receiver
    if not isinstance(receiver.type, Manager):
        operation.refuse("B106", f"`.{operation.name}()` has no rule here")
    body = operation.body
    manager = receiver.type
    assert body.world.manager_base is not None
    return body.world.manager_base(body, manager.model, manager.name)


def select_all(operation_body: object, name: str, label: str) -> Typed:
    """`select(Model)`."""
    from .body import Body

    assert isinstance(operation_body, Body)
    operation_body.use("sqlalchemy", "select")
    return Typed(parse(f"select({name})"), Query(label))
