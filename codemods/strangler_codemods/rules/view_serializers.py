"""A serializer class that a view holds is called like any other.

Before: serializer = self.serializer_class(data=request.data)
After:  async def create_note(session: Session, data: Valid[NoteWrite]) -> NoteRead: ...
"""

from dataclasses import replace

from strangler_codemods.making import make
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.project_names import call_project
from strangler_codemods.rule import Key, rewrites
from strangler_codemods.types import View


@rewrites(Key("view class", View, "*"))
def rewrite(operation: Operation) -> Typed | None:
    """None where the view holds no serializer and no paginator under this name."""
    endpoint = operation.body.owner.attributes.get("endpoint")
    value = getattr(endpoint, "attributes", {}).get(operation.name)
    path = value.path if value is not None and value.kind in ("callable", "object") else None
    world = operation.body.world
    if path is not None and path in world.paginator_names:
        return call_project(replace(operation, name=path))
    return make(operation, path) if path in world.serializer_names else None
