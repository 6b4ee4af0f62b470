"""A middleware of the project becomes a function around the next layer.

Before: response = self.get_response(request); response["X-Request-ID"] = request.id
After:  response = await call_next(request); response.headers["X-Request-ID"] = request.state.id
"""

import libcst as cst

from strangler_codemods.middleware_members import (
    call_member,
    header_value,
    headers_read,
    in_middleware,
    is_own,
    member,
    require_there,
)
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import Key, attribute, compare, declaration, item, method, rewrites
from strangler_codemods.rules.request_meta import header_name
from strangler_codemods.surrounding_types import MiddlewareSelf, Outgoing
from strangler_codemods.types import Constant, Headers, Plain, Request
from strangler_codemods.visitors import forget_visitor, knows_user


@rewrites(declaration("middleware"))
def carried() -> None:
    """Middleware is carried."""


@rewrites(method(MiddlewareSelf, "get_response"))
def get_response(operation: Operation) -> Typed:
    arguments = operation.take("request")
    if not isinstance(operation.body.expr(arguments["request"]).type, Request):
        operation.refuse("W101", "another request is passed on")
    if operation.body.colour != "async" or operation.body.below:
        operation.refuse("W101", "another method passes the request on")
    forget_visitor(operation.body)
    return Typed(parse("await call_next(request)"), Outgoing())


@rewrites(attribute(MiddlewareSelf, "*"))
def constant(operation: Operation) -> Typed:
    return member(operation)


@rewrites(method(MiddlewareSelf, "*"))
def helper(operation: Operation) -> Typed:
    return call_member(operation)


def _key(operation: Operation) -> str:
    """The name of the header that is asked for, as code."""
    node = operation.node
    index = node.slice[0].slice if isinstance(node, cst.Subscript) else None
    if not isinstance(index, cst.Index):
        operation.refuse("W101", "a slice of a response has no rule")
    key = operation.body.expr(index.value)
    if not isinstance(key.type, Plain | Constant):
        operation.refuse("W101", "this header has no rule")
    return key.code


@rewrites(Key("assign_item", Outgoing, "*"))
def set_header(operation: Operation) -> Typed:
    require_there(operation)
    target = parse(f"{operation.on.code}.headers[{_key(operation)}]")
    return Typed(cst.NamedExpr(target, parse(header_value(operation, operation.other))))


@rewrites(item(Outgoing))
def header(operation: Operation) -> Typed:
    require_there(operation)
    return Typed(parse(f"{operation.on.code}.headers[{_key(operation)}]"), Plain("str"))


@rewrites(attribute(Outgoing, "headers"))
def headers(operation: Operation) -> Typed:
    """A response and its `headers` are asked for headers in the same way."""
    require_there(operation)
    return Typed(operation.on.node, Outgoing())


@rewrites(method(Outgoing, "get"))
def get_header(operation: Operation) -> Typed:
    require_there(operation)
    given = [code_of(plain(operation.body, a.value)) for a in operation.args]
    if not 1 <= len(given) <= 2:  # the name, another value
        operation.refuse("W101", "a header is asked for with other arguments")
    return Typed(parse(f"{operation.on.code}.headers.get({', '.join(given)})"), Plain("str | None"))


@rewrites(method(Outgoing, "has_header"))
def has_header(operation: Operation) -> Typed:
    require_there(operation)
    name = code_of(plain(operation.body, operation.take("header")["header"]))
    return Typed(parse(f"{name} in {operation.on.code}.headers"), Plain("bool"))


@rewrites(method(Outgoing, "setdefault"))
def set_default(operation: Operation) -> Typed:
    require_there(operation)
    given = operation.take("key", "value")
    name = code_of(plain(operation.body, given["key"]))
    value = header_value(operation, operation.body.expr(given["value"]))
    return Typed(parse(f"{operation.on.code}.headers.setdefault({name}, {value})"), Plain("None"))


