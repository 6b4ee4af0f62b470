"""Statements that queries start from."""

from __future__ import annotations

from dataclasses import replace

from .operands import operand
from .operation import Operation, Typed
from .types import Manager, Query

# What Django allows on a query that was cut, and our statements do the same way.
_OF_SLICES = frozenset(
    {
        "all",
        "count",
        "exists",
        "aggregate",
        "__iter__",
        "__len__",
        "__bool__",
        "values",
        "values_list",
    }
)
# What a query that was reduced to columns still does, in our statements as in Django.
_OF_VALUES = frozenset(
    [
        *("all", "filter", "exclude", "order_by", "reverse", "distinct", "annotate", "none"),
        *("values", "values_list", "count", "exists", "first", "last", "get", "__iter__"),
        *("__len__", "__bool__", "__getitem__", "iterator", "using"),
    ]
)
# What asks for rows without their order, which to-many relations repeat.
_WITHOUT_ORDER = frozenset({"count", "aggregate", "get", "update", "delete", "exists", "in_bulk"})


def base(operation: Operation) -> Typed:
    """The receiver as a statement: a manager stands for the rows that it shows."""
    receiver, name = operation.on, operation.name
    if isinstance(receiver.type, Query):
        kind = receiver.type
        if kind.sliced and name not in _OF_SLICES:
            operation.refuse("Q131", f"`.{name}()` of a slice has no rule")
        if kind.values and name not in _OF_VALUES:
            operation.refuse("Q106", f"`.{name}()` of columns alone has no rule")
        if kind.repeats and name in _WITHOUT_ORDER:
            operation.refuse("Q111", f"`.{name}()` in the order of a to-many relation has no rule")
        return replace(receiver, node=operand(receiver))
    if not isinstance(receiver.type, Manager):
        operation.refuse("B106", f"`.{name}()` has no rule here")
    body = operation.body
    manager = receiver.type
    assert body.world.manager_base is not None
    return body.world.manager_base(body, manager.model, manager.name)
