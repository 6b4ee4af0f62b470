"""A serializer class that a view holds is called like any other.

Before: serializer = self.serializer_class(data=request.data)
After:  async def create_note(session: Session, data: Valid[NoteWrite]) -> NoteRead: ...
"""

from strangler_codemods.making import make
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import Key, rewrites
from strangler_codemods.types import View


@rewrites(Key("view class", View, "*"))
def rewrite(operation: Operation) -> Typed | None:
    """None where the view holds no serializer under this name."""
    endpoint = operation.body.owner.attributes.get("endpoint")
    value = getattr(endpoint, "attributes", {}).get(operation.name)
    path = value.path if value is not None and value.kind in ("callable", "object") else None
    if path is None or path not in operation.body.world.serializer_names:
        return None
    return make(operation, path)
