"""The version that a request asks for is found before its endpoint begins.

Before: if request.version == "v2":
After:  if request.state.version == "v2":
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Plain, Request


@rewrites(attribute(Request, "version"))
def version(operation: Operation) -> Typed:
    if operation.body.owner.kind not in ("view", "permission"):
        operation.refuse("B142", "`.version` of the request has no rule here")
    text = f"{operation.body.request()}.state.version"
    return Typed(parse(text), Plain("str | None"))
