"""`get_user_model()` is the user model.

Before: get_user_model().objects.all()
After:  select(User)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Instance, ModelClass


@rewrites(call("django.contrib.auth.get_user_model"))
def rewrite(operation: Operation) -> Typed:
    label = operation.body.world.user_label
    return Typed(parse(operation.body.model(label)), ModelClass(label))


@rewrites(call("django.contrib.auth.models.AnonymousUser"))
def stranger(operation: Operation) -> Typed:
    """Nobody, as the new application knows strangers."""
    world = operation.body.world
    if world.user_problem is not None or operation.args:
        operation.refuse("A106", "`AnonymousUser` has no rule here")
    return Typed(parse("None"), Instance(world.user_label, optional=True, user=True))
