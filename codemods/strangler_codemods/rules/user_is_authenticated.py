"""Whether somebody is logged in becomes a test for None, which type checkers follow.

Before: if request.user.is_authenticated:
After:  if user is not None:
"""

from dataclasses import replace

from strangler.facts import release
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.types import Instance, Plain

#: From then on it is no method.
_ATTRIBUTE_SINCE = (2, 0)


@rewrites(attribute(Instance, "is_authenticated"), attribute(Instance, "is_anonymous"))
def rewrite(operation: Operation) -> Typed:
    user = operation.on
    if not isinstance(user.type, Instance) or not user.type.user:
        operation.refuse("B104", f"`.{operation.name}` of no user has no rule")
    anonymous = operation.name == "is_anonymous"
    if not user.type.optional:
        return operation.body.constant(not anonymous)
    known = replace(user.type, optional=False)
    assert isinstance(known, Instance)
    test = "is None" if anonymous else "is not None"
    return Typed(parse(f"{user.code} {test}"), Plain("bool"))


@rewrites(method(Instance, "is_authenticated"), method(Instance, "is_anonymous"))
def call(operation: Operation) -> Typed:
    """Before Django 2 it could be called as well."""
    if operation.args or release(operation.body.world.facts.legacy.django) >= _ATTRIBUTE_SINCE:
        operation.refuse("B106", f"`.{operation.name}` is no method")
    return rewrite(operation)
