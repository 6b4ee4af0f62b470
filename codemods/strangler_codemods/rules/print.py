"""What is printed goes to the same place; a row is printed by its `__str__`.

Before: print("found", book)
After:  print("found", book)
"""

from typing import cast

import libcst as cst

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import call, rewrites
from strangler_codemods.shown_texts import shown
from strangler_codemods.types import Plain


@rewrites(call("builtins.print"))
def rewrite(operation: Operation) -> Typed:
    node = cast("cst.Call", operation.node)
    if any(argument.star for argument in node.args):
        operation.refuse("B110", "`print` is called with `*`")
    args = [a.with_changes(value=shown(operation.body, a.value)) for a in node.args]
    return Typed(node.with_changes(args=args), Plain("None"))
