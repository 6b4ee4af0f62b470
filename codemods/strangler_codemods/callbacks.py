"""Functions that are handed over to be called later, on the thread of the session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst

from .body import Body
from .effect_types import TaskResult
from .lattice import describe
from .operation import Operation, Typed, code_of
from .plain_values import plain, require_value
from .types import Instance, Plain, Symbol
from .walking import has

_PARTIAL = "functools.partial"


def callback(operation: Operation, node: cst.BaseExpression) -> str:
    """The text of a callable without arguments that does what `node` does when it is called.

    Raises:
        RefusalError: it has no rule.
    """
    body = operation.body
    if isinstance(node, cst.Lambda):
        if code_of(node.params).strip():
            operation.refuse("B144", "a `lambda` with parameters has no rule here")
        return f"lambda: {_done(operation, node.body).code}"
    if isinstance(node, cst.Call):
        function = body.expr(node.func)
        if not isinstance(function.type, Symbol) or function.type.path != _PARTIAL:
            operation.refuse("B144", f"`{code_of(node)}` as a function has no rule")
        return _partial(operation, node)
    called = _done(operation, cst.Call(node))
    bare = isinstance(called.node, cst.Call) and not called.node.args
    return code_of(called.node.func) if bare else f"lambda: {called.code}"  # type: ignore[attr-defined]  # a call


def order_key(body: Body, node: cst.Lambda) -> cst.Lambda:
    """What values are ordered by, of values that are no rows: `lambda each: each["id"]`.

    Raises:
        RefusalError: it asks for something that has to be waited for, or keeps names.
    """
    params = node.params
    names = [param.name.value for param in params.params if param.default is None]
    others = (params.kwonly_params, params.posonly_params, params.star_kwarg)
    starred = isinstance(params.star_arg, cst.Param)
    if (
        len(names) != 1
        or len(params.params) != 1
        or any(others)
        or starred
        or has(node, cst.NamedExpr)
    ):
        body.refuse("B144", "a `lambda` of these parameters has no rule here", node)
    before = body.env
    body.env = {**before, names[0]: Plain()}
    found = plain(body, node.body)
    body.env, local = before, body.local(names[0])
    if has(found, cst.Await):
        body.refuse("B144", "a `lambda` that has to wait has no rule here", node)
    renamed = params.params[0].with_changes(name=cst.Name(local))
    return node.with_changes(params=params.with_changes(params=[renamed]), body=found)


def _partial(operation: Operation, node: cst.Call) -> str:
    """`partial(f, x)`: its arguments are what they are now."""
    if not node.args or node.args[0].star or node.args[0].keyword is not None:
        operation.refuse("B144", "this `partial` has no rule")
    called = _done(operation, cst.Call(node.args[0].value, node.args[1:]))
    if not isinstance(called.node, cst.Call):
        operation.refuse("B144", f"`{code_of(node)}` has no rule")
    function = code_of(called.node.func)
    texts = [code_of(a.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for a in called.node.args]
    if operation.body.colour == "async" and any(".sync_session" in text for text in texts[1:]):
        operation.refuse("B144", "a `partial` whose arguments ask the database has no rule")
    name = operation.body.use("functools", "partial")
    return f"{name}({', '.join([function, *texts])})" if texts else function


def _done(operation: Operation, node: cst.BaseExpression) -> Typed:
    body = operation.body
    with below(body):
        typed = body.expr(node)
    if not isinstance(typed.type, Instance | TaskResult):
        require_value(body, typed, node)
    if isinstance(typed.node, cst.Await):
        operation.refuse("B144", f"{describe(typed.type)} cannot be waited for here")
    return typed


@contextmanager
def below(body: Body) -> Iterator[None]:
    """Within it, code is written for the thread of the session, which async code called."""
    before = (body.colour, body.below)
    if body.colour == "async":
        body.colour, body.below = "sync", True
    try:
        yield
    finally:
        body.colour, body.below = before
