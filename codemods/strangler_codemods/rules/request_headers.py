"""Request headers are read by names that the code says; Django takes `_` for `-` there.

Before: request.headers.get("X-Request-ID", "")
After:  request.headers.get("X-Request-ID", "")
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Headers, Request


@rewrites(attribute(Request, "headers"))
def headers(operation: Operation) -> Typed:
    operation.body.world.reads_headers = True
    return Typed(parse(f"{operation.body.request()}.headers"), Headers())
