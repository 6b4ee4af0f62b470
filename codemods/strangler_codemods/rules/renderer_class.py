"""A renderer of the project that derives from DRF's JSON keeps its form.

Before: def render(self, data, media_type=None, renderer_context=None): return json.dumps({"item": data})
After:  def render(self, data: Any, media_type: str | None = None, response: Any = None): ...
"""

import libcst as cst

from strangler_codemods.answer_types import Response
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.rule import Key, compare, declaration, item, method, rewrites
from strangler_codemods.surrounding_types import RendererContext
from strangler_codemods.types import Constant


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


def _value(operation: Operation, key: str | None) -> Typed:
    if key != "response":
        operation.refuse("B129", "only the response is known of a renderer's context")
    return Typed(parse("response"), Response())
