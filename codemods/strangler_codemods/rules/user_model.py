"""`get_user_model()` is the user model.

Before: get_user_model().objects.all()
After:  select(User)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import ModelClass


@rewrites(call("django.contrib.auth.get_user_model"))
def rewrite(operation: Operation) -> Typed:
    label = operation.body.world.user_label
    return Typed(parse(operation.body.model(label)), ModelClass(label))
