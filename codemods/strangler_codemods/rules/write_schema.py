"""What a serializer accepts becomes a write schema.

Before: class TagSerializer(serializers.ModelSerializer): ...
After:  class TagWrite(WriteSchema): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler.facts import Serializer
    from strangler_codemods.schemas import Schemas


@rewrites(declaration("write schema"))
def rewrite(schemas: Schemas, serializer: Serializer, label: str | None) -> tuple[str, str]:
    return schemas.make_write(serializer, label)
