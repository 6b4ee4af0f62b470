"""Values become texts, bytes and parts of addresses by compat, which does it as Django does.

Before: uid = urlsafe_base64_encode(force_bytes(user.pk))
After:  uid = urlsafe_base64_encode(force_bytes(user.id))
"""

from strangler.facts import release
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites, symbol
from strangler_codemods.types import Plain, Symbol

_ENCODING = "django.utils.encoding"
_TEXT = ("force_str", "smart_str", "force_text", "smart_text")
_BYTES = ("force_bytes", "smart_bytes")
#: `urlsafe_base64_encode` gave bytes before.
_TEXTS_SINCE = (2, 2)


@rewrites(*(call(f"{_ENCODING}.{name}") for name in (*_TEXT, *_BYTES)))
def force(operation: Operation) -> Typed:
    given = operation.take("s", "encoding", "strings_only", "errors")
    if "s" not in given or "strings_only" in given:
        operation.refuse("B111", f"`{operation.name}` with these arguments has no rule")
    body = operation.body
    kind = "bytes" if operation.name.endswith(_BYTES) else "str"
    texts = [code_of(plain(body, given["s"]))]
    for name in ("encoding", "errors"):
        if name in given:
            texts.append(f"{name}={code_of(plain(body, given[name]))}")
    function = body.compat("encodings", f"force_{kind}")
    return Typed(parse(f"{function}({', '.join(texts)})"), Plain(kind))


@rewrites(call("django.utils.http.urlsafe_base64_encode"))
def encode(operation: Operation) -> Typed:
    if release(operation.body.world.facts.legacy.django) < _TEXTS_SINCE:
        operation.refuse("B105", "`urlsafe_base64_encode` of Django before 2.2 gives bytes")
    return _coded(operation, "str")


@rewrites(call("django.utils.http.urlsafe_base64_decode"))
def decode(operation: Operation) -> Typed:
    return _coded(operation, "bytes")


def _coded(operation: Operation, kind: str) -> Typed:
    given = operation.take("s")
    if "s" not in given:
        operation.refuse("B111", f"`{operation.name}` without a value")
    name = operation.name.rpartition(".")[2]
    function = operation.body.compat("encodings", name)
    return Typed(parse(f"{function}({code_of(plain(operation.body, given['s']))})"), Plain(kind))


@rewrites(symbol(f"{_ENCODING}.DjangoUnicodeDecodeError"))
def error(operation: Operation) -> Typed:
    local = operation.body.compat("encodings", "DjangoUnicodeDecodeError")
    return Typed(parse(local), Symbol(operation.name))
