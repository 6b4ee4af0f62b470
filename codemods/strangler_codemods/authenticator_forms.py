"""Forms of the authenticators that a project writes: the methods that DRF, or SimpleJWT, calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import libcst as cst

from . import web_tokens
from .body import Body, Import
from .carried_classes import Entry, Form
from .functions import finish_value
from .operation import Typed
from .statements import Finish
from .token_types import WebToken
from .types import Constant, Instance, ModelClass, Plain, Request, TupleOf, Type

COMPAT = "app.compat.authentication"
_DRF = "rest_framework.authentication"
BASE, TOKEN, SESSION, BASIC = (
    f"{_DRF}.{n}Authentication" for n in ("Base", "Token", "Session", "Basic")
)
JWT = f"{web_tokens.PACKAGE}.authentication.JWTAuthentication"
_CONTEXT = ("app.identity", "Context")
_FOUND = frozenset({_CONTEXT, ("app.compat.credentials", "Found")})
#: The check for forged requests, which a class may leave out.
CSRF = "enforce_csrf"
_SAYS = "How callers prove who they are."


def _found(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
    """`return None`, or a tuple that begins with a user."""
    if value is None or value.type == Constant(None):
        return None if value is None else value.node
    first = value.type.items[0] if isinstance(value.type, TupleOf) else None
    pair = isinstance(value.type, TupleOf) and len(value.type.items) == 2  # user and token
    wanted = body.world.user_label
    if (
        not pair
        or not isinstance(first, Instance)
        or first.model != wanted
        or (first.optional and not first.user)  # an anonymous user proves nothing, and is one
    ):
        body.refuse(
            "B207", "an authenticator returns something other than a user and a token", node
        )
    return value.node


ENTRIES = {
    "authenticate": Entry(
        (Request(),), lambda names: "def authenticate(self, context: Context) -> Found",
        _found, _FOUND,
    ),
    "authenticate_header": Entry(
        (Request(),), lambda names: "def header(self) -> str | None", finish_value,
        decorators=("@property",), asks=False,
    ),
}  # fmt: skip
OF_BASE = Form(
    "authentication",
    _SAYS,
    {BASE: (COMPAT, "BaseAuthentication")},
    ENTRIES,
    frozenset(),
)


#: As DRF's own classes have it: `super()` gives what they say.
_HEADER = replace(ENTRIES["authenticate_header"], above=Plain("str | None"), shown="header")


def _giving(kind: Type) -> Finish:
    """What a method returns has to be: a row, a token."""

    def finish(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
        if value is None or value.type != kind:
            body.refuse("B207", "this method returns something else than SimpleJWT's", node)
        return value.node

    return finish


def of_web_tokens(label: str, user: Import) -> Form:
    """Classes below SimpleJWT's JWTAuthentication."""
    row, token, raw = Instance(label), WebToken("access"), Plain("bytes | None")
    jwt, anything = ("app.compat.jwt_tokens", "JWT"), ("typing", "Any")

    def head(name: str, kind: str, returns: str) -> Callable[[list[str]], str]:
        def written(names: list[str]) -> str:
            shown = f", {names[0]}: {kind}" if kind else ""
            return f"def {name}(self, context: Context{shown}) -> {returns}"

        return written

    entries = {
        "authenticate": replace(ENTRIES["authenticate"], above=TupleOf((row, token))),
        "authenticate_header": ENTRIES["authenticate_header"],
        "get_header": Entry(
            (Request(),), head("get_header", "", "bytes | None"), finish_value,
            frozenset({_CONTEXT}), above=raw, called=True,
        ),
        "get_raw_token": Entry(
            (Plain("bytes"),), head("get_raw_token", "bytes", "bytes | None"), finish_value,
            frozenset({_CONTEXT}), above=raw, called=True,
        ),
        "get_validated_token": Entry(
            (Plain(),), head("get_validated_token", "Any", "JWT"), _giving(token),
            frozenset({_CONTEXT, jwt, anything}), above=token, called=True,
        ),
        "get_user": Entry(
            (token,), head("get_user", "JWT", user[1]), _giving(row),
            frozenset({_CONTEXT, jwt, user}), above=row, called=True,
        ),
    }  # fmt: skip
    return Form(
        "authentication", _SAYS,
        {JWT: ("app.compat.jwt", "JWTAuthentication")}, entries,
        frozenset({"www_authenticate_realm", "media_type", "user_model"}),
        attributes={"user_model": ModelClass(label)},
    )  # fmt: skip


