"""An authenticator of the project keeps its form: it finds the user, or refuses the credentials.

Before: def authenticate(self, request): words = get_authorization_header(request).split()
After:  def authenticate(self, context): words = authorization_header(context.request).split()
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, call, declaration, rewrites
from strangler_codemods.types import Constant, Plain, Request


@rewrites(declaration("authentication class"))
def carried() -> None:
    """Authenticators are carried."""


@rewrites(call("rest_framework.authentication.get_authorization_header"))
def header(operation: Operation) -> Typed:
    if not isinstance(operation.body.expr(operation.take("request")["request"]).type, Request):
        operation.refuse("B111", "the header of something else is read")
    function = operation.body.compat("credentials", "authorization_header")
    return Typed(parse(f"{function}({operation.body.request()})"), Plain("bytes"))


@rewrites(Key("assign", Request, "user"))
def forget(operation: Operation) -> Typed:
    """`request.user = None` at the start: nobody is known then anyway."""
    body, value = operation.body, operation.other
    if body.owner.kind != "class" or value is None or value.type != Constant(None):
        operation.refuse("B203", "setting `request.user` has no rule")
    return body.constant(None)
