"""`return Response(data)` returns the data; the status goes to the decorator where it is always the same.

Before: return Response(serializer.data, status=201)
After:  return await read(session, OrderRead, order)
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.plain_values import require_value
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Constant, Plain, Response, Rows, SuccessHeaders


@rewrites(call("rest_framework.response.Response"), call("rest_framework.views.Response"))
def rewrite(operation: Operation) -> Typed:
    arguments = operation.take("data", "status", "template_name", "headers")
    given = operation.body.expr(arguments["headers"]).type if "headers" in arguments else None
    if "template_name" in arguments or not isinstance(given, SuccessHeaders | None):
        operation.refuse("B134", "a response with headers has no rule")
    status = 200
    if "status" in arguments:
        found = operation.body.expr(arguments["status"]).type
        if not isinstance(found, Constant) or not isinstance(found.value, int):
            operation.refuse("B134", "a response with a computed status has no rule")
        status = found.value
    if "data" not in arguments:
        return Typed(operation.node, Response(status=status))
    data = operation.body.expr(arguments["data"])
    if isinstance(data.type, Constant) and data.type.value is None:
        return Typed(operation.node, Response(status=status))
    require_value(operation.body, data, operation.node)
    if not isinstance(data.type, Plain | Constant | Rows):
        operation.refuse("B134", f"`{data.code}` is no data")
    schema = (
        data.type.name
        if isinstance(data.type, Plain) and data.type.name.startswith("schema:")
        else None
    )
    return Typed(operation.node, Response(status=status, data=data.code, schema=schema))
