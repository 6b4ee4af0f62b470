"""DRF's create action becomes a function of valid data.

Before: mixins.CreateModelMixin
After:  async def create_product(session: Session, data: Valid[ProductWrite]) -> ProductRead: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler_codemods.endpoints import Endpoints, Parts, Written


@rewrites(declaration("create endpoint"))
def rewrite(endpoints: Endpoints, parts: Parts) -> Written:
    return endpoints.create(parts)
