"""Rows that a serializer with data is made over, in a variable: what it saves is that row.

    serializer = BookSerializer(self.get_book(pk), data=request.data)

becomes

    instance = self.get_book(pk)
    serializer = BookSerializer(instance, data=request.data)
"""

from __future__ import annotations

import libcst as cst

from .operation import code_of
from .walking import walk

_NAME = "instance"
#: Rows that already have a name in the new function.
_NAMED = ("request.user", "self.request.user", "self.get_object()")


class _Named(cst.CSTTransformer):
    def __init__(self, name: str) -> None:
        self.name = name

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        call = _made(updated_node)
        if call is None:
            return updated_node
        first = cst.Assign([cst.AssignTarget(cst.Name(self.name))], call.args[0].value)
        args = [call.args[0].with_changes(value=cst.Name(self.name)), *call.args[1:]]
        line = updated_node.deep_replace(call, call.with_changes(args=args))
        assert isinstance(line, cst.SimpleStatementLine)
        comments = updated_node.leading_lines
        return cst.FlattenSentinel(
            [
                cst.SimpleStatementLine([first], leading_lines=comments),
                line.with_changes(leading_lines=()),
            ]
        )


def _made(line: cst.CSTNode) -> cst.Call | None:
    """`Serializer(<a row>, data=...)` that a line assigns to a name, where the row has none."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    node = line.body[0]
    if not isinstance(node, cst.Assign) or not isinstance(node.value, cst.Call):
        return None
    call = node.value
    row = call.args[0] if call.args else None
    is_row = row is not None and row.keyword is None and not row.star
    if not is_row or not any(arg.keyword and arg.keyword.value == "data" for arg in call.args):
        return None
    assert row is not None
    plain = isinstance(row.value, cst.Call | cst.Attribute) and code_of(row.value) not in _NAMED
    return call if plain else None


def with_named_rows(node: cst.FunctionDef) -> cst.FunctionDef:
    """The function with a variable for each such row; as it is where there is none."""
    nodes = [*walk(node)]
    if not any(_made(each) is not None for each in nodes):
        return node
    used = {each.value for each in nodes if isinstance(each, cst.Name)}
    name = _NAME
    while name in used:
        name += "_"
    changed = node.visit(_Named(name))
    assert isinstance(changed, cst.FunctionDef)
    return changed
