"""What endpoints answer with: data rendered as DRF renders it, and Django's plain error pages."""

import datetime
import decimal
import html
import ipaddress
import json
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.header import Header
from functools import partial
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response as StarletteResponse
from starlette.types import Receive, Scope, Send

from . import settings
from .mediatypes import parse_header
from .translations import settled

_ADDRESSES = (
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)


def _moment(value: datetime.datetime) -> str:
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _clock(value: datetime.time) -> str:
    if value.utcoffset() is not None:
        raise ValueError("JSON can't represent timezone-aware times.")
    return value.isoformat()


_CONVERSIONS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (datetime.datetime, _moment),
    (datetime.date, datetime.date.isoformat),
    (datetime.time, _clock),
    (datetime.timedelta, lambda value: str(value.total_seconds())),
    (decimal.Decimal, float),
    ((uuid.UUID, *_ADDRESSES), str),
    (bytes, bytes.decode),
)


def _model_data(value: BaseModel) -> Any:
    shown = getattr(value, "wire_", None)
    return value.model_dump(by_alias=True) if shown is None else shown


def data_of(value: Any) -> Any:
    """What a read schema, a page or a list of these shows, as dictionaries and lists."""
    if isinstance(value, list):
        return [data_of(row) for row in value]
    return value.model_dump() if isinstance(value, BaseModel) else value


