"""What a serializer shows becomes a read schema.

Before: class TagSerializer(serializers.ModelSerializer): ...
After:  class TagRead(ReadSchema): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler.facts import Serializer
    from strangler_codemods.schemas import Schemas


@rewrites(declaration("read schema"))
def rewrite(schemas: Schemas, serializer: Serializer, label: str | None) -> tuple[str, str]:
    return schemas.make_read(serializer, label)
