"""`self.Meta.model` of a serializer is its model.

Before: rows = self.Meta.model.objects.filter(shelf=shelf)
After:  statement = select(Book).where(Book.shelf_id == shelf.id)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.surrounding_types import SerializerMeta
from strangler_codemods.types import ModelClass, SerializerSelf


@rewrites(attribute(SerializerSelf, "Meta"))
def meta(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, SerializerSelf)
    return Typed(operation.node, SerializerMeta(kind.name))


@rewrites(attribute(SerializerMeta, "model"))
def model(operation: Operation) -> Typed:
    kind, world = operation.on.type, operation.body.world
    assert isinstance(kind, SerializerMeta)
    label = next((s.model for s in world.facts.serializers if s.name == kind.name), None)
    if label is None or label not in world.models:
        operation.refuse("B104", "the model of the serializer is not known")
    return Typed(parse(operation.body.model(label)), ModelClass(label))
