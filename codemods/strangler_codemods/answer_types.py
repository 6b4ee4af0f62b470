"""What the rewriter knows of answers: pages, headers, responses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SuccessHeaders:
    """`get_success_headers(...)` of data that names no address: no headers."""


@dataclass(frozen=True)
class PaginatorSelf:
    """`self` of a pagination class, or what `part` of it leads to; `literals` are its attributes."""

    kind: str
    literals: tuple[str, ...] = ()
    part: str = ""


@dataclass(frozen=True)
class PaginatorMade:
    """A paginator that a body makes of the class at `path`; `options` are what it sets of it.

    place: tells it from others of that class.
    """

    path: str
    place: int
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class FilterSetMade:
    """A FilterSet of the class at `path` over the request's parameters and the statement `text`.

    query: the type of that statement, of `types`, which imports this module. data: the text of a
    dictionary that is filtered by, where that is not the request's parameters.
    """

    path: str
    text: str
    query: object
    data: str = ""


@dataclass(frozen=True)
class PageOf:
    """`paginate_queryset(...)`: the page of the statement `text` that the request asks for.

    Without a text it is None, since nothing is cut into pages. made: the paginator that cuts it,
    None for the view's own.
    """

    model: str
    text: str
    made: PaginatorMade | None = None


@dataclass(frozen=True)
class PageData:
    """The rows of a page as the client sees them, before the envelope; `made` as of `PageOf`."""

    text: str
    schema: str
    made: PaginatorMade | None = None


@dataclass(frozen=True)
class Response:
    """A DRF response: its status where that is known, the text of its data and its schema.

    `optional` where DRF's exception handler may have answered None. Without a status it is an
    object that code may change; `usual` is the status that it was probably made with.
    """

    optional: bool = False
    status: int | None = None
    data: str | None = None
    schema: str | None = None
    usual: int = 200
    is_drf: bool = True  # Django's own have no `data`
