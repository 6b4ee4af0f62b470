"""Request headers are read by name, as before.

Before: request.headers.get("X-Request-ID", "")
After:  request.headers.get("X-Request-ID", "")
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Plain, Request


@rewrites(attribute(Request, "headers"))
def headers(operation: Operation) -> Typed:
    return Typed(parse(f"{operation.body.request()}.headers"), Plain("Mapping[str, str]"))
