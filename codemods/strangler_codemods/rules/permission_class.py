"""A permission class of the project keeps its form; request and view become a context.

Before: def has_permission(self, request, view): ...
After:  def has_permission(self, context: Context) -> bool: ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from strangler_codemods.rule import declaration, rewrites

if TYPE_CHECKING:
    from strangler_codemods.permissions import Permissions


@rewrites(declaration("permission class"))
def rewrite(permissions: Permissions, path: str, label: str | None) -> tuple[str, str]:
    return permissions.convert(path, label)
