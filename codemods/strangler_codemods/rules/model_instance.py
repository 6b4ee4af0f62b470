"""A model class that is called makes a row that is not saved yet.

Before: user = User(email=email, is_staff=True)
After:  user = User(email=email, is_staff=True)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, rewrites
from strangler_codemods.saving_options import saving_options
from strangler_codemods.types import Instance, ModelClass


@rewrites(Key("construct", ModelClass, "*"))
def rewrite(operation: Operation) -> Typed:
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, ModelClass)
    model = body.world.models[kind.model]
    if "__init__" in model.methods:
        operation.refuse("B120", f"{kind.model} overrides `__init__`")
    if not body.world.asking.isdisjoint((kind.model, *body.world.ancestors(kind.model))):
        operation.refuse("Q113", f"a default of {kind.model} asks the database")
    options = saving_options(operation, kind.model, generic=False)
    text = f"{body.model(kind.model)}({options.removeprefix(', ')})"
    return Typed(parse(text), Instance(kind.model))
