"""`*args, **kwargs` of methods that are called with neither."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from .model_overrides import without_stars
from .sources import FunctionSource


def without_empty_stars(source: FunctionSource) -> FunctionSource:
    """The function without what is empty, and calls that do not hand it on."""
    plain, stars = without_stars(source)
    if not stars:
        return source
    node = plain.node.visit(_Unhanded({star.lstrip("*") for star in stars}))
    assert isinstance(node, cst.FunctionDef)
    return replace(plain, node=node)


class _Unhanded(cst.CSTTransformer):
    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        args = [each for each in updated_node.args if not self._is_empty(each)]
        if len(args) == len(updated_node.args):
            return updated_node
        if args:
            args[-1] = args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(args=args)

    def _is_empty(self, argument: cst.Arg) -> bool:
        name = argument.value
        return bool(argument.star) and isinstance(name, cst.Name) and name.value in self.names
