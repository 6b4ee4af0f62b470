"""`finalize_response` of a view becomes a function that its router applies to every answer.

Before: response.data = {"data": response.data}; return super().finalize_response(request, response)
After:  response.data = {"data": response.data}; return response
"""

import libcst as cst

from strangler_codemods.answer_types import Response
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, declaration, rewrites
from strangler_codemods.types import Constant, Plain


@rewrites(declaration("finalize_response"))
def carried() -> None:
    """Overrides of `finalize_response` are carried."""


@rewrites(Key("assign_item", Response, "*"))
def set_header(operation: Operation) -> Typed:
    kind, node = operation.on.type, operation.node
    assert isinstance(kind, Response)
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    known = kind.status is None and not kind.optional
    if not known or not isinstance(index, cst.Index) or operation.other is None:
        operation.refuse("B134", "a response with headers has no rule")
    key, value = operation.body.expr(index.value), operation.other
    if not isinstance(key.type, Constant) or not isinstance(value.type, Plain | Constant):
        operation.refuse("B134", "this header has no rule")
    return Typed(parse(f"{operation.on.code}[{key.code}]"))
