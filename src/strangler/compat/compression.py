"""Django's GZipMiddleware: answers are compressed for those who accept it."""

import gzip
import re
import secrets
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .headers import add_vary

_ACCEPTS: Final = re.compile(r"\bgzip\b")
#: Shorter answers are left as they are.
_SHORTEST: Final = 200
#: A name of random length in the file's header hides the length of what is compressed.
_LONGEST_NAME: Final = 100


class GZipMiddleware:
    """Compresses answers of 200 bytes and more; `Vary` names Accept-Encoding then."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and compress the answer once it is whole."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        accepted = _ACCEPTS.search(Request(scope).headers.get("accept-encoding", "")) is not None
        start: Message = {}
        body = bytearray()

        async def forward(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    content = _changed(MutableHeaders(scope=start), bytes(body), accepted)
                    await send(start)
                    await send({"type": "http.response.body", "body": content})
            else:
                await send(message)

        await self.app(scope, receive, forward)


def _changed(headers: MutableHeaders, content: bytes, accepted: bool) -> bytes:
    """Return what is sent in place of a body, and say so in its headers."""
    if len(content) < _SHORTEST or "content-encoding" in headers:
        return content
    add_vary(headers, ["Accept-Encoding"])
    packed = _packed(content) if accepted else content
    if len(packed) >= len(content):
        return content
    headers["content-length"] = str(len(packed))
    if headers.get("etag", "").startswith('"'):
        headers["etag"] = f"W/{headers['etag']}"
    headers["content-encoding"] = "gzip"
    return packed


def _packed(content: bytes) -> bytes:
    packed = gzip.compress(content, compresslevel=6, mtime=0)
    head = bytearray(packed[:10])
    head[3] = 8  # a name follows
    return bytes(head) + b"a" * secrets.randbelow(_LONGEST_NAME) + b"\x00" + packed[10:]
