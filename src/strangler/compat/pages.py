"""What all paginators share: envelopes, links, and reading rows and parameters."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, PrivateAttr, model_serializer
from sqlalchemy import Select
from sqlalchemy.orm import Session
from starlette.requests import Request

R = TypeVar("R")


class Listing(BaseModel):
    """A page on its way to the client: documented by its fields, sent as its envelope."""

    _envelope: Any = PrivateAttr(default=None)

    @classmethod
    def carrying(cls, envelope: Any) -> Any:
        """Return a page that is sent as `envelope`, which may be any data."""
        page = cls.model_construct()
        page._envelope = envelope
        return page

    shown_ = model_serializer(mode="wrap")(lambda self, _: self.wire_)

    @property
    def wire_(self) -> Any:
        """What is sent."""
        return self._envelope


class Page(Listing, Generic[R]):
    """The envelope of numbered pages and of limit and offset."""

    count: int
    next: str | None
    previous: str | None
    results: list[R]


class CursorPage(Listing, Generic[R]):
    """The envelope of cursors."""

    next: str | None
    previous: str | None
    results: list[R]


def with_parameter(url: str, name: str, value: object | None) -> str:
    """Set a query parameter, or drop it for None; parameters come out sorted and re-encoded."""
    parts = urlsplit(url)
    parameters = parse_qs(parts.query, keep_blank_values=True)
    if value is None:
        parameters.pop(name, None)
    else:
        parameters[name] = [str(value)]
    query = urlencode(sorted(parameters.items()), doseq=True)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def positive_int(text: str, *, strict: bool = False, cutoff: int | None = None) -> int:
    """Read an integer of at least 0 (1 when `strict`), at most `cutoff`; ValueError otherwise."""
    number = int(text)
    if number < 0 or (number == 0 and strict):
        raise ValueError(text)
    return min(number, cutoff) if cutoff else number


def fetch(session: Session, statement: Select[Any]) -> list[Any]:
    """Run a statement of one model; further columns become attributes of the objects."""
    names = [column["name"] for column in statement.column_descriptions[1:]]
    if not names:
        return list(session.scalars(statement).all())
    rows = []
    for obj, *values in session.execute(statement).all():
        for name, value in zip(names, values, strict=True):
            setattr(obj, name, value)
        rows.append(obj)
    return rows


class BasePagination:
    """One paginator serves one request. Subclasses set the class attributes, as in DRF."""

    def __init__(self, request: Request, session: Session) -> None:
        self.request = request
        self.session = session

    def rows(self, statement: Select[Any], ordering: Sequence[str] | None) -> list[Any] | None:
        """Return the rows of the requested page; None when there is no pagination."""
        raise NotImplementedError

    def envelope(self, data: list[Any]) -> Any:
        """Return the body around the rendered rows; override it for other envelopes."""
        raise NotImplementedError

    @classmethod
    def parameters(cls) -> dict[str, str]:
        """Return the query parameters with their descriptions."""
        raise NotImplementedError

    def requested_size(
        self, name: str | None, maximum: int | None, default: int | None
    ) -> int | None:
        """Return the size that the parameter `name` asks for; the default when it is no size."""
        try:
            return positive_int(self.request.query_params[name or ""], strict=True, cutoff=maximum)
        except (KeyError, ValueError):
            return default
