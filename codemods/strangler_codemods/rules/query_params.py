"""A query parameter read by a literal name becomes a parameter of the function.

Before: term = self.request.query_params.get("search")
After:  search: Annotated[str | None, Query()] = None
"""

import libcst as cst

from strangler_codemods.body import RESERVED, Body, Parameter
from strangler_codemods.middleware_members import in_middleware
from strangler_codemods.names import identifier
from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.plain_values import require_value
from strangler_codemods.rule import attribute, compare, item, method, rewrites
from strangler_codemods.types import Constant, Plain, QueryParams, Request

# Parameters that endpoints have for other reasons.
_OF_ENDPOINTS = frozenset({"context", "data", "request", "statement", "user"})


def _path_names(body: Body) -> set[str]:
    converters = body.owner.attributes.get("converters")
    return {identifier(name) for name in converters} if isinstance(converters, dict) else set()


@rewrites(attribute(Request, "query_params"), attribute(Request, "GET"))
def query_params(operation: Operation) -> Typed:
    return Typed(operation.node, QueryParams())


@rewrites(method(QueryParams, "get"))
def get(operation: Operation) -> Typed:
    arguments = operation.take("key", "default")
    key = string_value(arguments["key"]) if "key" in arguments else None
    if key is None:
        operation.refuse("B124", "a query parameter with a computed name has no rule")
    default = operation.body.expr(arguments["default"]) if "default" in arguments else None
    body = operation.body
    computed = default is not None and not isinstance(default.type, Constant)
    if default is not None:
        require_value(body, default, operation.node)
    if body.use_context or in_middleware(body):
        text = f"{body.request()}.query_params.get({key!r}"
        text += f", {default.code})" if default else ")"
        kind = "str | None" if default is None else "str"
        return Typed(parse(text), Plain() if computed else Plain(kind))
    value = default.type.value if default and isinstance(default.type, Constant) else None
    kind = "str | None" if value is None else "str"
    if value is not None and not isinstance(value, str):
        kind = f"str | {type(value).__name__}"
    name = identifier(key)
    own = name in body.assigned and body.binding != (name, operation.node)
    own = own or name in body.aside
    if own or name in RESERVED or name in _OF_ENDPOINTS or name in _path_names(body):
        name = f"{name}_param"
    alias = f"Query(alias={key!r})" if name != key else "Query()"
    imports = (("typing", "Annotated"), ("fastapi", "Query"))
    parameter = Parameter(name, kind, "query", repr(value), f"Annotated[{kind}, {alias}]", imports)
    asked = parse(body.need(parameter))
    if default is None or not computed:
        return Typed(asked, Plain(kind))
    test = parse(f"{code_of(asked)} is not None")
    return Typed(cst.IfExp(test=test, body=asked, orelse=operand(default)), Plain())


@rewrites(compare(QueryParams))
def contains(operation: Operation) -> Typed:
    """`"q" in request.query_params`: also where it is there without a value."""
    node, body = operation.node, operation.body
    assert isinstance(node, cst.Comparison)
    key, test = string_value(node.left), node.comparisons[0].operator
    if key is None or not isinstance(test, cst.In | cst.NotIn):
        operation.refuse("B124", "this comparison of the query has no rule")
    word = "not in" if isinstance(test, cst.NotIn) else "in"
    return Typed(parse(f"{key!r} {word} {body.request()}.query_params"), Plain("bool"))


@rewrites(item(QueryParams))
def subscript(operation: Operation) -> Typed:
    """`request.query_params["q"]`, which is an error where it is missing."""
    assert isinstance(operation.node, cst.Subscript)
    index = operation.node.slice[0].slice
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    if key is None:
        operation.refuse("B124", "a query parameter with a computed name has no rule")
    return Typed(parse(f"{operation.body.request()}.query_params[{key!r}]"), Plain("str"))


@rewrites(method(QueryParams, "getlist"))
def get_list(operation: Operation) -> Typed:
    """All values of a parameter, in their order; none where it is missing."""
    arguments = operation.take("key")
    key = string_value(arguments["key"]) if "key" in arguments else None
    if key is None:
        operation.refuse("B124", "a query parameter with a computed name has no rule")
    request = operation.body.request()
    return Typed(parse(f"{request}.query_params.getlist({key!r})"), Plain("list[str]"))
