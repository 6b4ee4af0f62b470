"""`self.action` and `request.method` are known per endpoint, so tests on them fold away.

Before: if self.action == "list":
After:  (the branch that the endpoint takes)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Plain, Request, View


@rewrites(attribute(View, "action"))
def action(operation: Operation) -> Typed:
    owner = operation.body.owner
    if owner.action is None:
        operation.refuse("B123", "`self.action` is not known here")
    return operation.body.constant(owner.action)


@rewrites(attribute(Request, "method"))
def request_method(operation: Operation) -> Typed:
    method = operation.body.owner.method
    if method is not None:
        return operation.body.constant(method)
    return Typed(parse(f"{operation.body.request()}.method"), Plain("str"))
