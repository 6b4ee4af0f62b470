"""A serializer class that is called shows rows, or takes the request's data.

Before: return Response(OrderSerializer(order).data)
After:  return await read(session, OrderRead, order)
"""

from strangler_codemods.making import make
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import Key, rewrites
from strangler_codemods.types import SerializerClass


@rewrites(Key("construct", SerializerClass, "*"))
def rewrite(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, SerializerClass)
    return make(operation, kind.name)
