"""What a request says of the letters that it is written in."""

import codecs
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send

from .mediatypes import parse_header


def declared_charset(content_type: str) -> str:
    """Return the charset of a Content-Type; UTF-8 where it names none that is known."""
    try:
        charset = parse_header(content_type)[1].get("charset", "utf-8")
        codecs.lookup(charset)
    except (LookupError, ValueError):
        return "utf-8"
    return charset


class QueryInCharset:
    """Reads the query in the charset that Content-Type names for the body, as Django does.

    The query as it was sent stays under `sent_query`, for links.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application below with a query in UTF-8."""
        if scope["type"] == "http" and scope["query_string"]:
            sent = next((v for k, v in scope["headers"] if k == b"content-type"), b"")
            charset = declared_charset(sent.decode("latin-1")) if b"charset" in sent else "utf-8"
            if codecs.lookup(charset).name != "utf-8":
                query: bytes = scope["query_string"]
                scope = {**scope, "query_string": _in_utf8(query, charset), "sent_query": query}
        await self.app(scope, receive, send)


def _in_utf8(query: bytes, charset: str) -> bytes:
    try:
        text = query.decode(charset)
    except UnicodeDecodeError:
        text = query.decode("latin-1")
    pairs = parse_qsl(text, keep_blank_values=True, encoding=charset)
    return urlencode(pairs, errors="replace").encode()
