"""Texts that are known while converting: literals, constants of classes, and what is put together of them."""

from __future__ import annotations

import libcst as cst

from .body import Body
from .operation import string_value
from .refusal import RefusalError
from .types import Constant


def known_text(body: Body, node: cst.BaseExpression) -> str | None:
    """The text that an expression stands for; None where it is not known."""
    if isinstance(node, cst.FormattedString):
        parts = [_part(body, part) for part in node.parts]
        return None if None in parts else "".join(part or "" for part in parts)
    if isinstance(node, cst.Attribute):
        try:
            typed = body.expr(node)
        except RefusalError:
            return None
        if isinstance(typed.type, Constant):
            value = None if typed.type.others else typed.type.value
            return value if isinstance(value, str) else None
        node = typed.node
    return string_value(node)


def _part(body: Body, part: cst.BaseFormattedStringContent) -> str | None:
    if isinstance(part, cst.FormattedStringText):
        return None if "\\" in part.value or "{" in part.value else part.value
    if not isinstance(part, cst.FormattedStringExpression):
        return None
    plain = part.conversion is None and part.format_spec is None and part.equal is None
    return known_text(body, part.expression) if plain else None
