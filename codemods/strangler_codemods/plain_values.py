"""Expressions that must be values of their own, and operations that go to their rules."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

import libcst as cst

from .body import Body
from .lattice import describe
from .operation import Operation, Typed, code_of
from .types import Attrs, Constant, Error, ListOf, Plain, Rows, Type

_VALUES = (Plain, Constant, Attrs, Error, ListOf, Rows)


def plain(body: Body, node: cst.BaseExpression) -> cst.BaseExpression:
    """Rewrite an expression that must be plain Python."""
    typed = body.expr(node)
    require_value(body, typed, node)
    return typed.node


def require_value(body: Body, typed: Typed, node: cst.CSTNode) -> None:
    """Refuse what is no value of its own: rows, statements and whatever only rules may read."""
    if not isinstance(typed.type, _VALUES):
        body.refuse("B102", f"`{code_of(node)}`: {describe(typed.type)} has no rule", node)


def operate(
    body: Body, form: str, kind: type | None, name: str, operation: Operation
) -> Typed | None:
    """Apply the rule for an operation; None when there is none."""
    rewrite = body.world.registry.find(form, kind, name)
    if rewrite is None:
        return None
    typed = cast("Typed", rewrite(operation))
    body.world.registry.wrote(rewrite, body.module.path, body.module.line_of(operation.node))
    return typed


def plain_args(body: Body, args: object) -> list[cst.Arg]:
    """Arguments of a call, each a plain value."""
    return [a.with_changes(value=plain(body, a.value)) for a in cast("list[cst.Arg]", args)]


_CLASSES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        bool,
        bytes,
        date,
        datetime,
        Decimal,
        dict,
        float,
        int,
        list,
        str,
        time,
        timedelta,
        tuple,
        UUID,
    )
}


def lacks(kind: Type, name: str) -> bool:
    """Whether a value of Python's own type has nothing of that name: Django had another object."""
    if isinstance(kind, Constant):
        return not hasattr(kind.value, name)
    if not isinstance(kind, Plain):
        return False
    known = _CLASSES.get(kind.name.removesuffix(" | None").partition("[")[0])
    return known is not None and not hasattr(known, name)
