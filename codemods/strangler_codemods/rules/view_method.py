"""A method that the project's view calls on itself becomes a function.

Before: ids = self._parse_ids(text)
After:  ids = parse_ids(text)
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.plain_values import operate
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import View


@rewrites(method(View, "*"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    endpoint = body.owner.attributes.get("endpoint")
    methods = getattr(endpoint, "methods", {})
    ref = methods.get(operation.name)
    if ref is None:
        held = operate(body, "view class", View, operation.name, operation)
        if held is not None:
            return held
    if ref is None or body.world.call_helper is None:
        operation.refuse("B302", f"`self.{operation.name}()` has no rule")
    return body.world.call_helper(operation, ref.path, body.owner)
