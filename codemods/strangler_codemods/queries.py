"""Statements that queries start from."""

from __future__ import annotations

from .operation import Operation, Typed, parse
from .types import Manager, Query

# What Django allows on a query that was cut, and our statements do the same way.
_OF_SLICES = frozenset({"all", "count", "exists", "aggregate", "__iter__"})


def base(operation: Operation) -> Typed:
    """The receiver as a statement: a manager stands for the rows that it shows."""
    receiver = operation.on
    if isinstance(receiver.type, Query):
        if receiver.type.sliced and operation.name not in _OF_SLICES:
            operation.refuse("Q131", f"`.{operation.name}()` of a slice has no rule")
        if receiver.type.values and operation.name != "__iter__":
            operation.refuse("Q106", f"`.{operation.name}()` of columns alone has no rule")
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
