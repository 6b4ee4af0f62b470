"""One field of a schema as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .body import Import


@dataclass
class FieldText:
    """One field of a schema: its annotation, its default, its imports."""

    annotation: str
    default: str | None = None
    imports: set[Import] = field(default_factory=set)

    def with_metadata(self, *extra: str) -> FieldText:
        """The annotation inside `Annotated` with more metadata."""
        if not extra:
            return self
        inner = self.annotation
        if inner.startswith("Annotated[") and inner.endswith("]"):
            inner = inner.removeprefix("Annotated[").removesuffix("]")
        self.imports.add(("typing", "Annotated"))
        text = f"Annotated[{', '.join([inner, *extra])}]"
        return FieldText(text, self.default, self.imports)


Nested = Callable[[str, str | None], tuple[str, str]]
