"""What a request says of its address is read of it.

Before: request.path.startswith("/api/"); request.get_full_path(); request.is_secure(); print(request)
After:  request.scope["path"].startswith("/api/"); full_path(request.scope); scheme(request) == "https"; print(request_text(request))
"""

from strangler_codemods.middleware_members import in_middleware
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, attribute, method, rewrites
from strangler_codemods.told_requests import require_told
from strangler_codemods.types import Plain, Request


@rewrites(attribute(Request, "path"), attribute(Request, "path_info"))
def path(operation: Operation) -> Typed:
    """The path without its escapes; the new app stands at the root, as `FORCE_SCRIPT_NAME` says."""
    require_told(operation)
    if operation.name == "path" and operation.body.world.facts.settings.get("FORCE_SCRIPT_NAME"):
        operation.refuse("B142", "`.path` of the request begins with FORCE_SCRIPT_NAME")
    return Typed(parse(f'{operation.body.request()}.scope["path"]'), Plain("str"))


@rewrites(method(Request, "get_full_path"))
def get_full_path(operation: Operation) -> Typed:
    require_told(operation)
    if operation.args:
        operation.refuse("B111", "`get_full_path` with arguments has no rule")
    function = operation.body.compat("urls", "full_path")
    return Typed(parse(f"{function}({operation.body.request()}.scope)"), Plain("str"))


@rewrites(method(Request, "get_host"))
def get_host(operation: Operation) -> Typed:
    require_told(operation)
    function = operation.body.compat("urls", "host")
    return Typed(parse(f"{function}({operation.body.request()})"), Plain("str"))


@rewrites(attribute(Request, "scheme"))
def scheme(operation: Operation) -> Typed:
    require_told(operation)
    function = operation.body.compat("urls", "scheme")
    return Typed(parse(f"{function}({operation.body.request()})"), Plain("str"))


@rewrites(method(Request, "is_secure"))
def is_secure(operation: Operation) -> Typed:
    require_told(operation)
    function = operation.body.compat("urls", "scheme")
    return Typed(parse(f'({function}({operation.body.request()}) == "https")'), Plain("bool"))


@rewrites(Key("shown", Request, "*"))
def text(operation: Operation) -> Typed:
    """`print(request)`: as DRF shows one; what middleware is handed is Django's."""
    require_told(operation)
    if in_middleware(operation.body) or operation.body.world.drf_version < (3, 14):
        operation.refuse("B142", "the text of the request has no rule here")
    function = operation.body.compat("urls", "request_text")
    return Typed(parse(f"{function}({operation.body.request()})"), Plain("str"))
