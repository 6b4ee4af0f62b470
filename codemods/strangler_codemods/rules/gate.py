"""`initial`, `check_permissions` and the like of a view become functions around what DRF does itself.

Before: super().check_permissions(request); self.permission_denied(request, message="Not today.")
After:  above(); deny(context, "Not today.")
"""

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import declaration, method, rewrites
from strangler_codemods.types import Plain, Request, View


@rewrites(declaration("gate"))
def carried() -> None:
    """Overrides of these methods are carried."""


@rewrites(method(View, "permission_denied"))
def permission_denied(operation: Operation) -> Typed:
    body = operation.body
    if not body.use_context:
        operation.refuse("B302", "`self.permission_denied` has no rule here")
    given = operation.take("request", "message", "code")
    request = body.expr(given.pop("request")) if "request" in given else None
    if request is None or not isinstance(request.type, Request):
        operation.refuse("B302", "`self.permission_denied` of another request has no rule")
    told = [f"{name}={code_of(plain(body, value))}" for name, value in given.items()]
    text = f"{body.compat('admission', 'deny')}({', '.join([body.context(), *told])})"
    return Typed(parse(text), Plain("None"))
