"""Django's own responses are answered as they are.

Before: return JsonResponse({"users": users}, status=201)
After:  return JsonResponse({"users": users}, status=201)
"""

from strangler_codemods.answer_types import Response
from strangler_codemods.middleware_members import in_middleware
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.plain_values import require_value
from strangler_codemods.rule import call, rewrites
from strangler_codemods.surrounding_types import Outgoing
from strangler_codemods.types import Constant, Plain

_ORDER = {
    "JsonResponse": ("data", "encoder", "safe", "json_dumps_params"),
    "HttpResponse": ("content", "content_type", "status"),
}
_NAMED = {"JsonResponse": ("safe", "status"), "HttpResponse": ("content_type", "status", "headers")}
#: Those that are HttpResponses of another status.
_STATUS = {
    "HttpResponseBadRequest": 400,
    "HttpResponseForbidden": 403,
    "HttpResponseGone": 410,
    "HttpResponseNotFound": 404,
    "HttpResponseServerError": 500,
}
_NAMES = (*_ORDER, *_STATUS)


@rewrites(
    *(call(f"django.http.{name}") for name in _NAMES),
    *(call(f"django.http.response.{name}") for name in _NAMES),
)
def rewrite(operation: Operation) -> Typed:
    body, name = operation.body, operation.name.rpartition(".")[2]
    around = in_middleware(body)
    tools = body.owner.tools
    if not around and (tools is None or tools.overrides("finalize_response")):
        operation.refuse("B134", f"`{name}` has no rule here")
    made = "HttpResponse" if name in _STATUS else name
    first = _ORDER[made][0]
    names = dict.fromkeys((*_ORDER[made], *_NAMED[made]))
    texts, usual = [], 200
    given = operation.take(*names)
    for key, node in given.items():
        if key != first and (key not in _NAMED[made] or (key == "status" and name in _STATUS)):
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
    if name in _STATUS:
        usual = _STATUS[name]
        texts.append(f"status={usual}")
    function = body.compat("django_responses", made)
    if around:
        return Typed(parse(f"{function}({', '.join(texts)})"), Outgoing())
    return Typed(parse(f"{function}({', '.join(texts)})"), Response(usual=usual, is_drf=False))
