"""DRF's list action becomes a function that answers with a page.

Before: mixins.ListModelMixin
After:  async def list_products(session: Session, ...) -> Page[ProductRead]: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler_codemods.endpoints import Endpoints, Parts, Written


@rewrites(declaration("list endpoint"))
def rewrite(endpoints: Endpoints, parts: Parts) -> Written:
    return endpoints.list(parts)
