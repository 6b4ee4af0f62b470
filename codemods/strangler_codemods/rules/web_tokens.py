"""SimpleJWT's tokens are issued, read and taken out of use by compat: either application knows them.

Before: refresh = RefreshToken.for_user(user); return Response({"access": str(refresh.access_token)})
After:  refresh = await session.run_sync(jwt_tokens.for_user, user); return {"access": str(refresh.access())}
"""

import libcst as cst

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain, plain_args
from strangler_codemods.rule import Key, attribute, call, compare, item, method, rewrites, symbol
from strangler_codemods.token_types import WebToken, WebTokenClass
from strangler_codemods.types import Constant, Error, Instance, Plain, Symbol
from strangler_codemods.web_tokens import PACKAGE, tokens

_TOKENS = f"{PACKAGE}.tokens"
_KINDS = {"RefreshToken": "refresh", "AccessToken": "access", "UntypedToken": "untyped"}
_PLACES = ("exceptions", "tokens", "views", "serializers", "authentication")
#: SimpleJWT's errors, and where they are in compat.
_ERRORS = {
    "TokenError": ("jwt_tokens", "TokenError"),
    "InvalidToken": ("jwt", "InvalidToken"),
    "AuthenticationFailed": ("jwt", "JWTAuthenticationFailed"),
}
_ERROR_PATHS = {f"{PACKAGE}.{place}.{name}": name for place in _PLACES for name in _ERRORS}
# `serializers` and `views` have DRF's error of that name
_ERROR_PATHS = {
    path: name
    for path, name in _ERROR_PATHS.items()
    if name != "AuthenticationFailed" or path.split(".")[1] in ("exceptions", "authentication")
}
_TOKEN_ERROR = f"{PACKAGE}.exceptions.TokenError"


def _called(operation: Operation, name: str, texts: list[str], kind: object) -> Typed:
    """The call of a method of `jwt_tokens`, which asks the database."""
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", "a token is asked for where no query may run")
    place = tokens(operation)
    body.queries.write(body)
    given = "".join(f", {text}" for text in texts)
    if body.colour == "async":
        text = f"await {body.session()}.run_sync({place}.{name}{given})"
    else:
        text = f"{place}.{name}({body.session()}{given})"
    return Typed(parse(text), kind)  # type: ignore[arg-type]  # one of the lattice


@rewrites(*(symbol(f"{_TOKENS}.{name}") for name in _KINDS))
def class_of(operation: Operation) -> Typed:
    return Typed(operation.node, WebTokenClass(_KINDS[operation.name.rpartition(".")[2]]))


@rewrites(Key("construct", WebTokenClass, "*"))
def read(operation: Operation) -> Typed:
    """`RefreshToken(text)`; of None it is a new one."""
    kind = operation.on.type
    assert isinstance(kind, WebTokenClass)
    given = operation.take("token")
    texts = [repr(kind.kind)]
    texts += [code_of(plain(operation.body, given["token"]))] if "token" in given else []
    return _called(operation, "token", texts, WebToken(kind.kind))


@rewrites(method(WebTokenClass, "for_user"))
def for_user(operation: Operation) -> Typed:
    body, kind = operation.body, operation.on.type
    assert isinstance(kind, WebTokenClass)
    given = operation.take("user")
    user = body.expr(given["user"]) if "user" in given else None
    if user is None or not isinstance(user.type, Instance):
        operation.refuse("B111", "`for_user` is not given a user")
    if user.type.model != body.world.user_label:
        operation.refuse("B111", "`for_user` is not given a user")
    if user.type.optional:
        operation.refuse("B121", f"`{user.code}` may be None here")
    if kind.kind == "untyped":
        operation.refuse("B106", "`for_user` of an untyped token has no rule")
    texts = [user.code] + ([repr(kind.kind)] if kind.kind != "refresh" else [])
    return _called(operation, "for_user", texts, WebToken(kind.kind))


@rewrites(method(WebToken, "blacklist"))
def blacklist(operation: Operation) -> Typed:
    operation.take()
    world, kind = operation.body.world, operation.on.type
    if kind != WebToken("refresh") or "token_blacklist.BlacklistedToken" not in world.models:
        operation.refuse("B106", "these tokens have no `blacklist`")
    return _called(operation, "blacklist", [operation.on.code], Plain("None"))


@rewrites(attribute(WebToken, "access_token"))
def access(operation: Operation) -> Typed:
    if operation.on.type != WebToken("refresh"):
        operation.refuse("B104", "only refresh tokens have an access token")
    return Typed(parse(f"{_token(operation)}.access()"), WebToken("access"))


@rewrites(attribute(WebToken, "payload"))
def payload(operation: Operation) -> Typed:
    return Typed(parse(f"{_token(operation)}.claims"), Plain("dict[str, Any]"))


