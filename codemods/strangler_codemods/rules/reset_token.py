"""Tokens for resetting a password are made and checked by compat; either application takes the other's.

Before: token = default_token_generator.make_token(user)
After:  token = reset_tokens.make_token(user)
"""

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.reset_tokens import reset_tokens
from strangler_codemods.rule import attribute, call, method, rewrites, symbol
from strangler_codemods.token_types import ResetTokens
from strangler_codemods.types import Constant, Instance, Plain

_TOKENS = "django.contrib.auth.tokens"


@rewrites(symbol(f"{_TOKENS}.default_token_generator"))
def usual(operation: Operation) -> Typed:
    return reset_tokens(operation)


@rewrites(call(f"{_TOKENS}.PasswordResetTokenGenerator"))
def another(operation: Operation) -> Typed:
    operation.take()
    return reset_tokens(operation)


def _user(operation: Operation, given: dict[str, object], *, may_be_none: bool) -> str:
    body = operation.body
    if "user" not in given:
        operation.refuse("B111", f"`{operation.name}` without a user")
    user = body.expr(operation.take("user", "token")["user"])
    if user.type == Constant(None) and may_be_none:
        return "None"
    if not isinstance(user.type, Instance) or user.type.model != body.world.user_label:
        operation.refuse("B111", f"`{operation.name}` is not given a user")
    if user.type.optional and (user.type.user or not may_be_none):
        operation.refuse("B121", f"`{user.code}` may be None here")
    return user.code


@rewrites(method(ResetTokens, "make_token"))
def make(operation: Operation) -> Typed:
    user = _user(operation, dict(operation.take("user")), may_be_none=False)
    return Typed(parse(f"{operation.on.code}.make_token({user})"), Plain("str"))


@rewrites(method(ResetTokens, "check_token"))
def check(operation: Operation) -> Typed:
    given = operation.take("user", "token")
    user = _user(operation, dict(given), may_be_none=True)
    if "token" not in given:
        operation.refuse("B111", "`check_token` without a token")
    token = code_of(plain(operation.body, given["token"]))
    return Typed(parse(f"{operation.on.code}.check_token({user}, {token})"), Plain("bool"))


@rewrites(method(ResetTokens, "*"), attribute(ResetTokens, "*"))
def other(operation: Operation) -> Typed:
    operation.refuse("B106", f"`.{operation.name}` of tokens for resetting a password has no rule")
