"""Addresses with the host of the request.

Before: request.build_absolute_uri(obj.image.url)
After:  absolute_url(request, file_url(obj.image, "image"))
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.told_requests import require_told
from strangler_codemods.types import Constant, Plain, Request

_TEXTS = (Plain("str"), Plain("NoneType"), Plain("str | None"))


@rewrites(method(Request, "build_absolute_uri"))
def build_absolute_uri(operation: Operation) -> Typed:
    require_told(operation)
    body = operation.body
    arguments = operation.take("location")
    given = body.expr(arguments["location"]) if "location" in arguments else None
    literal = given is not None and isinstance(given.type, Constant)
    if given is not None and not literal and given.type not in _TEXTS:
        operation.refuse("B142", f"`{given.code}` is no text that an address is made of")
    function = body.compat("urls", "absolute_url")
    text = f"{function}({body.request()}{f', {given.code}' if given is not None else ''})"
    return Typed(parse(text), Plain("str"))
