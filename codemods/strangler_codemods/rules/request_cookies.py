"""Cookies of the request are read by name, as before.

Before: raw_token = request.COOKIES.get("access_token")
After:  raw_token = request_cookies(context.request).get("access_token")
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Plain, Request


@rewrites(attribute(Request, "COOKIES"))
def cookies(operation: Operation) -> Typed:
    function = operation.body.compat("cookies", "request_cookies")
    return Typed(parse(f"{function}({operation.body.request()})"), Plain("dict[str, str]"))