@rewrites(compare(Outgoing))
def contains(operation: Operation) -> Typed:
    """`"X-Name" in response`, and `response is None`."""
    node, body = operation.node, operation.body
    assert isinstance(node, cst.Comparison)
    target = node.comparisons[0]
    if isinstance(target.operator, cst.In | cst.NotIn) and operation.name == "right":
        require_there(operation)
        word = "in" if isinstance(target.operator, cst.In) else "not in"
        name = code_of(plain(body, node.left))
        return Typed(parse(f"{name} {word} {operation.on.code}.headers"), Plain("bool"))
    is_none = isinstance(target.comparator, cst.Name) and target.comparator.value == "None"
    if not isinstance(target.operator, cst.Is | cst.IsNot) or not is_none:
        operation.refuse("B107", "this comparison of a response has no rule")
    return Typed(node.with_changes(left=operation.on.node), Plain("bool"))


@rewrites(Key("truth", Outgoing, "*"))
def there(operation: Operation) -> Typed:
    return Typed(operation.on.node, Plain("bool"))


@rewrites(attribute(Outgoing, "status_code"))
def status(operation: Operation) -> Typed:
    require_there(operation)
    return Typed(parse(f"{operation.on.code}.status_code"), Plain("int"))


@rewrites(attribute(Outgoing, "content"))
def content(operation: Operation) -> Typed:
    require_there(operation)
    return Typed(parse(f"{operation.on.code}.body"), Plain("bytes"))


@rewrites(Key("assign_item", Headers, "*"))
def add_header(operation: Operation) -> Typed:
    """`request.META["HTTP_AUTHORIZATION"] = ...` in front of what reads it."""
    node, body, value = operation.node, operation.body, operation.other
    kind = operation.on.type
    index = node.slice[0].slice if isinstance(node, cst.Subscript) else None
    if body.owner.kind != "middleware" or not isinstance(kind, Headers) or not kind.meta:
        operation.refuse("B203", "changing headers of the request has no rule")
    if headers_read(body):
        operation.refuse(
            "B203", "`request.headers` may hold what was sent by then: Django reads it once"
        )
    if not isinstance(index, cst.Index) or value is None:
        operation.refuse("B203", "changing this of `request.META` has no rule")
    text = isinstance(value.type, Constant) and isinstance(value.type.value, str)
    if not text and value.type not in (Plain("str"), Plain()):
        operation.refuse("B203", "this header's value has no rule")
    function = body.compat("headers", "set_request_header")
    name = header_name(operation, index.value)
    return Typed(parse(f"{function}({body.request()}, {name}, {value.code})"))


@rewrites(Key("assign", Request, "*"))
def remember(operation: Operation) -> Typed:
    body, value, name = operation.body, operation.other, operation.name
    text = f"setting `.{name}` of the request has no rule"
    if body.owner.kind != "middleware" or value is None:
        operation.refuse("B141", text)
    if name == "_dont_enforce_csrf_checks" and value.type == Constant(True):
        return Typed(parse(f"{body.request()}.state.csrf_exempt"))
    if not is_own(name) or not isinstance(value.type, Plain | Constant):
        operation.refuse("B141", text)
    told = body.owner.attributes["told"]
    assert isinstance(told, dict)
    plain_type = value.type if isinstance(value.type, Plain) else Plain()
    told[name] = plain_type if told.get(name, plain_type) == plain_type else Plain()
    return Typed(parse(f"{body.request()}.state.{name}"))


@rewrites(attribute(Request, "*"))
def recall(operation: Operation) -> Typed:
    body, name = operation.body, operation.name
    told = body.owner.attributes.get("told") if in_middleware(body) else None
    if not isinstance(told, dict) or name not in told:
        operation.refuse("B142", f"`.{name}` of the request has no rule")
    return Typed(parse(f"{body.request()}.state.{name}"), told[name])


@rewrites(Key("getattr", Request, "*"))
def recall_or(operation: Operation) -> Typed:
    """`getattr(request, "started", None)` of what a middleware may have told."""
    body, given = operation.body, operation.take("object", "name", "default")
    name = string_value(given["name"])
    if name == "user" and body.owner.kind == "middleware" and knows_user(body):
        return body.user()
    told = body.owner.attributes.get("told") if in_middleware(body) else None
    if name is None or not isinstance(told, dict) or name not in told:
        operation.refuse("B142", "`getattr` of the request has no rule here")
    default = f", {code_of(plain(body, given['default']))}" if "default" in given else ""
    text = f"getattr({body.request()}.state, {name!r}{default})"
    return Typed(parse(text), Plain() if default else told[name])
