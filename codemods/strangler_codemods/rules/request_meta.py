"""Headers that code reads by their names, those of `request.META` under names of their own.

`REMOTE_ADDR` is the address of the connection.

Before: secret = request.META.get("HTTP_X_SERVICE_SECRET")
After:  secret = request.headers.get("X-Service-Secret")
"""

import re

import libcst as cst

from strangler_codemods.known_texts import known_text
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import attribute, compare, item, method, rewrites
from strangler_codemods.types import ClassSelf, Constant, Headers, Plain, Request

#: WSGI has these without `HTTP_`, so that nothing is found under their names with it.
_OTHERS = frozenset({"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"})


@rewrites(attribute(Request, "META"))
def meta(operation: Operation) -> Typed:
    return Typed(parse(f"{operation.body.request()}.headers"), Headers(meta=True))


@rewrites(method(Headers, "get"))
def get(operation: Operation) -> Typed:
    given = operation.take("key", "default")
    if _is_address(operation, given["key"]):
        return _address(operation)
    name = header_name(operation, given["key"])
    default = operation.body.expr(given["default"]) if "default" in given else None
    if default is None or default.type == Constant(None):
        return Typed(parse(f"{operation.on.code}.get({name})"), Plain("str | None"))
    text = code_of(plain(operation.body, given["default"]))
    known = isinstance(default.type, Constant) and isinstance(default.type.value, str)
    return Typed(
        parse(f"{operation.on.code}.get({name}, {text})"), Plain("str" if known else "Any")
    )


@rewrites(item(Headers))
def subscript(operation: Operation) -> Typed:
    node = operation.node
    index = node.slice[0].slice if isinstance(node, cst.Subscript) else None
    if not isinstance(index, cst.Index):
        operation.refuse("B142", "a slice of the request's headers has no rule")
    if _is_address(operation, index.value):
        return _address(operation)
    name = header_name(operation, index.value)
    return Typed(parse(f"{operation.on.code}[{name}]"), Plain("str"))


@rewrites(compare(Headers))
def contains(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Comparison)
    operator = node.comparisons[0].operator
    if operation.name != "right" or not isinstance(operator, cst.In | cst.NotIn):
        operation.refuse("B107", "this comparison of the request's headers has no rule")
    word = "in" if isinstance(operator, cst.In) else "not in"
    text = f"{header_name(operation, node.left)} {word} {operation.on.code}"
    return Typed(parse(text), Plain("bool"))


def _is_address(operation: Operation, node: cst.BaseExpression) -> bool:
    is_meta = isinstance(operation.on.type, Headers) and operation.on.type.meta
    return is_meta and known_text(operation.body, node) == "REMOTE_ADDR"


def _address(operation: Operation) -> Typed:
    """Servers always give it."""
    function = operation.body.compat("urls", "remote_address")
    return Typed(parse(f"{function}({operation.body.request()})"), Plain("str"))


def header_name(operation: Operation, node: cst.BaseExpression) -> str:
    """The name of a header as code: `"X-Secret"` of `"HTTP_X_SECRET"`, and of `"X_Secret"`.

    What else `.META` holds is the server's and not known. A constant keeps its name, where it is the
    header's.
    """
    key = known_text(operation.body, node)
    texts = _texts_of_self(operation, node) if key is None else ()
    if texts and operation.on.type == Headers() and not any("_" in text for text in texts):
        return operation.body.expr(node).code
    if len(set(texts)) == 1:
        key, node = texts[0], cst.SimpleString(repr(texts[0]))
    if key is None:
        operation.refuse("B142", f"a header that `{code_of(node)}` names has no rule")
    if operation.on.type == Headers():
        is_named = not isinstance(node, cst.SimpleString) and "_" not in key
        return code_of(plain(operation.body, node)) if is_named else repr(key.replace("_", "-"))
    if not re.fullmatch(r"HTTP_[A-Z0-9]+(_[A-Z0-9]+)*", key) or key in _OTHERS:
        operation.refuse("B142", f"`.META` of the request has no rule for {code_of(node)}")
    return repr(key.removeprefix("HTTP_").replace("_", "-").title())


def _texts_of_self(operation: Operation, node: cst.BaseExpression) -> tuple[str, ...]:
    """The texts that `self.header` may be, in a class that keeps its form."""
    ask = operation.body.owner.texts_of_self
    if ask is None or not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Name):
        return ()
    is_self = isinstance(operation.body.env.get(node.value.value), ClassSelf)
    return ask(node.attr.value) if is_self else ()
