"""Texts that are known while converting: literals, constants of classes, and what is put together of them."""

from __future__ import annotations

import ast

import libcst as cst

from .body import Body
from .operation import code_of, string_value
from .refusal import RefusalError
from .types import Constant


def known_text(body: Body, node: cst.BaseExpression) -> str | None:
    """The text that an expression stands for; None where it is not known."""
    if isinstance(node, cst.FormattedString):
        parts = [_part(body, part) for part in node.parts]
        return None if None in parts else "".join(part or "" for part in parts)
    named = _of_module(body, node)
    if named is not None:
        return named
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


def _of_module(body: Body, node: cst.BaseExpression) -> str | None:
    """The text of a module's constant: `HEADER`, `names.HEADER`."""
    words = code_of(node).split(".") if isinstance(node, cst.Name | cst.Attribute) else [""]
    if not all(word.isidentifier() for word in words) or words[0] in body.env:
        return None
    path = body.world.sources.resolve(body.module, ".".join(words))
    found = body.world.sources.split(path) if path is not None else None
    value = found[0].constant(found[1]) if found is not None and "." not in found[1] else None
    text = value.value if isinstance(value, ast.Constant) else None
    return text if isinstance(text, str) else None


def _part(body: Body, part: cst.BaseFormattedStringContent) -> str | None:
    if isinstance(part, cst.FormattedStringText):
        return None if "\\" in part.value or "{" in part.value else part.value
    if not isinstance(part, cst.FormattedStringExpression):
        return None
    plain = part.conversion is None and part.format_spec is None and part.equal is None
    return known_text(body, part.expression) if plain else None
