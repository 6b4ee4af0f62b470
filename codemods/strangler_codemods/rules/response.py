"""`return Response(data)` returns the data; the status goes to the decorator where it is always the same.

A response with headers, or with a computed status, is an object.

Before: return Response(serializer.data, status=201)
After:  return await read(session, OrderRead, order)
"""

import libcst as cst

from strangler_codemods.answer_types import Response, SuccessHeaders
from strangler_codemods.answers import RESPONSES
from strangler_codemods.holding import response
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.plain_values import require_value
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Constant, Plain, Rows, SchemaData


@rewrites(*map(call, sorted(RESPONSES)))
def rewrite(operation: Operation) -> Typed:
    arguments = operation.take("data", "status", "template_name", "headers")
    if "template_name" in arguments:
        operation.refuse("B134", "a response of a template has no rule")
    status = _status(operation, arguments.get("status"))
    headers = _headers(operation, arguments.get("headers"))
    data, schema = _data(operation, arguments.get("data"))
    if headers is None and isinstance(status, int):
        return Typed(operation.node, Response(status=status, data=data, schema=schema))
    usual = status if isinstance(status, int) else 200
    return response(operation.body, data, str(status), headers, usual)


def _status(operation: Operation, node: cst.BaseExpression | None) -> int | str:
    """The status, or the text of what computes it."""
    if node is None:
        return 200
    found = operation.body.expr(node)
    if isinstance(found.type, Constant) and not found.type.others:
        if found.type.value is None:
            return 200
        if isinstance(found.type.value, int):
            return found.type.value
    if not isinstance(found.type, Plain | Constant):
        operation.refuse("B134", "a response with this status has no rule")
    return found.code


def _headers(operation: Operation, node: cst.BaseExpression | None) -> str | None:
    """The text of the headers; None for none, and for DRF's own."""
    if node is None:
        return None
    found = operation.body.expr(node)
    if isinstance(found.type, SuccessHeaders) or found.type == Constant(None):
        return None
    if not isinstance(found.type, Plain):
        operation.refuse("B134", "a response with these headers has no rule")
    return found.code


def _data(operation: Operation, node: cst.BaseExpression | None) -> tuple[str | None, str | None]:
    """The text of the data, and the read schema that it is an instance of."""
    if node is None:
        return None, None
    data = operation.body.expr(node)
    if isinstance(data.type, Constant) and data.type.value is None:
        return None, None
    require_value(operation.body, data, operation.node)
    if not isinstance(data.type, Plain | Constant | Rows):
        operation.refuse("B134", f"`{data.code}` is no data")
    return data.code, data.type.annotation if isinstance(data.type, SchemaData) else None
