"""`super(Notes, self)` in a method of `Notes`, as Python has written it since: `super()`."""

from __future__ import annotations

import re

import libcst as cst

_WRITTEN_OUT = re.compile(r"\bsuper\(\s*\w")


def with_short_supers(module: cst.Module, text: str) -> cst.Module:
    """The module with `super()` wherever its arguments are those that Python would take; no line moves.

    text: the source of the module.
    """
    return module.visit(_Shortened()) if _WRITTEN_OUT.search(text) else module


class _Shortened(cst.CSTTransformer):
    def __init__(self) -> None:
        super().__init__()
        #: Names of classes and functions around a node, and the first parameter of each function.
        self.around: list[tuple[str, str | None]] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.around.append((node.name.value, None))

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.BaseStatement:
        self.around.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        params = (*node.params.posonly_params, *node.params.params)
        self.around.append((node.name.value, params[0].name.value if params else ""))

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.BaseStatement:
        self.around.pop()
        return updated_node

    def visit_Lambda(self, node: cst.Lambda) -> None:
        self.around.append(("", ""))

    def leave_Lambda(
        self, original_node: cst.Lambda, updated_node: cst.Lambda
    ) -> cst.BaseExpression:
        self.around.pop()
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        names = [a.value.value for a in original_node.args if isinstance(a.value, cst.Name)]
        plain = len(names) == len(original_node.args) == 2 and not any(
            a.keyword or a.star for a in original_node.args
        )
        is_super = isinstance(original_node.func, cst.Name) and original_node.func.value == "super"
        if not plain or not is_super or len(self.around) != 2:
            return updated_node
        (owner, in_function), (_, first) = self.around
        if in_function is not None or names != [owner, first] or _is_long(original_node):
            return updated_node
        return updated_node.with_changes(args=[])


def _is_long(node: cst.Call) -> bool:
    """Whether the call takes more than one line."""
    return "\n" in cst.Module(body=[]).code_for_node(node)
