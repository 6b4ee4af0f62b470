"""`request.parser_context` leads to the view and the parts of the path.

Before: self.context["request"].parser_context["kwargs"]["book_id"]
After:  context.request.path_params["book_id"]
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, string_value
from strangler_codemods.rule import attribute, item, method, rewrites
from strangler_codemods.surrounding_types import ParserContext
from strangler_codemods.types import Kwargs, Request, Type, View


@rewrites(attribute(Request, "parser_context"))
def parser_context(operation: Operation) -> Typed:
    return Typed(operation.node, ParserContext())


@rewrites(item(ParserContext))
def subscript(operation: Operation) -> Typed:
    assert isinstance(operation.node, cst.Subscript)
    index = operation.node.slice[0].slice
    return _part(operation, string_value(index.value) if isinstance(index, cst.Index) else None)


@rewrites(method(ParserContext, "get"))
def get(operation: Operation) -> Typed:
    return _part(operation, string_value(operation.take("key")["key"]))


def _part(operation: Operation, key: str | None) -> Typed:
    kinds: dict[str | None, Type] = {"kwargs": Kwargs(), "view": View(), "request": Request()}
    if key not in kinds:
        operation.refuse("B104", "this part of the parser's context has no rule")
    return Typed(operation.node, kinds[key])
