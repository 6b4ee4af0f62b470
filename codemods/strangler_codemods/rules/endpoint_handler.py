"""A handler that the project wrote becomes the endpoint's function, its statements kept.

Before: def publish(self, request, pk=None): product = self.get_object(); ...
After:  async def publish_product(session: Session, product: FoundProduct) -> ProductRead: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.handlers import rewrite_handler
from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler_codemods.endpoints import Endpoints, Parts, Written


@rewrites(declaration("handler"))
def rewrite(endpoints: Endpoints, parts: Parts) -> Written:
    return rewrite_handler(endpoints, parts)
