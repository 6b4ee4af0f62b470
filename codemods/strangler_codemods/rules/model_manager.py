"""A manager is the statement that its queries start from.

Before: Product.objects.filter(price__gt=10)
After:  select(Product).where(Product.price > 10)
"""

from strangler_codemods.login_schemas import login_name
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.project_names import class_constant
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Manager, ModelClass


@rewrites(attribute(ModelClass, "*"))
def rewrite(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, ModelClass)
    world = operation.body.world
    model = world.models[kind.model]
    if any(manager.name == operation.name for manager in model.managers):
        return Typed(operation.node, Manager(kind.model, operation.name))
    path = f"{model.path}.{operation.name}"
    if path in world.enums:
        return world.symbol(operation.body, path, operation.node)
    found = class_constant(operation.body, kind.model, operation.name)
    if found is not None:
        return found
    if operation.name == "USERNAME_FIELD" and kind.model == operation.body.world.user_label:
        return _login_field(operation)
    operation.refuse("B126", f"`{operation.name}` of the class {kind.model} has no rule")


def _login_field(operation: Operation) -> Typed:
    """What users log in with: said by the model, or by Django's class above it."""
    world = operation.body.world
    user = world.models[world.user_label]
    known = all(path.startswith("django.contrib.auth.") for path in user.abstract_bases)
    if "USERNAME_FIELD" not in user.attributes and not known:
        operation.refuse("B126", "what users log in with is said by another class")
    return operation.body.constant(login_name(world))
