"""The files of a request are those of its parsed body.

Before: picture = request.FILES["picture"]
After:  picture = (await request_files(request))["picture"]
"""

import libcst as cst

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain, require_value
from strangler_codemods.rule import Key, attribute, compare, item, method, rewrites
from strangler_codemods.surrounding_types import RequestFiles
from strangler_codemods.types import Plain, Request


@rewrites(attribute(Request, "FILES"))
def files(operation: Operation) -> Typed:
    body = operation.body
    if body.owner.kind != "view" or body.colour != "async":
        operation.refuse("B142", "`.FILES` of the request has no rule here")
    function = body.compat("bodies", "request_files")
    return Typed(parse(f"await {function}({body.request()})"), RequestFiles())


@rewrites(method(RequestFiles, "get"), method(RequestFiles, "getlist"))
def get(operation: Operation) -> Typed:
    names = ("key", "default") if operation.name == "get" else ("key",)
    texts = [code_of(plain(operation.body, node)) for node in operation.take(*names).values()]
    text = f"{code_of(operand(operation.on))}.{operation.name}({', '.join(texts)})"
    return Typed(parse(text), Plain())


@rewrites(item(RequestFiles))
def subscript(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    if not isinstance(index, cst.Index):
        operation.refuse("B109", "a slice of the request's files has no rule")
    key = code_of(plain(operation.body, index.value))
    return Typed(parse(f"{code_of(operand(operation.on))}[{key}]"), Plain())


@rewrites(compare(RequestFiles))
def contains(operation: Operation) -> Typed:
    node, other = operation.node, operation.other
    assert isinstance(node, cst.Comparison)
    operator = node.comparisons[0].operator
    is_asked = operation.name == "right" and isinstance(operator, cst.In | cst.NotIn)
    if other is None or not is_asked:
        operation.refuse("B107", "this comparison of the request's files has no rule")
    require_value(operation.body, other, node)
    word = "in" if isinstance(operator, cst.In) else "not in"
    text = f"{code_of(operand(other))} {word} {code_of(operand(operation.on))}"
    return Typed(parse(text), Plain("bool"))


@rewrites(Key("truth", RequestFiles, "*"))
def truth(operation: Operation) -> Typed:
    return Typed(operation.on.node, Plain("bool"))
