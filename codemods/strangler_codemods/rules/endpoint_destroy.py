"""DRF's destroy action becomes a function that deletes the found object.

Before: mixins.DestroyModelMixin
After:  async def destroy_product(session: Session, product: FoundProduct) -> None: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler_codemods.endpoints import Endpoints, Parts, Written


@rewrites(declaration("destroy endpoint"))
def rewrite(endpoints: Endpoints, parts: Parts) -> Written:
    return endpoints.destroy(parts)
