"""`validate_password` asks the validators of the settings, and refuses in Django's way.

Before: validate_password(attrs["password"], user)
After:  validate_password(attrs["password"], user)
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites
from strangler_codemods.sessions import passwords_problem
from strangler_codemods.types import Constant, Instance, Plain


@rewrites(call("django.contrib.auth.password_validation.validate_password"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if problem := passwords_problem(body.world):
        operation.refuse("A108", problem)
    arguments = operation.take("password", "user")
    texts = [code_of(plain(body, arguments["password"]))]
    if "user" in arguments:
        texts.append(_user(operation, arguments["user"]))
    function = body.compat("password_validation", "validate_password")
    return Typed(parse(f"{function}({', '.join(texts)})"), Plain("None"))


def _user(operation: Operation, node: cst.BaseExpression) -> str:
    """The user whose attributes a password must not be like; None says nothing of anybody."""
    typed = operation.body.expr(node)
    known = isinstance(typed.type, Instance) and typed.type.model == operation.body.world.user_label
    if not known and typed.type != Constant(None):
        operation.refuse("B102", f"`{code_of(node)}` is no user")
    return typed.code
