"""One field of a schema as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .body import Import

Nested = Callable[[str, str | None], tuple[str, str]]


@dataclass
class FieldText:
    """One field of a schema: its type, its default, its imports, what `Annotated` adds."""

    base: str
    default: str | None = None
    imports: set[Import] = field(default_factory=set)
    metadata: tuple[str, ...] = ()

    @property
    def annotation(self) -> str:
        """The whole annotation."""
        if not self.metadata:
            return self.base
        return f"Annotated[{', '.join([self.base, *self.metadata])}]"

    def with_metadata(self, *extra: str) -> FieldText:
        """The same with more metadata."""
        if extra:
            self.imports.add(("typing", "Annotated"))
        return replace(self, metadata=(*self.metadata, *extra))

    def optional(self) -> FieldText:
        """The same, or None."""
        if self.base == "Any" or self.base.endswith("| None"):
            return self
        return replace(self, base=f"{self.base} | None")
