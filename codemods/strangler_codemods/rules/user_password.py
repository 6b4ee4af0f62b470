"""Passwords of users are hashed by compat, in a thread.

Before: user.set_password(password)
After:  set_password(user, password)
"""

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import method, rewrites
from strangler_codemods.sessions import hashers_problem
from strangler_codemods.threads import in_thread
from strangler_codemods.types import Instance, Plain


def _user(operation: Operation) -> str:
    """The row, which has to be a user whose methods are Django's."""
    row, world = operation.on, operation.body.world
    assert isinstance(row.type, Instance)
    if row.type.model != world.user_label or operation.name in world.models[row.type.model].methods:
        operation.refuse("B106", f"`.{operation.name}()` of {row.type.model} has no rule")
    if world.field_named(row.type.model, "password") is None:
        operation.refuse("B106", f"{row.type.model} has no passwords")
    if row.type.optional and not row.type.user:
        operation.refuse("B121", f"`{row.code}` may be None here")
    for validator in world.facts.settings.get("AUTH_PASSWORD_VALIDATORS") or ():
        # it may want to hear of a new password once the user is saved
        if not str(validator.get("NAME")).startswith("django.contrib.auth.password_validation."):
            operation.refuse("B106", f"`{validator.get('NAME')}` hears of passwords")
    if problem := hashers_problem(world):
        operation.refuse("A108", problem)
    if operation.body.colour == "build":
        operation.refuse("Q107", "a password is hashed where nothing may be done")
    if row.type.optional:  # Django's anonymous user raises, too
        return f"{operation.body.compat('context', 'known')}({row.code})"
    return row.code


@rewrites(method(Instance, "set_password"))
def set_password(operation: Operation) -> Typed:
    row, body = _user(operation), operation.body
    raw = code_of(plain(body, operation.take("raw_password")["raw_password"]))
    function = body.compat("passwords", "set_password")
    return in_thread(operation, function, [row, raw], Plain("None"))


@rewrites(method(Instance, "set_unusable_password"))
def set_unusable_password(operation: Operation) -> Typed:
    row, body = _user(operation), operation.body
    operation.take()
    function = body.compat("passwords", "set_unusable_password")
    return Typed(parse(f"{function}({row})"), Plain("None"))


@rewrites(method(Instance, "has_usable_password"))
def has_usable_password(operation: Operation) -> Typed:
    row, body = _user(operation), operation.body
    operation.take()
    function = body.compat("passwords", "is_password_usable")
    return Typed(parse(f"{function}({row}.password)"), Plain("bool"))


@rewrites(method(Instance, "check_password"))
def check_password(operation: Operation) -> Typed:
    row, body = _user(operation), operation.body
    raw = code_of(plain(body, operation.take("raw_password")["raw_password"]))
    function = body.compat("passwords", "check_password")
    if body.colour == "async":
        text = f"await {body.session()}.run_sync({function}, {row}, {raw})"
    else:
        text = f"{function}({body.session()}, {row}, {raw})"
    return Typed(parse(text), Plain("bool"))
