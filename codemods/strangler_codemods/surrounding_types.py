"""What is known of values in middleware, exception handlers and renderers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class MiddlewareSelf:
    """`self` inside the middleware class at `path`."""

    path: str = ""


@dataclass(frozen=True)
class Outgoing:
    """What a middleware gets from the layers below it, or answers in their place."""

    optional: bool = False


@dataclass(frozen=True)
class HandlerContext:
    """What an exception handler is told beside the exception."""


@dataclass(frozen=True)
class SessionEngine:
    """Where Django keeps sessions: the `module`, its `class`, or a `store` made of it."""

    part: str = "module"


@dataclass(frozen=True)
class FunctionTable:
    """A dictionary of functions of the project: their paths by key."""

    functions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TableEntry:
    """`table[key]`: one of the functions; `key` is the text of what chooses it."""

    functions: tuple[tuple[str, str], ...]
    key: str


@dataclass(frozen=True)
class ErrorClass:
    """`exc.__class__`, `type(exc)`."""


@dataclass(frozen=True)
class HandlerView:
    """The view that an exception handler is told of; `part` is what was read of it."""

    part: str = ""


@dataclass(frozen=True)
class RendererView:
    """The view of a renderer's context."""


@dataclass(frozen=True)
class RendererContext:
    """What a renderer is told beside the data."""


@dataclass(frozen=True)
class ParserContext:
    """`request.parser_context`: the view, the parts of the path."""


@dataclass(frozen=True)
class SerializerMeta:
    """`self.Meta` of the serializer class `name`."""

    name: str


@dataclass(frozen=True)
class SettingsTable:
    """A setting of the project that is a dictionary, by its name."""

    name: str


@dataclass(frozen=True)
class ServiceField:
    """What an object of a project's plain class keeps: its name, its text, the type of its value."""

    name: str
    text: str
    kind: object  # of `types`, which imports this module


@dataclass(frozen=True)
class ServiceObject:
    """Such an object, of the class at `path`; `inner` where it is `self` of one of its methods."""

    path: str
    fields: tuple[ServiceField, ...]
    inner: bool = False


@dataclass(frozen=True)
class RequestFiles:
    """`request.FILES`: the files among the body's parts."""


@dataclass(frozen=True)
class PurePath:
    """A path of `pathlib` of which only its parts are read."""


@dataclass(frozen=True)
class StoredFile:
    """What a file column of `model` gives: Django has an object there, the new app the name."""

    model: str
    column: str
    null: bool = False


Surrounding: TypeAlias = (
    MiddlewareSelf
    | Outgoing
    | HandlerContext
    | FunctionTable
    | TableEntry
    | ErrorClass
    | HandlerView
    | ParserContext
    | RendererContext
    | RendererView
    | SerializerMeta
    | SessionEngine
    | ServiceObject
    | SettingsTable
    | RequestFiles
    | PurePath
    | StoredFile
)
