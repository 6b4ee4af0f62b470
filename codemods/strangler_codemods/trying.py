"""`try` statements: what is known after each of their ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import libcst as cst

from .body import Body
from .pure import is_pure
from .refused_values import Caught, spare_refusals
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
    handlers: list[Caught] = []
    for handler in node.handlers:
        body.env = dict(before)
        changed, paths, handler_ended = _handler(block, handler)
        handlers.append((changed, paths))
        if not handler_ended:
            after = block.joined(after, body.env)
        ended = ended and handler_ended
    body.env = after
    final = node.finalbody
    if final is not None:
        inner, _ = block.suite(final.body)
        final = final.with_changes(body=inner)
    kept = spare_refusals(body, suite, handlers)
    done = node.with_changes(body=suite, handlers=kept, orelse=orelse, finalbody=final)
    return [done], ended


def _handler(
    block: Block, handler: cst.ExceptHandler
) -> tuple[cst.ExceptHandler, frozenset[str], bool]:
    body = block.body
    caught, paths = _caught(body, handler)
    path = next(iter(paths)) if len(paths) == 1 else _BASE
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
    return changed, paths, ended


def _caught(body: Body, handler: cst.ExceptHandler) -> tuple[cst.BaseExpression, frozenset[str]]:
    """The classes that a handler catches, and their paths."""
    if not isinstance(handler.type, cst.Tuple):
        node, path = _class(body, handler, handler.type or cst.Name("Exception"))
        return node, frozenset([path])
    found = [_class(body, handler, element.value) for element in handler.type.elements]
    elements = [
        e.with_changes(value=f[0]) for e, f in zip(handler.type.elements, found, strict=True)
    ]
    return handler.type.with_changes(elements=elements), frozenset(path for _, path in found)


def _class(
    body: Body, handler: cst.ExceptHandler, node: cst.BaseExpression
) -> tuple[cst.BaseExpression, str]:
    kind = body.expr(node)
    if not isinstance(kind.type, Symbol):
        body.refuse("B208", "this `except` has no rule", handler)
    path = kind.type.path
    if kind.node is node and not (path.startswith("builtins.") or is_pure(path)):
        body.refuse("B208", f"catching `{path}` has no rule", handler)
    return kind.node, path
