"""A renderer of the project that derives from DRF's JSON keeps its form.

Before: def render(self, data, media_type=None, renderer_context=None): return json.dumps({"item": data})
After:  def render(self, data: Any, media_type: str | None = None, response: Any = None): ...
"""

import libcst as cst

from strangler_codemods.answer_types import Response
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import Key, attribute, compare, declaration, item, method, rewrites
from strangler_codemods.surrounding_types import RendererContext, RendererView
from strangler_codemods.types import Constant, Plain


@rewrites(declaration("renderer class"))
def carried() -> None:
    """Renderers are carried."""


@rewrites(item(RendererContext))
def subscript(operation: Operation) -> Typed:
    assert isinstance(operation.node, cst.Subscript)
    index = operation.node.slice[0].slice
    return _value(operation, string_value(index.value) if isinstance(index, cst.Index) else None)


@rewrites(method(RendererContext, "get"))
def get(operation: Operation) -> Typed:
    return _value(operation, string_value(operation.take("key", "default")["key"]))


@rewrites(compare(RendererContext))
def is_none(operation: Operation) -> Typed:
    """DRF always gives one."""
    node, other = operation.node, operation.other
    assert isinstance(node, cst.Comparison)
    if other is None or other.type != Constant(None):
        operation.refuse("B107", "this comparison of a renderer's context has no rule")
    same = isinstance(node.comparisons[0].operator, cst.Is | cst.Equal)
    return operation.body.constant(not same)


@rewrites(Key("truth", RendererContext, "*"))
def truth(operation: Operation) -> Typed:
    return operation.body.constant(True)


@rewrites(Key("truth", Response, "*"))
def answer_truth(operation: Operation) -> Typed:
    """An answer has neither length nor truth of its own."""
    kind = operation.on.type
    assert isinstance(kind, Response)
    if not kind.optional:
        return operation.body.constant(True)
    return Typed(parse(f"{operation.on.code} is not None"), Plain("bool"))


@rewrites(attribute(RendererView, "*"))
def of_view(operation: Operation) -> Typed:
    """What the class body of the view sets."""
    _ask(operation, operation.name)
    return Typed(parse(f"response.view_attributes[{operation.name!r}]"), Plain())


@rewrites(Key("getattr", RendererView, "*"))
def of_view_by_name(operation: Operation) -> Typed:
    arguments = operation.take("object", "name", "default")
    name = string_value(arguments["name"])
    if name is None:
        operation.refuse("B104", "a computed attribute of a view has no rule")
    _ask(operation, name)
    if "default" not in arguments:
        return Typed(parse(f"response.view_attributes[{name!r}]"), Plain())
    default = code_of(plain(operation.body, arguments["default"]))
    return Typed(parse(f"response.view_attributes.get({name!r}, {default})"), Plain())


@rewrites(Key("hasattr", RendererView, "*"))
def has(operation: Operation) -> Typed:
    _ask(operation, operation.name)
    return Typed(parse(f"{operation.name!r} in response.view_attributes"), Plain("bool"))


def _ask(operation: Operation, name: str) -> None:
    """Let the routers of views that answer so know."""
    asked = operation.body.owner.attributes.get("asks_view")
    if not isinstance(asked, set):
        operation.refuse("B104", f"`.{name}` of a view has no rule here")
    asked.add(name)


def _value(operation: Operation, key: str | None) -> Typed:
    if key == "view":
        return Typed(operation.node, RendererView())
    if key != "response":
        operation.refuse("B129", "only the response is known of a renderer's context")
    return Typed(parse("response"), Response())
