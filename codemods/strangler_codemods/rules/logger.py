"""A module's logger stays one, under the name of its new module; rows are logged by their `__str__`.

Before: logger.info("sold %s", item)
After:  logger.info("sold %s", item)
"""

from typing import cast

import libcst as cst

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.plain_values import plain_args
from strangler_codemods.rule import call, method, rewrites
from strangler_codemods.shown_texts import shown
from strangler_codemods.types import Plain

_LOGGER = Plain("logging.Logger")
_LEVELS = ("debug", "info", "warning", "warn", "error", "exception", "critical")


@rewrites(call("logging.getLogger"))
def get_logger(operation: Operation) -> Typed:
    body, node = operation.body, cast("cst.Call", operation.node)
    function = operation.on.node
    named = len(node.args) == 1 and isinstance(node.args[0].value, cst.Name)
    if named and cast("cst.Name", node.args[0].value).value == "__name__":
        return Typed(node.with_changes(func=function), _LOGGER)
    return Typed(node.with_changes(func=function, args=plain_args(body, node.args)), _LOGGER)


@rewrites(*(method(Plain, level) for level in _LEVELS))
def log(operation: Operation) -> Typed | None:
    node = cast("cst.Call", operation.node)
    if operation.on.type != _LOGGER or any(argument.star for argument in node.args):
        return None
    func = cast("cst.Attribute", node.func).with_changes(value=operation.on.node)
    args = [a.with_changes(value=shown(operation.body, a.value)) for a in node.args]
    return Typed(node.with_changes(func=func, args=args), Plain("None"))
