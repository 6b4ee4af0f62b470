"""Cookies of a response are written as Django writes them.

Before: response.set_cookie("lang", lang, max_age=3600); response.delete_cookie("jwt")
After:  set_response_cookie(response, "lang", lang, max_age=3600); delete_response_cookie(response, "jwt")
"""

from strangler_codemods.answer_types import Response
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Plain

_SET = ("key", "value", "max_age", "expires", "path", "domain", "secure", "httponly", "samesite")
_DELETE = ("key", "path", "domain", "samesite")


def _written(operation: Operation, function: str, *names: str) -> Typed:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Response)
    if kind.optional or kind.status is not None:
        operation.refuse("B134", "a cookie of this response has no rule")
    given = operation.take(*names)
    if "expires" in given or "key" not in given:
        operation.refuse("B134", "a cookie that ends at a given time has no rule")
    texts = []
    for name, node in given.items():
        text = code_of(plain(body, node))
        texts.append(text if name in ("key", "value") else f"{name}={text}")
    called = body.compat("cookies", function)
    return Typed(parse(f"{called}({', '.join([operation.on.code, *texts])})"), Plain("None"))


@rewrites(method(Response, "set_cookie"))
def set_cookie(operation: Operation) -> Typed:
    return _written(operation, "set_response_cookie", *_SET)


@rewrites(method(Response, "delete_cookie"))
def delete_cookie(operation: Operation) -> Typed:
    return _written(operation, "delete_response_cookie", *_DELETE)