@rewrites(attribute(WebToken, "lifetime"))
def lifetime(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, WebToken)
    text = f"{_token(operation)}.config.lifetime({kind.kind!r})"
    return Typed(parse(text), Plain("timedelta"))


@rewrites(attribute(WebTokenClass, "lifetime"))
def lifetime_of_class(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, WebTokenClass)
    text = f"{tokens(operation)}.config.lifetime({kind.kind!r})"
    return Typed(parse(text), Plain("timedelta"))


@rewrites(method(WebToken, "get"))
def get(operation: Operation) -> Typed:
    given = operation.take("key", "default")
    texts = [code_of(plain(operation.body, given[n])) for n in ("key", "default") if n in given]
    return Typed(parse(f"{_token(operation)}.get({', '.join(texts)})"), Plain())


@rewrites(method(WebToken, "set_exp"))
def set_exp(operation: Operation) -> Typed:
    given = operation.take("claim", "from_time", "lifetime")
    names = {"claim": "claim", "from_time": "start", "lifetime": "lifetime"}
    texts = [f"{names[k]}={code_of(plain(operation.body, v))}" for k, v in given.items()]
    return Typed(parse(f"{_token(operation)}.set_exp({', '.join(texts)})"), Plain("None"))


@rewrites(method(WebToken, "set_jti"), method(WebToken, "set_iat"))
def renew(operation: Operation) -> Typed:
    operation.take()
    return Typed(parse(f"{_token(operation)}.{operation.name}()"), Plain("None"))


@rewrites(item(WebToken))
def claim(operation: Operation) -> Typed:
    key = _key(operation)
    return Typed(parse(f"{_token(operation)}[{key}]"), Plain())


@rewrites(Key("assign_item", WebToken, "*"))
def set_claim(operation: Operation) -> Typed:
    """`refresh["name"] = value`; what is no plain value cannot be written into a token."""
    value = operation.other
    if value is None or not isinstance(value.type, Plain | Constant):
        operation.refuse("B203", "this value in a token has no rule")
    return Typed(parse(f"{_token(operation)}[{_key(operation)}]"), Plain())


def _token(operation: Operation) -> str:
    """The token whose part is asked for; one that is waited for, in parentheses."""
    return code_of(operand(operation.on))


def _key(operation: Operation) -> str:
    node = operation.node
    index = node.slice[0].slice if isinstance(node, cst.Subscript) else None
    if not isinstance(index, cst.Index):
        operation.refuse("B109", "this part of a token has no rule")
    return code_of(plain(operation.body, index.value))


@rewrites(compare(WebToken))
def contains(operation: Operation) -> Typed:
    node, other = operation.node, operation.other
    assert isinstance(node, cst.Comparison)
    operator = node.comparisons[0].operator
    is_asked = operation.name == "right" and isinstance(operator, cst.In | cst.NotIn)
    if other is None or not is_asked:
        operation.refuse("B107", "comparing a token has no rule")
    if not isinstance(other.type, Plain | Constant):
        operation.refuse("B107", "comparing a token has no rule")
    word = "in" if isinstance(operator, cst.In) else "not in"
    return Typed(parse(f"{other.code} {word} {operation.on.code}"), Plain("bool"))


@rewrites(Key("shown", WebToken, "*"))
def signed(operation: Operation) -> Typed:
    """`str(token)` signs it, here and there."""
    return Typed(operation.on.node, Plain("str"))


@rewrites(method(WebToken, "*"), attribute(WebToken, "*"))
def other(operation: Operation) -> Typed:
    operation.refuse("B106", f"`.{operation.name}` of a token has no rule")


@rewrites(method(WebTokenClass, "*"), attribute(WebTokenClass, "*"))
def other_of_class(operation: Operation) -> Typed:
    operation.refuse("B106", f"`.{operation.name}` of a class of tokens has no rule")


@rewrites(*(symbol(path) for path in _ERROR_PATHS))
def error(operation: Operation) -> Typed:
    name = _ERROR_PATHS[operation.name]
    local = operation.body.compat(*_ERRORS[name])
    return Typed(parse(local), Symbol(f"{PACKAGE}.exceptions.{name}"))


@rewrites(*(call(f"{PACKAGE}.exceptions.{name}") for name in _ERRORS))
def raised(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Call)
    args = plain_args(operation.body, node.args)
    return Typed(node.with_changes(func=operation.on.node, args=args), Error(operation.name))


@rewrites(attribute(Error, "args"))
def arguments(operation: Operation) -> Typed:
    """What a caught TokenError says."""
    if operation.on.type != Error(_TOKEN_ERROR):
        operation.refuse("B104", "`.args` of this error has no rule")
    return Typed(parse(f"{operation.on.code}.args"), Plain("tuple[Any, ...]"))
