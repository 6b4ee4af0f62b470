"""DRF's update action becomes a function of the found object and valid data.

Before: mixins.UpdateModelMixin
After:  async def update_product(session: Session, product: FoundProduct, data: ...) -> ProductRead: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler_codemods.endpoints import Endpoints, Parts, Written


@rewrites(declaration("update endpoint"))
def rewrite(endpoints: Endpoints, parts: Parts) -> Written:
    return endpoints.update(parts)
