"""DRF's partial_update action takes the same data, all of it optional.

Before: mixins.UpdateModelMixin
After:  data: ValidFor[Partial[ProductWrite], FoundProduct]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler_codemods.endpoints import Endpoints, Parts, Written


@rewrites(declaration("partial_update endpoint"))
def rewrite(endpoints: Endpoints, parts: Parts) -> Written:
    return endpoints.update(parts)
