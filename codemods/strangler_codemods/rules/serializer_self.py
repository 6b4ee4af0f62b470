"""What a serializer's methods see: the request's context and the instance.

Before: self.context["request"].user
After:  context.user
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.rule import attribute, item, method, rewrites
from strangler_codemods.types import Context, Instance, Request, SerializerSelf


@rewrites(attribute(SerializerSelf, "context"))
def context(operation: Operation) -> Typed:
    return Typed(operation.node, Context())


@rewrites(attribute(SerializerSelf, "instance"))
def instance(operation: Operation) -> Typed:
    body = operation.body
    label = body.owner.attributes.get("model")
    if not isinstance(label, str):
        operation.refuse("B128", "the model of `self.instance` is not known")
    return Typed(parse(f"{body.context()}.instance"), Instance(label, optional=True))


@rewrites(item(Context))
def subscript(operation: Operation) -> Typed:
    assert isinstance(operation.node, cst.Subscript)
    index = operation.node.slice[0].slice
    return _value(operation, string_value(index.value) if isinstance(index, cst.Index) else None)


@rewrites(method(Context, "get"))
def get(operation: Operation) -> Typed:
    return _value(operation, string_value(operation.take("key", "default")["key"]))


def _value(operation: Operation, key: str | None) -> Typed:
    if key != "request":
        operation.refuse("B129", "only the request is known of a serializer's context")
    return Typed(cst.Name("request"), Request())