def _credentials(pair: TupleOf, kinds: tuple[Type, ...], *, asked: bool) -> Entry:
    """`authenticate_credentials`; where methods of the project ask it, it gives what DRF's own does.

    kinds: of its parameters; those methods may give it anything.
    """

    def head(names: list[str]) -> str:
        shown = "Any" if asked else "str"
        texts = zip(names, kinds, strict=False)
        given = [f"{name}: {shown}" for name, kind in texts if not isinstance(kind, Request)]
        named = ", ".join(["self", "context: Context", *given])
        return f"def authenticate_credentials({named}) -> tuple[Any, Any]"

    def finish(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
        other = asked and value is not None and value.type != pair
        if value is None or value.type == Constant(None) or other:
            body.refuse("B207", "this method returns something else than DRF's", node)
        return _found(body, value, node)

    given = tuple(Plain() if asked and isinstance(kind, Plain) else kind for kind in kinds)
    imports = frozenset({_CONTEXT, ("typing", "Any")})
    return Entry(given, head, finish, imports, above=pair, called=True, whole=True)


def of_tokens(label: str, token: str, *, asked: bool) -> Form:
    """Classes below DRF's TokenAuthentication, whose tokens are rows of `token`.

    asked: whether the project's own methods are given what `authenticate_credentials` finds.
    """
    pair = TupleOf((Instance(label), Instance(token)))
    model = Entry((), lambda names: "", above=ModelClass(token), called=True, shown="model")
    entries = {
        "authenticate": replace(ENTRIES["authenticate"], above=pair),
        "authenticate_credentials": _credentials(pair, (Plain("str"),), asked=asked),
        "authenticate_header": replace(_HEADER, above=Plain("str")),
        "get_model": model,
    }
    return Form(
        "authentication", _SAYS, {TOKEN: (COMPAT, "TokenAuthentication")}, entries, frozenset(),
        attributes={"model": ModelClass(token), "keyword": Plain("str")},
        judged={"model": lambda value: ""}, left=frozenset({"get_model"}),
    )  # fmt: skip


def of_passwords(label: str, *, asked: bool) -> Form:
    """Classes below DRF's BasicAuthentication; `asked` as for tokens."""
    pair = TupleOf((Instance(label), Constant(None)))
    kinds = (Plain("str"), Plain("str"), Request())
    entries = {
        "authenticate": replace(ENTRIES["authenticate"], above=pair),
        "authenticate_credentials": _credentials(pair, kinds, asked=asked),
        "authenticate_header": _HEADER,
    }
    return Form(
        "authentication", _SAYS, {BASIC: (COMPAT, "BasicAuthentication")}, entries, frozenset(),
        attributes={"www_authenticate_realm": Plain("str")},
    )  # fmt: skip


def of_sessions(label: str) -> Form:
    """Classes below DRF's SessionAuthentication; one without the check for forged requests says so."""
    pair = TupleOf((Instance(label), Constant(None)))
    entries = {
        "authenticate": replace(ENTRIES["authenticate"], above=pair),
        "authenticate_header": _HEADER,
    }
    return Form(
        "authentication", _SAYS,
        {SESSION: (COMPAT, "SessionAuthentication")}, entries, frozenset(), left=frozenset({CSRF}),
    )  # fmt: skip
