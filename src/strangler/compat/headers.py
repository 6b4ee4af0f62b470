"""Response headers, changed on their way out of an ASGI application."""

import re
from collections.abc import Callable, Iterable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import Message, Send

_COMMA = re.compile(r"\s*,\s*")


def add_vary(headers: MutableHeaders, names: Iterable[str]) -> None:
    """Append header names to `Vary`, unless it has them; "*" swallows all others."""
    present = _COMMA.split(headers["vary"]) if "vary" in headers else []
    known = {name.lower() for name in present}
    present += [name for name in names if name.lower() not in known]
    if present:
        headers["vary"] = "*" if "*" in present else ", ".join(present)


def set_request_header(request: Request, name: str, value: object) -> None:
    """Give the request a header, in the place of those of its name, for the layers below."""
    key = name.lower().encode("latin-1")
    others = [pair for pair in request.scope["headers"] if pair[0] != key]
    request.scope["headers"] = [*others, (key, str(value).encode("latin-1"))]
    if hasattr(request, "_headers"):  # what Starlette has read is old
        del request._headers


def changing(send: Send, change: Callable[[MutableHeaders, int], None]) -> Send:
    """Return a `send` that lets `change` see the headers and the status before they leave."""

    async def forward(message: Message) -> None:
        if message["type"] == "http.response.start":
            change(MutableHeaders(scope=message), message["status"])
        await send(message)

    return forward
