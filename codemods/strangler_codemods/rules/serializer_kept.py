"""What a serializer keeps on itself while it validates, for its other methods and for the view.

Before: self.user = User.objects.get(pk=uid)  # the view: serializer.user
After:  context.kept.user = context.session.scalars(...).one()  # the endpoint: data.kept_.user
"""

from dataclasses import replace

from strangler_codemods.kept_values import keep, kept, validating
from strangler_codemods.narrowing import VALID
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, attribute, rewrites
from strangler_codemods.types import (
    Constant,
    Incoming,
    Instance,
    Plain,
    RequestData,
    SerializerSelf,
)


@rewrites(Key("assign", SerializerSelf, "*"))
def assign(operation: Operation) -> Typed:
    body, value = operation.body, operation.other
    if value is None or not isinstance(value.type, Plain | Constant | Instance):
        operation.refuse("B203", f"assigning `.{operation.name}` of a serializer has no rule")
    kind = Plain() if isinstance(value.type, Constant) else value.type
    if isinstance(kind, Instance):
        kind = replace(kind, optional=kind.optional and value.code not in body.narrowed)
    text = f"{validating(operation)}.kept.{operation.name}"
    keep(operation, value.type if value.type == Constant(None) else kind)
    body.narrowed -= {text}
    return Typed(parse(text), kind)


@rewrites(attribute(SerializerSelf, "*"))
def read(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, SerializerSelf)
    found = kept(operation.body.world, kind.name, operation.name)
    if found is None:
        operation.refuse("B104", f"`.{operation.name}` of a serializer has no rule")
    return Typed(parse(f"{validating(operation)}.kept.{operation.name}"), found)


@rewrites(attribute(SerializerSelf, "initial_data"))
def sent(operation: Operation) -> Typed:
    """What was sent, as it came."""
    kind = operation.on.type
    assert isinstance(kind, SerializerSelf)
    text = f"{validating(operation)}.initial"
    operation.body.world.kept.setdefault(kind.name, {})["initial_data"] = RequestData()
    return Typed(parse(text), RequestData())


@rewrites(attribute(Incoming, "*"))
def read_by_view(operation: Operation) -> Typed:
    body, kind = operation.body, operation.on.type
    assert isinstance(kind, Incoming)
    known = not kind.tried or VALID in body.narrowed
    if not kind.valid or not known or kind.many:
        operation.refuse("B104", f"`.{operation.name}` of a serializer has no rule here")
    found = kept(body.world, kind.name, operation.name)
    if found is None:
        operation.refuse("B104", f"`.{operation.name}` of a serializer has no rule")
    return Typed(parse(f"data.kept_.{operation.name}"), found)
