"""Reads the head of an answer strictly, and how long its body is."""

import re
from http import HTTPStatus
from typing import Any

import httptools

from strangler_proxy.exchange import Header


class BadReply(Exception):
    """What a side sent is no answer that can be passed on."""


_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?").fullmatch
#: The quick way through `_STATUS`.
_USUAL = {f"HTTP/1.1 {s.value} {s.phrase}".encode(): s.value for s in HTTPStatus}
_FIELDS = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*").fullmatch
_HOP = re.compile(
    rb"\r\n(?:connection|keep-alive|proxy-|transfer-encoding|trailer|upgrade|te:|x-strangler-)"
).search
_DIGITS = 18  # of a length that a file can have
_CONTENT_LENGTH = b"\r\ncontent-length:"
_DROPPED = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate trailer upgrade te"
    b" transfer-encoding".split()
)


class Reply:
    """The head of an answer.

    start: its first line. lines: the fields for the client, Content-Length among them, each
    ended. length: of the body, None where chunks or the end of the connection say it. close:
    the connection is not used again. upgrade: what a 101 changes to. is_stream: its body is a
    stream of events, which may pause for as long as it likes.
    """

    __slots__ = (
        "_headers", "chunked", "close", "is_stream", "length", "lines", "start", "status", "upgrade",
    )  # fmt: skip

    def __init__(self, head: bytes) -> None:
        """Read a head that ends with the CRLF of its last line; raise BadReply."""
        start, _, block = head.partition(b"\r\n")
        status = _USUAL.get(start)
        self.close = False
        if status is None:
            match = _STATUS(start)
            if match is None:
                raise BadReply("status line")
            self.close = match[1] == b"0"
            start, status = b"HTTP/1.1" + start[8:], int(match[2])
        if _FIELDS(block) is None:
            raise BadReply("fields")
        self.start = start
        self.status = status
        self.lines = block
        self.chunked = False
        self.upgrade = b""
        self._headers: tuple[Header, ...] | None = None
        low = b"\r\n" + block.lower()
        self.length = _length(low)
        self.is_stream = b"text/event-stream" in low
        if _HOP(low):
            self._strip()

    @property
    def headers(self) -> tuple[Header, ...]:
        """The fields, parted."""
        if self._headers is None:
            self._headers = tuple([_parted(line) for line in self.lines.split(b"\r\n")[:-1]])
        return self._headers

    def _strip(self) -> None:
        """Understand what belongs to the connection, and leave it out."""
        fields = [(name.lower(), name, value) for name, value in self.headers]
        options = {
            token.strip().lower()
            for low, _, value in fields
            if low == b"connection"
            for token in value.split(b",")
        }
        codings = [value.lower() for low, _, value in fields if low == b"transfer-encoding"]
        if codings and (codings != [b"chunked"] or self.length is not None or self.close):
            raise BadReply("framing")
        self.chunked = bool(codings)
        self.close = b"close" in options or (self.close and b"keep-alive" not in options)
        self.upgrade = next((value for low, _, value in fields if low == b"upgrade"), b"")
        drop = _DROPPED | (options - {b"content-length"})
        self.lines = b"".join(
            b"%b: %b\r\n" % (name, value)
            for low, name, value in fields
            if low not in drop and not low.startswith(b"x-strangler-")
        )
        self._headers = None


def _length(low: bytes) -> int | None:
    position = low.find(_CONTENT_LENGTH)
    if position < 0:
        return None
    start = position + len(_CONTENT_LENGTH)
    value = low[start : low.find(b"\r\n", start)].strip(b" \t")
    again = low.find(_CONTENT_LENGTH, start) >= 0
    if again or not value.isdigit() or len(value) > _DIGITS:
        raise BadReply("Content-Length")
    return int(value)


def _parted(line: bytes) -> Header:
    name, _, value = line.partition(b":")
    return name, value.strip(b" \t")


class Chunks:
    """Takes the chunks off a body; trailers are dropped. llhttp reads it."""

    __slots__ = ("_parser", "_pieces", "done", "rest")

    def __init__(self, *, request: bool = False) -> None:
        self._pieces: list[bytes] = []
        self.done = False
        self.rest = False  # bytes came after the end
        parser: Any = httptools.HttpRequestParser if request else httptools.HttpResponseParser
        start = b"POST / HTTP/1.1\r\n" if request else b"HTTP/1.1 200 OK\r\n"
        self._parser = parser(self)
        self._parser.feed_data(start + b"Transfer-Encoding: chunked\r\n\r\n")

    def on_message_begin(self) -> None:
        self.rest = self.done

    def on_body(self, data: bytes) -> None:
        self._pieces.append(data)

    def on_message_complete(self) -> None:
        self.done = True

    def feed(self, data: bytes) -> bytes:
        """The content of the chunks in `data`; raise BadReply where they are none."""
        self._pieces = []
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            if not self.done:
                raise BadReply("chunks") from error
            self.rest = True
        return b"".join(self._pieces)


def chunk(data: bytes) -> bytes:
    """One chunk with `data`, which is not empty."""
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"
