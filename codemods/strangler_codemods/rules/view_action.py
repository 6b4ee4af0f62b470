"""`self.action` and `request.method` are known per endpoint, so tests on them fold away.

Before: if self.action == "list":
After:  (the branch that the endpoint takes)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Constant, Plain, Request, View


@rewrites(attribute(View, "action"))
def action(operation: Operation) -> Typed:
    owner = operation.body.owner
    if owner.kind == "permission":
        owner.attributes["asks_action"] = True
        return Typed(parse(f"{operation.body.context()}.action"), Plain("str | None"))
    if owner.action is None:
        operation.refuse("B123", "`self.action` is not known here")
    return operation.body.constant(owner.action)


@rewrites(attribute(Request, "method"))
def request_method(operation: Operation) -> Typed:
    owner = operation.body.owner
    endpoint = owner.attributes.get("endpoint")
    if owner.method is not None:
        served = getattr(endpoint, "allowed_methods", ())
        heads = ("HEAD",) if owner.method == "GET" and "HEAD" in served else ()
        return Typed(parse(repr(owner.method)), Constant(owner.method, heads))
    return Typed(parse(f"{operation.body.request()}.method"), Plain("str"))
