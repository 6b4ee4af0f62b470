"""Whoever knows name and password is asked of the login backend.

Before: user = authenticate(request, username=name, password=password)
After:  user = find_user(session, context.request, User, username=name, password=password)
"""

from strangler_codemods.login_backends import backends_made, is_own, is_usual, knowing_problem
from strangler_codemods.login_schemas import login_name
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites
from strangler_codemods.sessions import hashers_problem
from strangler_codemods.types import Attrs, Constant, Instance, Request, ValidData


@rewrites(call("django.contrib.auth.authenticate"))
def rewrite(operation: Operation) -> Typed:
    _require_usual(operation)
    body, label = operation.body, operation.body.world.user_label
    texts = []
    for argument in operation.args:
        name = argument.keyword.value if argument.keyword is not None else ""
        value = body.expr(argument.value)
        if argument.star == "**" and isinstance(value.type, Attrs | ValidData):
            held = f"{value.code}.attrs()" if isinstance(value.type, ValidData) else value.code
            texts.append(f"**{held}")
        elif (
            isinstance(value.type, Request) and name in ("", "request") and not argument.star
        ) or (value.type == Constant(None) and name == "request"):
            continue
        elif not name or argument.star:
            operation.refuse("B110", "`authenticate` with these arguments has no rule")
        else:
            texts.append(f"{name}={code_of(plain(body, argument.value))}")
    function = body.compat("backends", "find_user")
    model, given = body.model(label), "".join(f", {text}" for text in texts)
    if not is_usual(body.world):
        given = f", {backends_made(body.world, model, body.imports, asked=True)}{given}"
    if body.colour == "async":
        text = f"await {body.session()}.run_sync({function}, {model}{given})"
    else:
        text = f"{function}({body.session()}, {model}{given})"
    return Typed(parse(text), Instance(label, optional=True))


def _require_usual(operation: Operation) -> None:
    """Refuse backends, hashers and managers that find users in ways of their own."""
    body, world = operation.body, operation.body.world
    if world.user_problem is not None:
        operation.refuse("A106", world.user_problem.message)
    if body.colour == "build":
        operation.refuse("Q107", "users are asked for where no query may run")
    if (problem := knowing_problem(world, own=True)) is not None:
        operation.refuse("A104", problem)
    _require_known_names(operation)
    if problem := hashers_problem(world):
        operation.refuse("A108", problem)
    label = world.user_label
    plain_manager = not any(m.default and m.filtering for m in world.models[label].managers)
    if world.queryset_method(label, "get_by_natural_key") or not plain_manager:
        operation.refuse("Q106", f"the manager of {label} finds users in its own way")


def _require_known_names(operation: Operation) -> None:
    """Refuse credentials of other names where a backend may take them instead of a password."""
    world = operation.body.world
    backends = world.facts.authentication_backends
    usual = {"request", "username", "password", login_name(world)}
    named = {a.keyword.value for a in operation.args if a.keyword is not None}
    starred = any(argument.star for argument in operation.args)
    if any(one.knows == "none" and not is_own(world, one) for one in backends) and (
        starred or named - usual
    ):
        operation.refuse("A104", "a backend may take other credentials than a password")
