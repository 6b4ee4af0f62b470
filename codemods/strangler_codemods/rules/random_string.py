"""Random texts, and texts compared in constant time, are compat's.

Before: code = get_random_string(6, allowed_chars="0123456789")
After:  code = random_string(6, "0123456789")
"""

from strangler.facts import release
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites, symbol
from strangler_codemods.types import Plain

_CRYPTO = "django.utils.crypto"
#: From then on a length has to be given.
_LENGTH_SINCE = (4, 0)


@rewrites(call(f"{_CRYPTO}.get_random_string"))
def draw(operation: Operation) -> Typed:
    given, body = operation.take("length", "allowed_chars"), operation.body
    if "length" not in given and release(body.world.facts.legacy.django) >= _LENGTH_SINCE:
        operation.refuse("B111", "`get_random_string` without a length")
    texts = [code_of(plain(body, given["length"])) if "length" in given else "12"]
    if "allowed_chars" in given:
        texts.append(code_of(plain(body, given["allowed_chars"])))
    function = body.compat("crypto", "random_string")
    return Typed(parse(f"{function}({', '.join(texts)})"), Plain("str"))


@rewrites(symbol(f"{_CRYPTO}.RANDOM_STRING_CHARS"))
def letters(operation: Operation) -> Typed:
    return Typed(parse(operation.body.compat("crypto", "LETTERS_AND_DIGITS")), Plain("str"))


@rewrites(call(f"{_CRYPTO}.constant_time_compare"))
def compare(operation: Operation) -> Typed:
    given, body = operation.take("val1", "val2"), operation.body
    if len(given) != 2:  # both
        operation.refuse("B111", "`constant_time_compare` of one value")
    force = body.compat("encodings", "force_bytes")
    texts = [f"{force}({code_of(plain(body, given[name]))})" for name in ("val1", "val2")]
    return Typed(parse(f"{body.compat('crypto', 'same')}({', '.join(texts)})"), Plain("bool"))
