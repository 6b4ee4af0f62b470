"""Whether a value that a module or a class keeps stays what it is while the project runs."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .world import World

#: What changes a list, a set, a dictionary or a queue in place.
_CHANGING = (
    "add|append|appendleft|clear|difference_update|discard|extend|extendleft|insert|intersection_update|pop|popitem|"
    "popleft|remove|reverse|rotate|setdefault|sort|subtract|symmetric_difference_update|update"
)
_FIXED = (ast.Constant, ast.JoinedStr, ast.Tuple, ast.BinOp, ast.UnaryOp, ast.Compare)


def may_change(world: World, name: str, value: ast.expr) -> bool:
    """Whether a line of the project changes in place what is kept under a name.

    Copies of it in several modules of the new app would then hold different things.
    """
    if isinstance(value, _FIXED):
        return False
    named = rf"\b{re.escape(name)}"
    changed = re.compile(
        rf"{named}\.(?:{_CHANGING})\(|{named}(?:\[[^\n]*?\])+\s*(?:[-+*/|&^%]|//|\*\*)?=(?!=)"
        rf"|{named}\s*[-+|&^*]=|\bdel\s+(?:\w+\.)*{re.escape(name)}\["
    )
    return world.sources.says(changed)
