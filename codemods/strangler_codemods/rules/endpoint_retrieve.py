"""DRF's retrieve action becomes a function of the found object.

Before: mixins.RetrieveModelMixin
After:  async def retrieve_product(session: Session, product: FoundProduct) -> ProductRead: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler_codemods.endpoints import Endpoints, Parts, Written


@rewrites(declaration("retrieve endpoint"))
def rewrite(endpoints: Endpoints, parts: Parts) -> Written:
    return endpoints.retrieve(parts)
