"""A method that a serializer calls on itself while it saves becomes a function.

Before: self._save_lines(invoice, lines)
After:  save_lines(session, invoice=invoice, lines=lines)
"""

from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import SerializerSelf


@rewrites(method(SerializerSelf, "*"))
def rewrite(operation: Operation) -> Typed:
    kind, world = operation.on.type, operation.body.world
    assert isinstance(kind, SerializerSelf)
    serializer = next((s for s in world.facts.serializers if s.name == kind.name), None)
    ref = serializer.methods.get(operation.name) if serializer is not None else None
    saving = serializer is not None and "shows" not in operation.body.owner.attributes
    if ref is None or ref.package is not None or world.call_helper is None or not saving:
        operation.refuse("B106", f"`.{operation.name}()` of a serializer has no rule")
    return world.call_helper(operation, ref.path, None, kind)
