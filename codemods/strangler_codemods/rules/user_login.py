"""Logging in and out by session: the legacy application knows the user as well.

Before: login(request, user)
After:  await session.run_sync(session_authentication.logins.login, user)
"""

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import call, rewrites
from strangler_codemods.sessions import given_session, logins, session_problem
from strangler_codemods.types import Instance, Plain, Request

_SIGNALS = ("user_logged_in", "user_logged_out")


def _checked(operation: Operation) -> str:
    """The session authentication of the new app; what asks for the user later has no rule."""
    body, world = operation.body, operation.body.world
    problem = session_problem(world)
    if problem is not None:
        code, text = problem
        operation.refuse(code, text)
    if body.owner.kind != "view" or body.colour != "async":
        operation.refuse("B105", f"`{operation.name}` has no rule outside of a view's own method")
    if (giver := given_session(body)) is not None:
        operation.refuse("B105", f"`{giver}` may give the request another session")
    for receiver in world.facts.receivers:
        if receiver.signal.rpartition(".")[2] in _SIGNALS and not receiver.function.package:
            operation.refuse("Q113", f"`{receiver.function.path}` hears of logins")
    body.user_changed = True
    body.queries.write(body)
    return logins(body)


@rewrites(call("django.contrib.auth.login"))
def login(operation: Operation) -> Typed:
    place, body = _checked(operation), operation.body
    given = operation.take("request", "user")
    asked, user = body.expr(given["request"]), body.expr(given["user"])
    if not isinstance(asked.type, Request):
        operation.refuse("B111", "`login` is not given the request")
    if not isinstance(user.type, Instance) or user.type.model != body.world.user_label:
        operation.refuse("B111", "`login` is not given a user")
    if user.type.optional:
        operation.refuse("B121", f"`{user.code}` may be None here")
    text = f"await {body.session()}.run_sync({place}.login, {code_of(user.node)})"
    return Typed(parse(text), Plain("None"))


@rewrites(call("django.contrib.auth.logout"))
def logout(operation: Operation) -> Typed:
    place, body = _checked(operation), operation.body
    asked = body.expr(operation.take("request")["request"])
    if not isinstance(asked.type, Request):
        operation.refuse("B111", "`logout` is not given the request")
    return Typed(parse(f"await {body.session()}.run_sync({place}.logout)"), Plain("None"))


@rewrites(call("django.contrib.auth.models.update_last_login"))
def note_login(operation: Operation) -> Typed:
    """`update_last_login(None, user)`, which nothing but a signal calls else."""
    body, given = operation.body, operation.take("sender", "user")
    user = body.expr(given["user"])
    if not isinstance(user.type, Instance) or user.type.model != body.world.user_label:
        operation.refuse("B111", "`update_last_login` is not given a user")
    if user.type.optional:
        operation.refuse("B121", f"`{user.code}` may be None here")
    if body.colour == "build":
        operation.refuse("Q107", "`update_last_login` writes where nothing may be asked")
    body.queries.write(body)
    function = body.compat("backends", "update_last_login")
    if body.colour == "async":
        text = f"await {body.session()}.run_sync({function}, {user.code})"
    else:
        text = f"{function}({body.session()}, {user.code})"
    return Typed(parse(text), Plain("None"))
