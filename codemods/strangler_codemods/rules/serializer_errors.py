"""What DRF makes of a caught error of Django's.

Before: serializers.as_serializer_error(error)
After:  as_serializer_error(error)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Error, Plain

_INVALID = Error("django.core.exceptions.ValidationError")


@rewrites(call("rest_framework.serializers.as_serializer_error"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    error = body.expr(operation.take("exc")["exc"])
    if error.type != _INVALID:
        operation.refuse("B105", "`as_serializer_error` of this error has no rule")
    function = body.compat("values", "as_serializer_error")
    return Typed(parse(f"{function}({error.code})"), Plain("dict[str, Any]"))
