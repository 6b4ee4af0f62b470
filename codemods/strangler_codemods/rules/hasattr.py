"""`hasattr` of a row asks for the other side of a one-to-one relation, or says what its class says.

Before: if hasattr(request.user, "profile"):
After:  if await session.run_sync(lambda _: user.profile) is not None:
"""

import libcst as cst

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.plain_values import operate
from strangler_codemods.row_loading import (
    always_points,
    has_attribute,
    other_side,
    row_or_none,
)
from strangler_codemods.rule import call, rewrites
from strangler_codemods.surrounding_types import HandlerView, Outgoing, RendererView
from strangler_codemods.types import Instance, Plain, Request, View
from strangler_codemods.visitors import knows_user

# What responses of Django and DRF have.
_HAD = frozenset(
    [
        *("accepted_media_type", "accepted_renderer", "charset", "close", "closed", "content"),
        *("content_type", "context_data", "cookies", "data", "delete_cookie", "exception", "get"),
        *("getvalue", "has_header", "headers", "items", "is_rendered", "reason_phrase", "render"),
        *("rendered_content", "renderer_context", "serialize", "set_cookie", "setdefault"),
        *("status_code", "status_text", "streaming", "streaming_content", "template_name", "write"),
    ]
)
# What every request of DRF has, whatever is sent: reading the body may raise something.
_REQUESTS = frozenset(["COOKIES", "GET", "META", "headers", "method", "path", "path_info"])
# What a function may be asked by a middleware, which has a request without it.
_OF_DRF = frozenset(["query_params", "user"])


@rewrites(call("builtins.hasattr"))
def rewrite(operation: Operation) -> Typed:
    body, arguments = operation.body, operation.take("object", "name")
    value, name = body.expr(arguments["object"]), string_value(arguments["name"])
    if isinstance(value.type, Instance) and name is not None:
        return _of_row(operation, value, name)
    if value.type == RendererView() and name is not None:
        asked = Operation(operation.node, body, name, value)
        done = operate(body, "hasattr", RendererView, "*", asked)
        assert done is not None  # renderers are carried by the rule that knows it
        return done
    if value.type == HandlerView() and name == "queryset":
        body.world.shows_names = True
        return Typed(parse(f"{value.code}.verbose_name is not None"), Plain("bool"))
    if isinstance(value.type, Request) and name is not None:
        return _of_request(operation, value.type, name)
    if value.type == View() and name in ("kwargs", "request"):
        return body.constant(True)  # DRF gives them to every view
    if not isinstance(value.type, Outgoing) or name is None or name in _HAD or name[:1] == "_":
        operation.refuse("B105", "`hasattr` of this has no rule")
    return body.constant(False)  # nothing that is converted gives its answers attributes of its own


def _of_request(operation: Operation, kind: Request, name: str) -> Typed:
    """Whether a request is there, or whether a middleware has given it an attribute."""
    if name == "user" and operation.body.owner.kind == "middleware":
        return operation.body.constant(knows_user(operation.body))
    told = operation.body.owner.attributes.get("told")
    known = isinstance(told, dict) and name in told
    owner = operation.body.owner.kind
    own = name in _REQUESTS or (name in _OF_DRF and owner != "function")
    if own and not known and owner != "middleware":
        if not kind.optional:
            return operation.body.constant(True)
        return Typed(parse(f"{operation.body.context()}.has_request"), Plain("bool"))
    if not known:
        operation.refuse("B105", f"`hasattr` of the request's `{name}` has no rule")
    return Typed(parse(f"hasattr({operation.body.request()}.state, {name!r})"), Plain("bool"))


def _of_row(operation: Operation, row: Typed, name: str) -> Typed:
    body = operation.body
    assert isinstance(row.type, Instance)
    other = other_side(body.world, row.type.model, name)
    if other is not None:
        found = row_or_none(operation, row, other)
        return Typed(parse(f"{code_of(operand(found))} is not None"), Plain("bool"))
    known = has_attribute(body.world, row.type.model, name)
    if known is None and _is_stored(operation) and always_points(body.world, row.type.model, name):
        known = True
    if known is None or row.type.optional:
        operation.refuse("B105", f"`hasattr` of `{name}` has no rule")
    return body.constant(known)


def _is_stored(operation: Operation) -> bool:
    """Whether a row that is asked is one of the database, as permissions are shown it."""
    node = operation.take("object", "name")["object"]
    is_name = isinstance(node, cst.Name) and node.value not in operation.body.assigned
    return is_name and cst.ensure_type(node, cst.Name).value in operation.body.stored
