"""DRF's cursor pagination; its cursors may go back and forth between both applications."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qs, urlencode

from sqlalchemy import Select

from . import settings
from .errors import NotFound
from .fetching import entity
from .pages import BasePagination, fetch, positive_int, with_parameter
from .paths import Paths, ordered
from .urls import absolute_url
from .values import prepared


class Cursor(NamedTuple):
    """Start `offset` rows past `position`, a value of the first ordering column as text."""

    offset: int
    reverse: bool
    position: str | None


def encode_cursor(cursor: Cursor) -> str:
    """Write a cursor as a query parameter."""
    tokens = {}
    if cursor.offset:
        tokens["o"] = str(cursor.offset)
    if cursor.reverse:
        tokens["r"] = "1"
    if cursor.position is not None:
        tokens["p"] = cursor.position
    return b64encode(urlencode(tokens, doseq=True).encode("ascii")).decode("ascii")


def decode_cursor(encoded: str, cutoff: int | None) -> Cursor:
    """Read a cursor; ValueError when it is none."""
    tokens = parse_qs(b64decode(encoded.encode("ascii")).decode("ascii"), keep_blank_values=True)
    offset = positive_int(tokens.get("o", ["0"])[0], cutoff=cutoff)
    reverse = bool(int(tokens.get("r", ["0"])[0]))
    return Cursor(offset, reverse, tokens["p"][0] if "p" in tokens else None)


def _reversed(term: str) -> str:
    return term[1:] if term.startswith("-") else f"-{term}"


class CursorPagination(BasePagination):
    """`?cursor=cD0yMDI0…`: the next page starts where this one ended, whatever was inserted."""

    page_size: ClassVar[int | None] = None
    cursor_query_param: ClassVar[str] = "cursor"
    page_size_query_param: ClassVar[str | None] = None
    max_page_size: ClassVar[int | None] = None
    ordering: ClassVar[str | Sequence[str]] = "-created"
    offset_cutoff: ClassVar[int | None] = 1000
    invalid_cursor_message: ClassVar[str] = "Invalid cursor"

    @classmethod
    def parameters(cls) -> dict[str, str]:
        """Return the query parameters with their descriptions."""
        found = {cls.cursor_query_param: "The pagination cursor value."}
        if cls.page_size_query_param:
            found[cls.page_size_query_param] = "Number of results to return per page."
        return found

    def rows(self, statement: Select[Any], ordering: Sequence[str] | None) -> list[Any] | None:
        """Return the rows from the cursor on, in its direction."""
        default = settings.PAGE_SIZE if self.page_size is None else self.page_size
        size = self.requested_size(self.page_size_query_param, self.max_page_size, default)
        if not size:
            return None
        self.size = size
        terms = ordering or self.ordering
        self.terms = (terms,) if isinstance(terms, str) else tuple(terms)
        self.cursor = self._requested()
        start, backwards, position = self.cursor or Cursor(0, False, None)
        found = fetch(self.session, self._window(statement, start, backwards, position))
        self.page = found[: self.size]
        # One more row than a page has tells where the following page starts.
        following = self._position(found[-1]) if len(found) > len(self.page) else None
        self._look_around(position, following, start)
        if backwards:
            self.page.reverse()
        return self.page

    def _requested(self) -> Cursor | None:
        encoded = self.request.query_params.get(self.cursor_query_param)
        if encoded is None:
            return None
        try:
            return decode_cursor(encoded, self.offset_cutoff)
        except ValueError:
            raise NotFound(self.invalid_cursor_message) from None

    def _window(
        self, statement: Select[Any], start: int, backwards: bool, position: str | None
    ) -> Select[Any]:
        paths = Paths(entity(statement))
        terms = [_reversed(term) for term in self.terms] if backwards else self.terms
        statement = statement.order_by(None).order_by(*ordered(paths, terms))
        if position is not None:
            name = self.terms[0].removeprefix("-")
            column = paths.column(name)
            try:
                value = prepared(column, position, name)
            except (TypeError, ValueError):
                # The legacy application crashes here; a bad cursor is the client's mistake.
                raise NotFound(self.invalid_cursor_message) from None
            before = backwards != self.terms[0].startswith("-")
            statement = statement.where(column < value if before else column > value)
        return statement.offset(start).limit(self.size + 1)

    def _look_around(self, position: str | None, following: str | None, start: int) -> None:
        behind = position is not None or start > 0
        ahead = following is not None
        if self.cursor is not None and self.cursor.reverse:
            self.has_next, self.next_position = behind, position
            self.has_previous, self.previous_position = ahead, following
        else:
            self.has_next, self.next_position = ahead, following
            self.has_previous, self.previous_position = behind, position

    def _position(self, row: Any) -> str:
        return str(getattr(row, self.terms[0].removeprefix("-")))

    def _link(self, cursor: Cursor) -> str:
        url = absolute_url(self.request)
        return with_parameter(url, self.cursor_query_param, encode_cursor(cursor))

    def get_next_link(self) -> str | None:
        """Return the address of the rows after these."""
        if not self.has_next:
            return None
        return self._link(
            self._neighbour(
                rows=self.page[::-1],
                reverse=False,
                position=self.next_position,
                back_position=self.previous_position,
                has_back=self.has_previous,
            )
        )

    def get_previous_link(self) -> str | None:
        """Return the address of the rows before these."""
        if not self.has_previous:
            return None
        return self._link(
            self._neighbour(
                rows=self.page,
                reverse=True,
                position=self.previous_position,
                back_position=self.next_position,
                has_back=self.has_next,
            )
        )

    def _neighbour(
        self,
        *,
        rows: list[Any],
        reverse: bool,
        position: str | None,
        back_position: str | None,
        has_back: bool,
    ) -> Cursor:
        """Return the cursor of the page beyond `rows`, given from that page's side.

        Rows that share their position with the neighbouring page cannot mark its start: the
        cursor takes the position before them and counts them as its offset.
        """
        if not rows:
            return Cursor(0, reverse, position)
        cursor = self.cursor
        turning = cursor is not None and cursor.reverse != reverse
        compare = self._position(rows[0]) if turning and cursor and cursor.offset else position
        for offset, row in enumerate(rows):
            own = self._position(row)
            if own != compare:
                return Cursor(offset, reverse, own)
        if not has_back:
            return Cursor(self.size, reverse, None)
        if turning:
            # Changing direction here skips a few rows, as it does in DRF.
            return Cursor(0, reverse, back_position)
        return Cursor((cursor.offset if cursor else 0) + self.size, reverse, back_position)

    def envelope(self, data: list[Any]) -> Any:
        """Return the body around the rendered rows."""
        return {
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
            "results": data,
        }
