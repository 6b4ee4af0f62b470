"""A middleware class of the project becomes a function around the next layer.

Before: response = self.get_response(request); response["X-Request-ID"] = request.id
After:  response = await call_next(request); response.headers["X-Request-ID"] = request.state.id
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, attribute, declaration, item, method, rewrites
from strangler_codemods.surrounding_types import MiddlewareSelf, Outgoing
from strangler_codemods.types import Constant, Plain, Request


@rewrites(declaration("middleware"))
def carried() -> None:
    """Middleware classes are carried."""


@rewrites(method(MiddlewareSelf, "get_response"))
def get_response(operation: Operation) -> Typed:
    arguments = operation.take("request")
    if not isinstance(operation.body.expr(arguments["request"]).type, Request):
        operation.refuse("W101", "another request is passed on")
    return Typed(parse("await call_next(request)"), Outgoing())


@rewrites(Key("assign_item", Outgoing, "*"))
def set_header(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    assert isinstance(index, cst.Index)
    key = operation.body.expr(index.value)
    if operation.other is None or not isinstance(operation.other.type, Plain | Constant):
        operation.refuse("W101", "this header's value has no rule")
    return Typed(parse(f"{operation.on.code}.headers[{key.code}]"))


@rewrites(item(Outgoing))
def header(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    assert isinstance(index, cst.Index)
    key = operation.body.expr(index.value)
    return Typed(parse(f"{operation.on.code}.headers[{key.code}]"), Plain("str"))


@rewrites(attribute(Outgoing, "status_code"))
def status(operation: Operation) -> Typed:
    return Typed(parse(f"{operation.on.code}.status_code"), Plain("int"))


@rewrites(Key("assign", Request, "*"))
def remember(operation: Operation) -> Typed:
    body = operation.body
    if body.owner.kind != "middleware":
        operation.refuse("B141", f"setting `.{operation.name}` of the request has no rule")
    if operation.other is None or not isinstance(operation.other.type, Plain | Constant):
        operation.refuse("B141", f"setting `.{operation.name}` of the request has no rule")
    return Typed(parse(f"{body.request()}.state.{operation.name}"))


@rewrites(attribute(Request, "*"))
def recall(operation: Operation) -> Typed:
    body = operation.body
    if body.owner.kind != "middleware":
        operation.refuse("B142", f"`.{operation.name}` of the request has no rule")
    return Typed(parse(f"{body.request()}.state.{operation.name}"))
