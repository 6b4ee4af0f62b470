"""DRF's paginators, and `paginate`, which endpoints call."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, ClassVar, TypeVar, overload

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from . import settings
from .actions import Readable
from .context import Context
from .cursors import CursorPagination
from .errors import NotFound
from .fetching import count
from .pages import BasePagination, CursorPage, Page, fetch, positive_int, with_parameter
from .urls import absolute_url

R = TypeVar("R")


class PageNumberPagination(BasePagination):
    """`?page=2&page_size=50`."""

    page_size: ClassVar[int | None] = None
    page_query_param: ClassVar[str] = "page"
    page_size_query_param: ClassVar[str | None] = None
    max_page_size: ClassVar[int | None] = None
    last_page_strings: ClassVar[tuple[str, ...]] = ("last",)
    invalid_page_message: ClassVar[str] = "Invalid page."

    count: int
    number: int
    num_pages: int
    size: int

    @classmethod
    def parameters(cls) -> dict[str, str]:
        """Return the query parameters with their descriptions."""
        found = {cls.page_query_param: "A page number within the paginated result set."}
        if cls.page_size_query_param:
            found[cls.page_size_query_param] = "Number of results to return per page."
        return found

    def get_page_size(self) -> int | None:
        """Return how many rows a page has; None for no pagination."""
        default = settings.PAGE_SIZE if self.page_size is None else self.page_size
        if not self.page_size_query_param:
            return default
        return self.requested_size(self.page_size_query_param, self.max_page_size, default)

    def rows(self, statement: Select[Any], ordering: Sequence[str] | None) -> list[Any] | None:
        """Return the rows of the requested page; raise NotFound when there is no such page."""
        size = self.get_page_size()
        if not size:
            return None
        self.size = size
        self.count = count(self.session, statement)
        self.num_pages = max(1, ceil(self.count / size))
        self.number = self._requested()
        start = (self.number - 1) * size
        length = min(size, self.count - start)
        if length <= 0:
            return []
        return fetch(self.session, statement.offset(start).limit(length))

    def _requested(self) -> int:
        text = self.request.query_params.get(self.page_query_param, "1")
        if settings.DRF >= (3, 15):
            text = text or "1"
        try:
            number = self.num_pages if text in self.last_page_strings else int(text)
            problem = _page_problem(number, self.num_pages)
        except ValueError:
            problem = "That page number is not an integer"
        if problem is not None:
            raise NotFound(self.invalid_page_message.format(page_number=text, message=problem))
        return number

    def following(self) -> int:
        """The number of the page after this one; ValueError on the last."""
        if self.number >= self.num_pages:
            raise ValueError("That page contains no results")
        return self.number + 1

    def preceding(self) -> int:
        """The number of the page before this one; ValueError on the first."""
        if self.number <= 1:
            raise ValueError("That page number is less than 1")
        return self.number - 1

    def get_next_link(self) -> str | None:
        """Return the address of the page after this one."""
        if self.number >= self.num_pages:
            return None
        return with_parameter(absolute_url(self.request), self.page_query_param, self.number + 1)

    def get_previous_link(self) -> str | None:
        """Return the address of the page before this one; the first has no parameter."""
        if self.number <= 1:
            return None
        number = None if self.number == 2 else self.number - 1
        return with_parameter(absolute_url(self.request), self.page_query_param, number)

    def envelope(self, data: list[Any]) -> Any:
        """Return the body around the rendered rows."""
        return {
            "count": self.count,
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
            "results": data,
        }


def _page_problem(number: int, last: int) -> str | None:
    if number < 1:
        return "That page number is less than 1"
    return "That page contains no results" if number > last else None


class LimitOffsetPagination(BasePagination):
    """`?limit=50&offset=100`."""

    default_limit: ClassVar[int | None] = None
    limit_query_param: ClassVar[str] = "limit"
    offset_query_param: ClassVar[str] = "offset"
    max_limit: ClassVar[int | None] = None

    count: int
    limit: int
    offset: int

    @classmethod
    def parameters(cls) -> dict[str, str]:
        """Return the query parameters with their descriptions."""
        return {
            cls.limit_query_param: "Number of results to return per page.",
            cls.offset_query_param: "The initial index from which to return the results.",
        }

    def rows(self, statement: Select[Any], ordering: Sequence[str] | None) -> list[Any] | None:
        """Return the rows from `offset` on; none past the end."""
        default = settings.PAGE_SIZE if self.default_limit is None else self.default_limit
        limit = self.requested_size(self.limit_query_param, self.max_limit, default)
        if limit is None:
            return None
        self.limit = limit
        self.count = count(self.session, statement)
        try:
            self.offset = positive_int(self.request.query_params[self.offset_query_param])
        except (KeyError, ValueError):
            self.offset = 0
        if self.count == 0 or self.offset > self.count:
            return []
        return fetch(self.session, statement.offset(self.offset).limit(self.limit))

    def _link(self, offset: int | None) -> str:
        url = with_parameter(absolute_url(self.request), self.limit_query_param, self.limit)
        return with_parameter(url, self.offset_query_param, offset)

    def get_next_link(self) -> str | None:
        """Return the address of the rows after these."""
        following = self.offset + self.limit
        return None if following >= self.count else self._link(following)

    def get_previous_link(self) -> str | None:
        """Return the address of the rows before these; the first need no offset."""
        if self.offset <= 0:
            return None
        return self._link(self.offset - self.limit if self.offset > self.limit else None)

    def envelope(self, data: list[Any]) -> Any:
        """Return the body around the rendered rows."""
        return {
            "count": self.count,
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
            "results": data,
        }


def paginate_rows(
    session: Session,
    pagination: type[BasePagination],
    statement: Select[Any],
    schema: Readable[R],
    ordering: Sequence[str] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Any:
    """Render the requested page to sync code; see `paginate`."""
    context: Context[Any] = Context.of(session, given=given)
    paginator = pagination(context.request, session)
    rows = paginator.rows(statement, ordering)
    if rows is None:
        return list_rows(session, statement, schema)
    return Page.carrying(paginator.envelope([schema.of(row, context) for row in rows]))


def list_rows(session: Session, statement: Select[Any], schema: Readable[R]) -> list[R]:
    """Render all rows of the statement to sync code; see `list_all`."""
    context: Context[Any] = Context.of(session)
    return [schema.of(row, context) for row in fetch(session, statement)]


async def list_all(session: AsyncSession, statement: Select[Any], schema: Readable[R]) -> list[R]:
    """Render all rows of the statement, for lists without pagination."""
    return await session.run_sync(list_rows, statement, schema)


@overload
async def paginate(
    session: AsyncSession,
    pagination: type[CursorPagination],
    statement: Select[Any],
    schema: Readable[R],
    *,
    ordering: Sequence[str] | None = None,
    context: Mapping[str, Any] | None = None,
) -> CursorPage[R]: ...


@overload
async def paginate(
    session: AsyncSession,
    pagination: type[PageNumberPagination | LimitOffsetPagination],
    statement: Select[Any],
    schema: Readable[R],
    *,
    context: Mapping[str, Any] | None = None,
) -> Page[R]: ...


async def paginate(
    session: AsyncSession,
    pagination: type[BasePagination],
    statement: Select[Any],
    schema: Readable[R],
    *,
    ordering: Sequence[str] | None = None,
    context: Mapping[str, Any] | None = None,
) -> Any:
    """Run the statement for the page that the request asks for, and render its rows.

    `ordering` is what an ordering filter chose: cursors go by it. A paginator without a page
    size answers with the bare list. Raises NotFound for pages and cursors that do not exist.
    context: what the serializer was given, where that is not what DRF gives it.
    """
    return await session.run_sync(paginate_rows, pagination, statement, schema, ordering, context)


__all__ = [
    "BasePagination",
    "CursorPage",
    "CursorPagination",
    "LimitOffsetPagination",
    "Page",
    "PageNumberPagination",
    "list_all",
    "list_rows",
    "paginate",
    "paginate_rows",
]
