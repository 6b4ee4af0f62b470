"""What a method of a manager asks of its manager: the model, and how users are made.

Before: user = self.model(email=self.normalize_email(email)); user.save(using=self._db)
After:  user = User(email=normalize_email(email)); save(session, user)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import operate, plain
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.saving_options import saving_options
from strangler_codemods.sessions import hashers_problem
from strangler_codemods.types import Instance, Manager, ModelClass, Plain, Query
from strangler_codemods.world import World

_MANAGER = "django.contrib.auth.models.UserManager"
_MAKING = ("create", "create_user", "_create_user", "_create_user_object", "normalize_email")


@rewrites(attribute(Manager, "model"))
def model(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Manager)
    return Typed(parse(operation.body.model(kind.model)), ModelClass(kind.model))


@rewrites(method(Manager, "model"))
def make(operation: Operation) -> Typed:
    made = operate(
        operation.body, "construct", ModelClass, "*", replace(operation, receiver=model(operation))
    )
    assert made is not None
    return made


@rewrites(attribute(Manager, "_db"))
def database(operation: Operation) -> Typed:
    return operation.body.constant(None)


def _of_users(operation: Operation) -> str:
    """The user model, whose manager has no method of the project under this name."""
    kind, world = operation.on.type, operation.body.world
    assert isinstance(kind, Manager)
    own = world.queryset_method(kind.model, operation.name)
    if kind.model != world.user_label or own is not None:
        operation.refuse("Q106", f"`.{operation.name}()` of this manager has no rule")
    return kind.model


@rewrites(method(Manager, "normalize_email"))
def normalize_email(operation: Operation) -> Typed:
    _of_users(operation)
    value = plain(operation.body, operation.take("email")["email"])
    function = operation.body.compat("users", "normalize_email")
    return Typed(parse(f"{function}({code_of(value)})"), Plain("str"))


def _is_of_users(world: World, path: str) -> bool:
    """Whether a manager makes users as Django's does: it is that, or adds to it."""
    if path == _MANAGER:
        return True
    found = world.sources.class_node(path)
    if found is None or len(found[0].bases) != 1:
        return False
    base = found[0].bases[0].value
    if isinstance(base, cst.Call) and isinstance(base.func, cst.Attribute):
        if base.func.attr.value != "from_queryset":
            return False
        base = base.func.value
    own = [f"{path}.{name}" for name in _MAKING]
    if any(world.sources.function(one) is not None for one in own):
        return False
    above = world.sources.resolve(found[1], code_of(base))
    return above is not None and _is_of_users(world, above)


@rewrites(method(Manager, "create_user"))
def create_user(operation: Operation) -> Typed:
    body, kind = operation.body, operation.on.type
    assert isinstance(kind, Manager)
    path = body.world.queryset_method(kind.model, operation.name)
    if path is not None and body.world.call_helper is not None and body.colour != "build":
        return body.world.call_helper(operation, path, None, kind)
    label = _of_users(operation)
    managers = body.world.models[label].managers
    if body.colour == "build" or not any(
        m.name == kind.name and _is_of_users(body.world, m.cls.path) for m in managers
    ):
        operation.refuse("Q106", "this `create_user` has no rule")
    body.world.require_writable(body, label, operation.node)
    positional = [a.value for a in operation.args if a.keyword is None and not a.star]
    given = [code_of(plain(body, value)) for value in positional]
    named = tuple(a for a in operation.args if a.keyword is not None or a.star)
    options = saving_options(Operation(operation.node, body, operation.name, args=named), label)
    if problem := hashers_problem(operation.body.world):
        operation.refuse("A108", problem)
    function = body.compat("users", "create_user")
    texts = "".join(f", {text}" for text in (body.model(label), *given)) + options
    if body.colour == "async":
        call = f"await {body.session()}.run_sync({function}{texts})"
    else:
        call = f"{function}({body.session()}{texts})"
    return Typed(parse(call), Instance(label))


@rewrites(method(Manager, "get_queryset"), method(Query, "get_queryset"))
def get_queryset(operation: Operation) -> Typed:
    if operation.args or not isinstance(operation.on.type, Manager | Query):
        operation.refuse("Q106", "this `get_queryset` has no rule")
    return operation.on
