"""A model of the registry becomes a typed mapped class.

Before: class Product(models.Model): name = models.CharField(max_length=50)
After:  class Product(Base): name: Mapped[str] = mapped_column(String(50))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler.facts import Model
    from strangler_codemods.models import Models


@rewrites(declaration("model"))
def rewrite(models: Models, model: Model, position: int) -> None:
    models.write(model, position)
