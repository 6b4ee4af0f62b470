"""Django's own responses are answered as they are.

Before: return JsonResponse({"users": users}, status=201)
After:  return JsonResponse({"users": users}, status=201)
"""

from strangler_codemods.answer_types import Response
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.plain_values import require_value
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Constant, Plain

_ORDER = {
    "JsonResponse": ("data", "encoder", "safe", "json_dumps_params"),
    "HttpResponse": ("content", "content_type", "status"),
}
_NAMED = {"JsonResponse": ("safe", "status"), "HttpResponse": ("content_type", "status", "headers")}


@rewrites(
    *(call(f"django.http.{name}") for name in _ORDER),
    *(call(f"django.http.response.{name}") for name in _ORDER),
)
def rewrite(operation: Operation) -> Typed:
    body, name = operation.body, operation.name.rpartition(".")[2]
    tools = body.owner.tools
    if tools is None or tools.overrides("finalize_response"):
        operation.refuse("B134", f"`{name}` has no rule here")
    first = _ORDER[name][0]
    names = dict.fromkeys((*_ORDER[name], *_NAMED[name]))
    texts, usual = [], 200
    for key, node in operation.take(*names).items():
        if key != first and key not in _NAMED[name]:
            operation.refuse("B134", f"`{key}` of `{name}` has no rule")
        value = body.expr(node)
        require_value(body, value, node)
        if not isinstance(value.type, Plain | Constant):
            operation.refuse("B134", f"`{value.code}` is no data")
        if (
            key == "status"
            and isinstance(value.type, Constant)
            and isinstance(value.type.value, int)
        ):
            usual = value.type.value
        texts.append(value.code if key == first else f"{key}={value.code}")
    function = body.compat("django_responses", name)
    return Typed(parse(f"{function}({', '.join(texts)})"), Response(usual=usual, is_drf=False))
