"""Chained assignments as one after the other: `a = b = f(x)` becomes `a = f(x)` and `b = a`."""

from __future__ import annotations

import libcst as cst

# Values that are the same however often they are written.
_FIXED = (cst.Name, cst.SimpleString, cst.Integer, cst.Float)


class _Unchained(cst.CSTTransformer):
    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        node = updated_node.body[0]
        if len(updated_node.body) != 1 or not isinstance(node, cst.Assign) or not node.targets[1:]:
            return updated_node
        again = node.value if isinstance(node.value, _FIXED) else node.targets[0].target
        if not isinstance(again, _FIXED):
            return updated_node
        lines = [updated_node.with_changes(body=[node.with_changes(targets=node.targets[:1])])]
        for target in node.targets[1:]:
            lines.append(cst.SimpleStatementLine([cst.Assign([target], again)]))
        return cst.FlattenSentinel(lines)


def unchained(node: cst.FunctionDef) -> cst.FunctionDef:
    """The function with one target per assignment, where its first one is a plain name."""
    changed = node.visit(_Unchained())
    assert isinstance(changed, cst.FunctionDef)
    return changed


def is_chained(node: cst.CSTNode) -> bool:
    """Whether there is a chained assignment somewhere in it."""
    return isinstance(node, cst.Assign) and len(node.targets) > 1
