"""Types as annotations of the new app."""

from __future__ import annotations

from .body import Import
from .types import Condition, Constant, EmptyList, Instance, MadeOf, Plain, Query, Rows, Type
from .world import World


def annotation_of(world: World, kind: Type | None, imports: set[Import]) -> str:
    """A type as an annotation, its names imported."""
    if isinstance(kind, Query):
        module, name = world.model_symbol(kind.model)
        imports |= {(module, name), ("sqlalchemy", "Select")}
        return f"Select[{name}]"
    if isinstance(kind, Condition):
        imports |= {("typing", "Any"), ("sqlalchemy", "ColumnElement")}
        return "ColumnElement[bool] | None" if kind.maybe_empty else "ColumnElement[bool]"
    if isinstance(kind, Instance):
        module, name = world.model_symbol(kind.model)
        imports.add((module, name))
        return f"{name} | None" if kind.optional else name
    if isinstance(kind, MadeOf):
        module, name = world.model_symbol(kind.model)
        imports.add((module, name))
        return f"tuple[{name}, bool]"
    if isinstance(kind, Rows):
        module, name = world.model_symbol(kind.model)
        imports.add((module, name))
        return f"list[{name}]"
    text = kind.name if isinstance(kind, Plain) else "Any"
    for module, name in (
        ("decimal", "Decimal"), ("datetime", "datetime"), ("datetime", "date"), ("datetime", "time"),
        ("datetime", "timedelta"), ("uuid", "UUID"), ("typing", "Any"),
    ):  # fmt: skip
        if name in text.replace("[", " ").replace("]", " ").split():
            imports.add((module, name))
    return text


def widened(kind: Type) -> Type:
    """The type of a value whose exact value does not matter."""
    if isinstance(kind, Constant):
        return Plain("None" if kind.value is None else type(kind.value).__name__)
    if isinstance(kind, EmptyList):
        return Plain(kind.name)
    return kind
