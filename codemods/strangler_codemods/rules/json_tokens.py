"""JSON web tokens that the project makes and reads itself are those of the PyJWT it has.

Before: payload = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])
After:  payload = decode_token(token, settings.secret_key.get_secret_value(), algorithms=["HS256"])
"""

from strangler.facts import release
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites, symbol
from strangler_codemods.types import Plain, Symbol

_ERRORS = ("PyJWTError", "InvalidTokenError", "DecodeError", "InvalidSignatureError",
           "ExpiredSignatureError", "ImmatureSignatureError", "InvalidAudienceError",
           "ExpiredSignature")  # fmt: skip
_PLACES = ("jwt", "jwt.exceptions")


def _version(operation: Operation) -> tuple[int, ...]:
    """The project's PyJWT: before 2 tokens are bytes, from 2.10 on subjects are texts."""
    version = operation.body.world.facts.legacy.package("pyjwt")
    if version is None:
        operation.refuse("B105", "which `jwt` this is is not known")
    return release(version)


def _old(operation: Operation) -> bool:
    return _version(operation) < (2, 0)


@rewrites(call("jwt.decode"))
def decode(operation: Operation) -> Typed:
    old = _old(operation)
    names = ("jwt", "key", "verify", "algorithms") if old else ("jwt", "key", "algorithms")
    given = operation.take(*names)
    if not {"jwt", "key"} <= given.keys() or "verify" in given:
        operation.refuse("B111", "a token that is not checked has no rule")
    if "algorithms" not in given and not old:
        operation.refuse("B111", "`jwt.decode` without algorithms has no rule")
    function = operation.body.compat("json_tokens", "decode_token_1" if old else "decode_token")
    texts = [code_of(plain(operation.body, given[name])) for name in ("jwt", "key")]
    if "algorithms" in given:
        texts.append(f"algorithms={code_of(plain(operation.body, given['algorithms']))}")
    texts += ["typed=True"] if _version(operation) >= (2, 10) else []
    return Typed(parse(f"{function}({', '.join(texts)})"), Plain("dict[str, Any]"))


@rewrites(call("jwt.encode"))
def encode(operation: Operation) -> Typed:
    given = operation.take("payload", "key", "algorithm")
    if not {"payload", "key"} <= given.keys():
        operation.refuse("B111", "a token without a key has no rule")
    old = _old(operation)
    function = operation.body.compat("json_tokens", "encode_token_1" if old else "encode_token")
    texts = [code_of(plain(operation.body, given[name])) for name in ("payload", "key")]
    if "algorithm" in given:
        texts.append(f"algorithm={code_of(plain(operation.body, given['algorithm']))}")
    return Typed(parse(f"{function}({', '.join(texts)})"), Plain("bytes" if old else "str"))


@rewrites(*(symbol(f"{place}.{name}") for place in _PLACES for name in _ERRORS))
def error(operation: Operation) -> Typed:
    name = operation.name.rpartition(".")[2]
    name = "ExpiredSignatureError" if name == "ExpiredSignature" else name
    return Typed(parse(operation.body.use("jwt.exceptions", name)), Symbol(operation.name))