def plain(value: Any) -> Any:
    """Turn one value that JSON lacks into one that it has, as DRF's encoder does."""
    if isinstance(value, BaseModel):
        return _model_data(value)
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "__getitem__"):
        try:
            return dict(value)
        except (TypeError, ValueError):
            raise TypeError(f"cannot write a {type(value).__name__} as JSON") from None
    if hasattr(value, "__iter__"):
        return tuple(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _indent(media_type: str) -> int | None:
    """Read the indent that `Accept: application/json; indent=4` asks for."""
    try:
        return max(min(int(parse_header(media_type)[1]["indent"]), 8), 0) or None
    except (KeyError, ValueError):
        return None


def render_json(data: Any, media_type: str = "application/json", response: Any = None) -> bytes:
    """Render `data` byte for byte as DRF's JSONRenderer does; nothing for None."""
    if data is None:
        return b""
    indent = _indent(media_type)
    separators = (",", ":") if settings.COMPACT_JSON else (", ", ": ")
    text = json.dumps(
        data,
        default=plain,
        indent=indent,
        ensure_ascii=not settings.UNICODE_JSON,
        allow_nan=not settings.STRICT_JSON,
        separators=separators if indent is None else (",", ": "),
    )
    text = settled(text, partial(json.dumps, ensure_ascii=not settings.UNICODE_JSON))
    # Both are legal in JSON but end a line in JavaScript.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def header_text(value: object) -> str:
    """A header's value as Django writes it; ValueError for one of several lines."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    if "\n" in text or "\r" in text:
        raise ValueError(f"Header values can't contain newlines (got {value!r})")
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return Header(text, "utf-8", maxlinelen=sys.maxsize).encode()
    return text


class RenderingError(Exception):
    """An answer cannot be written; its cause says why. DRF's exception handlers never hear of it."""


@dataclass(frozen=True)
class Renderer:
    """A media type that clients may ask for, its name in `?format=`, and what writes it."""

    media_type: str
    format: str
    render: Callable[[Any, str, Any], bytes | str] = render_json
    charset: str | None = None

    @property
    def content_type(self) -> str:
        """The Content-Type of what it writes."""
        if self.charset is None:
            return self.media_type
        return f"{self.media_type}; charset={self.charset}"


JSON = Renderer("application/json", "json")


class Response(StarletteResponse):
    """Data with a status and headers; rendered when sent, so handlers may still change `data`."""

    #: What the view sets, for renderers that read it.
    view_attributes: Mapping[str, Any] = {}

    def __init__(
        self,
        data: Any = None,
        status: int | None = None,
        headers: Mapping[str, object] | None = None,
        content_type: str | None = None,
    ) -> None:
        super().__init__(status_code=200 if status is None else int(status))
        if not 100 <= self.status_code <= 599:
            raise ValueError(f"{status!r} is no HTTP status")
        for name, value in (headers or {}).items():
            self[name] = value
        self.data = data
        self.content_type = content_type

    def __getitem__(self, name: str) -> str:
        return self.headers[name]

    def __setitem__(self, name: str, value: object) -> None:
        self.headers[name] = header_text(value)

    def __delitem__(self, name: str) -> None:
        del self.headers[name]

    def __contains__(self, name: str) -> bool:
        return name in self.headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Render by what was negotiated for the request, then send."""
        state = scope.get("state", {})
        renderer, media_type = state.get("accepted") or (JSON, JSON.media_type)
        self.view_attributes = getattr(state.get("view"), "attributes", {})
        finalize = getattr(state.get("view"), "finalize", None)
        if finalize is not None:
            if isinstance(self.data, BaseModel):
                self.data = _model_data(self.data)
            await finalize(self).send(renderer, media_type, scope, receive, send)
            return
        await self.send(renderer, media_type, scope, receive, send)

    async def send(
        self, renderer: Renderer, media_type: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Render by this renderer, then send."""
        if renderer.media_type == "text/html":
            # The browsable API is not reproduced: those who ask for it get JSON.
            renderer = JSON
        try:
            written = renderer.render(self.data, media_type, self)
        except Exception as failure:  # whatever the data or the project's code raises
            raise RenderingError from failure
        # An empty text keeps its Content-Type, no bytes at all have none.
        named = isinstance(written, str) or bool(written)
        self.body = written.encode(renderer.charset or "") if isinstance(written, str) else written
        self.headers["content-length"] = str(len(self.body))
        if named:
            self.headers["content-type"] = self.content_type or renderer.content_type
        elif "content-type" in self.headers:
            del self.headers["content-type"]
        await super().__call__(scope, receive, send)


def as_response(result: Any, status: int = 200) -> StarletteResponse:
    """Wrap what an endpoint returned, unless it is a response already."""
    return result if isinstance(result, StarletteResponse) else Response(result, status)


_PAGE = """
<!doctype html>
<html lang="en">
<head>
  <title>{title}</title>
</head>
<body>
  <h1>{title}</h1><p>{details}</p>
</body>
</html>
"""
_PAGES = {
    400: ("Bad Request (400)", ""),
    403: ("403 Forbidden", ""),
    404: ("Not Found", "The requested resource was not found on this server."),
    500: ("Server Error (500)", ""),
}


def error_page(status: int, path: str = "") -> StarletteResponse:
    """Django's plain page for 400, 403, 404 or 500; old releases name the missing `path`."""
    if status in settings.ERROR_PAGES:
        kind, page = settings.ERROR_PAGES[status]
        return StarletteResponse(page, status_code=status, headers={"content-type": kind})
    title, text = _PAGES[status]
    if status == 404 and settings.NOT_FOUND_NAMES_PATH:
        text = f"The requested URL {_escaped(path)} was not found on this server."
    page = _PAGE.format(title=title, details=text)
    if settings.DJANGO < (3, 0):
        page = f"<h1>{title}</h1>" + (f"<p>{text}</p>" if text else "")
    kind = "text/html" if settings.DJANGO < (4, 1) else "text/html; charset=utf-8"
    return StarletteResponse(page, status_code=status, headers={"content-type": kind})


def _escaped(text: str) -> str:
    """As Django's templates escape."""
    return html.escape(text, quote=True).replace("&#x27;", "&#39;")


def redirect(location: str, status: int = 301) -> StarletteResponse:
    """Redirect as Django does: the location as given, an empty HTML body."""
    headers = {"content-type": "text/html; charset=utf-8", "location": location}
    response = StarletteResponse(b"", status_code=status, headers=headers)
    # Django's middleware sends it past the one that would add a length.
    del response.headers["content-length"]
    return response
