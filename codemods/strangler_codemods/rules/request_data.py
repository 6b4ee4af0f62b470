"""What a body reads of the request's data by hand is the parsed JSON or form.

Before: values = request.data.get("item", {})
After:  values = (await request_data(request)).get("item", {})
"""

import libcst as cst

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain, require_value
from strangler_codemods.rule import Key, attribute, compare, item, method, rewrites
from strangler_codemods.surrounding_types import RequestFiles
from strangler_codemods.types import Plain, Request, RequestData


@rewrites(attribute(Request, "data"))
def data(operation: Operation) -> Typed:
    body = operation.body
    if body.owner.kind != "view" or body.colour != "async":
        operation.refuse("B142", "`.data` of the request has no rule here")
    function = body.compat("bodies", "request_data")
    return Typed(parse(f"await {function}({body.request()})"), RequestData())


@rewrites(method(RequestData, "get"))
def get(operation: Operation) -> Typed:
    given = operation.take("key", "default")
    texts = [code_of(plain(operation.body, node)) for node in given.values()]
    return Typed(parse(f"{code_of(operand(operation.on))}.get({', '.join(texts)})"), Plain())


@rewrites(item(RequestData), item(RequestFiles))
def subscript(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    if not isinstance(index, cst.Index):
        operation.refuse("B109", "a slice of the request's data has no rule")
    key = code_of(plain(operation.body, index.value))
    return Typed(parse(f"{code_of(operand(operation.on))}[{key}]"), Plain())


@rewrites(method(RequestData, "copy"))
def copy(operation: Operation) -> Typed:
    """A copy that can be changed, of a form as well."""
    operation.take()
    function = operation.body.compat("bodies", "copied")
    return Typed(parse(f"{function}({operation.on.code})"), RequestData(own=True))


@rewrites(*(method(RequestData, name) for name in ("pop", "setdefault", "update")))
def change(operation: Operation) -> Typed:
    """What changes a copy: a form keeps the lists of its values, as Django's does."""
    if operation.on.type != RequestData(own=True) or operation.keywords():
        operation.refuse("B142", f"`.{operation.name}()` of the request's data has no rule")
    texts = [code_of(plain(operation.body, node)) for node in operation.positional()]
    return Typed(parse(f"{operation.on.code}.{operation.name}({', '.join(texts)})"), Plain())


@rewrites(Key("assign_item", RequestData, "*"))
def assign_item(operation: Operation) -> Typed:
    """`request.data["shelf"] = shelf_id`: forms without files cannot be changed, as in Django."""
    node, value, body = operation.node, operation.other, operation.body
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    if not isinstance(index, cst.Index) or value is None:
        operation.refuse("B109", "a slice of the request's data has no rule")
    require_value(body, value, node)
    if operation.on.type == RequestData(own=True):
        return Typed(parse(f"{operation.on.code}[{code_of(plain(body, index.value))}]"), Plain())
    function, key = body.compat("bodies", "set_data"), code_of(plain(body, index.value))
    return Typed(parse(f"await {function}({body.request()}, {key}, {value.code})"), Plain("None"))


@rewrites(compare(RequestData), compare(RequestFiles))
def contains(operation: Operation) -> Typed:
    node, other = operation.node, operation.other
    assert isinstance(node, cst.Comparison)
    operator = node.comparisons[0].operator
    is_asked = operation.name == "right" and isinstance(operator, cst.In | cst.NotIn)
    if other is None or not is_asked:
        operation.refuse("B107", "this comparison of the request's data has no rule")
    require_value(operation.body, other, node)
    word = "in" if isinstance(operator, cst.In) else "not in"
    text = f"{code_of(operand(other))} {word} {code_of(operand(operation.on))}"
    return Typed(parse(text), Plain("bool"))


@rewrites(Key("truth", RequestData, "*"), Key("truth", RequestFiles, "*"))
def truth(operation: Operation) -> Typed:
    return Typed(operation.on.node, Plain("bool"))
