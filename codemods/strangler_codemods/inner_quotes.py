"""Strings inside of f-strings, which before Python 3.12 may not have the quotes of the outer one."""

from __future__ import annotations

import libcst as cst

from .body import Body
from .operation import code_of


def within(body: Body, node: cst.BaseExpression, outer: cst.FormattedString) -> cst.BaseExpression:
    """An expression as it may stand in `outer`.

    Raises:
        RefusalError: a string in it cannot be written with other quotes.
    """
    quote = outer.start.lstrip("fFrR")
    if quote not in code_of(node):
        return node
    changed = node.visit(_Quotes(quote))
    text = code_of(changed) if isinstance(changed, cst.BaseExpression) else quote
    if quote in text or "\\" in text:
        body.refuse("B108", "a string inside of this one has no other quotes", outer)
    assert isinstance(changed, cst.BaseExpression)
    return changed


class _Quotes(cst.CSTTransformer):
    def __init__(self, quote: str) -> None:
        self.other = "'" if quote == '"' else '"'

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        value = updated_node.evaluated_value
        if not isinstance(value, str) or self.other in value or not value.isprintable():
            return updated_node
        return cst.SimpleString(f"{self.other}{value}{self.other}")
