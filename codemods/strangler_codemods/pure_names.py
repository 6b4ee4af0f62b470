"""Names of the standard library that only compute, as names of the new module."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import libcst as cst

from .operation import Typed
from .pure import pure_value
from .types import Symbol

if TYPE_CHECKING:
    from .body import Body


def pure_symbol(body: Body, path: str, node: cst.BaseExpression) -> Typed:
    """What a dotted path of the standard library means, imported under the name that `node` has."""
    root: cst.BaseExpression = node
    while isinstance(root, cst.Attribute):
        root = root.value
    if isinstance(root, cst.Name):
        if root is not node:
            path_of_root = body.world.sources.resolve(body.module, root.value) or ""
        else:
            path_of_root = path
        _import(body, path_of_root, root.value)
    return Typed(node, pure_value(path) or Symbol(path))


def _import(body: Body, path: str, name: str) -> None:
    """Import what a name of the standard library stands for, under that name."""
    module, _, original = path.rpartition(".")
    if path and (not module or path in sys.stdlib_module_names or path == "os.path"):
        body.use(path, "" if name == path else f"as {name}")
    elif path:
        body.use(module, original if name == original else f"{original} as {name}")
