"""Texts that are put together: their values are rewritten, rows shown by their `__str__`."""

from __future__ import annotations

from typing import cast

import libcst as cst

from .body import Body
from .inner_quotes import within
from .known_texts import known_text
from .operation import Operation, Typed, code_of, parse
from .plain_values import operate, require_value
from .types import Constant, Instance, Plain
from .walking import has


def formatted(body: Body, node: cst.FormattedString) -> Typed:
    """`f"{value}"`: its values are rewritten, known ones written out."""
    known = known_text(body, node) if has(node, cst.FormattedStringExpression) else None
    if known is not None:
        return body.constant(known)
    parts: list[cst.BaseFormattedStringContent] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringExpression):
            if part.format_spec:
                for spec in part.format_spec:
                    if isinstance(spec, cst.FormattedStringExpression):
                        body.refuse("B108", "a computed format has no rule", node)
            value = within(body, shown(body, part.expression), node)
            parts.append(part.with_changes(expression=value))
        else:
            parts.append(part)
    return Typed(node.with_changes(parts=parts), Plain("str"))


def texts_in_a_row(body: Body, node: cst.ConcatenatedString) -> Typed:
    """`"a" f"{b}"`: each of the texts for itself."""
    if not has(node, cst.FormattedString):
        value = node.evaluated_value
        return Typed(node, Constant(value) if isinstance(value, str | bytes) else Plain("str"))
    left, right = body.expr(node.left), body.expr(node.right)
    given = (left.type, right.type)
    new = node.with_changes(left=left.node, right=right.node)
    if all(isinstance(kind, Constant) for kind in given):
        return Typed(new, Constant("".join(str(cast("Constant", kind).value) for kind in given)))
    return Typed(new, Plain("str"))


def shown(body: Body, node: cst.BaseExpression) -> cst.BaseExpression:
    """A value inside a text; a row is shown by its `__str__`, which has to be carried."""
    typed = body.expr(node)
    done = operate(body, "shown", type(typed.type), "*", Operation(node, body, "", typed))
    if done is not None:
        return done.node
    if not isinstance(typed.type, Instance):
        require_value(body, typed, node)
        return typed.node
    find = body.world.model_member
    carried = find(typed.type.model, "__str__") if find is not None else None
    if carried is None or typed.type.optional or carried.session:
        body.refuse("B102", f"`{code_of(node)}`: the text of a row has no rule", node)
    text = carried.awaited(body, f"str({typed.code})")
    return parse(text) if "await" in text else typed.node
