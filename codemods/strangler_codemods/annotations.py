"""Types as annotations of the new app."""

from __future__ import annotations

from .answer_types import Response
from .body import Import
from .surrounding_types import HandlerContext, Outgoing
from .token_types import WebToken
from .types import (
    Constant,
    EmptyList,
    Error,
    Given,
    Headers,
    Instance,
    Plain,
    Query,
    Rows,
    TupleOf,
    Type,
)
from .world import World

#: What always is of one class.
_NAMED: dict[type, Import] = {
    WebToken: ("app.compat.jwt_tokens", "JWT"),
    HandlerContext: ("app.compat.handlers", "HandlerContext"),
}
#: What a value that is not plain is for the new app.
_OTHERS: dict[type, str] = {Given: "dict[str, Any]", Headers: "Mapping[str, str]"}


def annotation_of(world: World, kind: Type | None, imports: set[Import]) -> str:
    """A type as an annotation, its names imported."""
    if isinstance(kind, Query):
        module, name = world.model_symbol(kind.model)
        imports |= {(module, name), ("sqlalchemy", "Select")}
        return f"Select[{name}]"
    if isinstance(kind, Instance):
        module, name = world.model_symbol(kind.model)
        imports.add((module, name))
        return f"{name} | None" if kind.optional else name
    if isinstance(kind, Rows):
        module, name = world.model_symbol(kind.model)
        imports.add((module, name))
        return f"list[{name}]"
    if isinstance(kind, Error):
        return "Exception"
    if type(kind) in _NAMED:
        imports.add(_NAMED[type(kind)])
        return _NAMED[type(kind)][1]
    if isinstance(kind, Response | Outgoing):
        module = "app.compat" if isinstance(kind, Response) else "starlette"
        imports.add((f"{module}.responses", "Response"))
        return "Response | None" if kind.optional else "Response"
    if isinstance(kind, TupleOf):
        return f"tuple[{', '.join(annotation_of(world, item, imports) for item in kind.items)}]"
    text = kind.name if isinstance(kind, Plain) else _OTHERS.get(type(kind), "Any")
    for module, name in (
        ("decimal", "Decimal"), ("datetime", "datetime"), ("datetime", "date"), ("datetime", "time"),
        ("datetime", "timedelta"), ("uuid", "UUID"), ("typing", "Any"),
        ("collections.abc", "Mapping"),
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
