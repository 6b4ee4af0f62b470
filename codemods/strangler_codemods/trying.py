"""`try` statements: what is known after each of their ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import libcst as cst

from .body import Body
from .types import Error, Symbol

if TYPE_CHECKING:
    from .statements import Block

_BASE = "builtins.Exception"


def rewrite_try(block: Block, node: cst.Try) -> tuple[list[cst.BaseStatement], bool]:
    """The statement, and whether all of its ways end the function."""
    body = block.body
    before = dict(body.env)
    suite, ended = block.suite(node.body)
    orelse = node.orelse
    if orelse is not None and not ended:
        inner, ended = block.suite(orelse.body)
        orelse = orelse.with_changes(body=inner)
    after = body.env
    handlers = []
    for handler in node.handlers:
        body.env = dict(before)
        changed, handler_ended = _handler(block, handler)
        handlers.append(changed)
        if not handler_ended:
            after = block.joined(after, body.env)
        ended = ended and handler_ended
    body.env = after
    final = node.finalbody
    if final is not None:
        inner, _ = block.suite(final.body)
        final = final.with_changes(body=inner)
    done = node.with_changes(body=suite, handlers=handlers, orelse=orelse, finalbody=final)
    return [done], ended


def _handler(block: Block, handler: cst.ExceptHandler) -> tuple[cst.ExceptHandler, bool]:
    body = block.body
    caught, path = _caught(body, handler)
    name = handler.name
    if name is not None:
        local = cast("cst.Name", name.name).value
        body.env[local] = Error(path)
    inner, ended = block.suite(handler.body)
    if name is not None:
        name = name.with_changes(name=cst.Name(body.local(local)))
    space = handler.whitespace_after_except if handler.type else cst.SimpleWhitespace(" ")
    changed = handler.with_changes(
        type=caught, name=name, body=inner, whitespace_after_except=space
    )
    return changed, ended


def _caught(body: Body, handler: cst.ExceptHandler) -> tuple[cst.BaseExpression, str]:
    """The classes that a handler catches, and the path of what it binds."""
    if not isinstance(handler.type, cst.Tuple):
        return _class(body, handler, handler.type or cst.Name("Exception"))
    found = [_class(body, handler, element.value) for element in handler.type.elements]
    elements = [
        e.with_changes(value=f[0]) for e, f in zip(handler.type.elements, found, strict=True)
    ]
    paths = {path for _, path in found}
    return handler.type.with_changes(elements=elements), paths.pop() if len(paths) == 1 else _BASE


def _class(
    body: Body, handler: cst.ExceptHandler, node: cst.BaseExpression
) -> tuple[cst.BaseExpression, str]:
    kind = body.expr(node)
    if not isinstance(kind.type, Symbol):
        body.refuse("B208", "this `except` has no rule", handler)
    return kind.node, kind.type.path
