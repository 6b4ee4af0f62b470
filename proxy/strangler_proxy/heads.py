"""Reads the head of a request strictly, and says what of it is forwarded.

Two readers have to agree: the grammar of RFC 9112 as written here, and llhttp. What one of them
does not take is refused, so that no application can read it a third way.
"""

import re
from dataclasses import dataclass

import httptools

from strangler.config import Limits
from strangler_proxy.exchange import Header
from strangler_proxy.signing import OWN_PREFIX, SIDE


class Refused(Exception):
    """A request that no application gets to see: the status that its client gets, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"{status} {why}")
        self.status = status
        self.why = why


@dataclass(slots=True)  # not frozen: these are made for every request, and that costs a third
class Fields:
    """The header fields of a request.

    lines: those that are forwarded, each ended. headers: the same, parted, names as they came;
    lowered: names in lower case. length: of the body, None without Content-Length.
    """

    lines: bytes
    headers: tuple[Header, ...]
    lowered: tuple[Header, ...]
    hosts: tuple[bytes, ...]
    length: int | None = None
    chunked: bool = False
    close: bool = False
    keep_alive: bool = False
    upgrade: bool = False  # to a WebSocket
    side: bytes | None = None  # what the client sent to force a side
    tail: bytes | None = None  # all that follows the request line to the side, once it is known
    place: int = -1  # of the sticky key, once it is known


@dataclass(slots=True)
class Head:
    """A request line and its fields; `target` is in origin form, or `*`."""

    method: str
    target: bytes
    minor: int  # of HTTP/1.x
    fields: Fields


_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_LINE = re.compile(rb"(" + _TOKEN + rb") ([!-~\x80-\xff]+) HTTP/(\d)\.(\d)").fullmatch
#: The quick way through `_LINE`: usual methods, and what a target may hold.
_METHODS = {
    name.encode(): name for name in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
}
_VISIBLE = bytes(range(0x21, 0x7F))
_FIELDS = re.compile(rb"(?:" + _TOKEN + rb":[\t\x20-\x7e\x80-\xff]*\r\n)*").fullmatch
_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?").fullmatch
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE).fullmatch
_LENGTH = re.compile(rb"[0-9]{1,18}").fullmatch

#: Belong to one connection, or are said anew by the proxy; `proxy` is read as a variable by CGI.
_HOP = frozenset(
    b"connection keep-alive proxy-connection proxy-authorization te trailer"
    b" transfer-encoding upgrade proxy content-length".split()
)
_FORWARDED_NAMES = frozenset([b"x-real-ip", b"forwarded"])
#: May not be named in Connection: without them a request means another.
_FRAMING = frozenset([b"host", b"content-length", b"transfer-encoding"])
_CODINGS = frozenset([b"gzip", b"deflate", b"compress", b"x-gzip", b"identity", b"br"])


class _Collector:
    """What llhttp calls."""

    def __init__(self) -> None:
        self.headers: list[Header] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))


class Reader:
    """Reads the heads of one connection; a client that repeats itself is read once."""

    __slots__ = ("_block", "_fields", "_limits", "_trusted")

    def __init__(self, limits: Limits, *, trusted: bool) -> None:
        self._limits = limits
        self._trusted = trusted
        self._block: bytes | None = None
        self._fields: Fields | None = None

    def read(self, head: bytes) -> Head:
        """Read a head that ends with the CRLF of its last line; raise Refused."""
        line, _, block = head.partition(b"\r\n")
        method, target, minor = self._line(line)
        if block != self._block or self._fields is None:
            self._fields = read_fields(block, self._limits, trusted=self._trusted)
            self._block = block
        fields = self._fields
        if not minor and fields.chunked:
            raise Refused(400, "chunks in HTTP/1.0")
        if len(fields.hosts) != 1 and (minor or fields.hosts):
            raise Refused(400, "Host")
        if target[:1] != b"/":
            target = _origin_form(method, target, fields)
        return Head(method, target, minor, fields)

    def _line(self, line: bytes) -> tuple[str, bytes, int]:
        """Method, target and minor version."""
        if len(line) > self._limits.request_line:
            raise Refused(414, "request line")
        if line[-9:] == b" HTTP/1.1":
            known, _, target = line[:-9].partition(b" ")
            name = _METHODS.get(known)
            if name is not None and target and not target.translate(None, _VISIBLE):
                return name, target, 1
        match = _LINE(line)
        if match is None:
            raise Refused(400, "request line")
        method, target, major, minor = match.groups()
        if major != b"1" or minor not in b"01":
            raise Refused(400 if method == b"PRI" else 505, "HTTP version")
        if method in (b"CONNECT", b"TRACE"):
            raise Refused(405, "method")
        return method.decode(), target, int(minor)


def _origin_form(method: str, target: bytes, fields: Fields) -> bytes:
    """The path and query of an absolute-form target, if it is for the host of the request."""
    if target == b"*" and method == "OPTIONS":
        return target
    match = _ABSOLUTE(target)
    if match is None or fields.hosts != (match[1],):
        raise Refused(400, "request target")
    rest = match[2]
    return rest if rest[:1] == b"/" else b"/" + rest


def read_fields(block: bytes, limits: Limits, *, trusted: bool) -> Fields:
    """Read the fields of a head; raise Refused."""
    if _FIELDS(block) is None:
        raise Refused(400, "header")
    if block.count(b"\r\n") > limits.fields:
        raise Refused(431, "too many fields")
    collector = _Collector()
    try:
        httptools.HttpRequestParser(collector).feed_data(b"GET / HTTP/1.1\r\n%b\r\n" % block)
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError as error:
        raise Refused(400, "header") from error
    lowered = [(name.lower(), value) for name, value in collector.headers]
    if len(block) > limits.header and any(len(n) + len(v) > limits.header for n, v in lowered):
        raise Refused(431, "field too large")
    if len(lowered) == block.count(b"\r\n") and not _special(lowered):
        host = next((value for name, value in lowered if name == b"host"), b"")
        if _HOST(host):
            return Fields(block, tuple(collector.headers), tuple(lowered), (host,))
    return _understood(collector.headers, lowered, trusted=trusted)


#: What needs more than being forwarded; `Host` does not, once.
_SPECIAL = _HOP | _FORWARDED_NAMES | {b"expect"}


def _special(lowered: list[Header]) -> bool:
    names = [name for name, _ in lowered]
    joined = b":".join(names)
    return (
        names.count(b"host") != 1
        or not _SPECIAL.isdisjoint(names)
        or b"_" in joined
        or b"." in joined
        or b"x-forwarded-" in joined
        or OWN_PREFIX in joined
    )


def _understood(headers: list[Header], lowered: list[Header], *, trusted: bool) -> Fields:
    options = _tokens(_all(lowered, b"connection"))
    if options & _FRAMING:
        raise Refused(400, "Connection")
    expected = _all(lowered, b"expect")
    if expected and [value.lower() for value in expected] != [b"100-continue"]:
        raise Refused(417, "Expect")
    length, chunked = _framing(lowered)
    drop = _HOP | options
    kept = [
        header
        for header, (name, _) in zip(headers, lowered, strict=True)
        if name not in drop and not _untrusted(name, trusted=trusted)
    ]
    hosts = tuple(_all(lowered, b"host"))
    if not all(_HOST(host) for host in hosts):
        raise Refused(400, "Host")
    sides = _all(lowered, SIDE.lower())
    upgrades = [value.lower() for value in _all(lowered, b"upgrade")]
    return Fields(
        lines=b"".join(b"%b: %b\r\n" % header for header in kept),
        headers=tuple(kept),
        lowered=tuple((name.lower(), value) for name, value in kept),
        hosts=hosts,
        length=length,
        chunked=chunked,
        close=b"close" in options,
        keep_alive=b"keep-alive" in options,
        upgrade=b"upgrade" in options and upgrades == [b"websocket"],
        side=sides[0] if len(sides) == 1 else None,
    )


def _untrusted(name: bytes, *, trusted: bool) -> bool:
    """Whether a field is ours to say, or may be read as another one by an application."""
    if b"_" in name or b"." in name or name.startswith(OWN_PREFIX):
        return True
    said = name in _FORWARDED_NAMES or name.startswith(b"x-forwarded-")
    return said and not trusted


def _framing(lowered: list[Header]) -> tuple[int | None, bool]:
    lengths = _all(lowered, b"content-length")
    codings = _all(lowered, b"transfer-encoding")
    if codings:
        if lengths or len(codings) > 1:
            raise Refused(400, "framing")
        if codings[0].lower() != b"chunked":
            listed = _tokens(codings)
            raise Refused(501 if listed <= _CODINGS | {b"chunked"} else 400, "transfer coding")
        return None, True
    if not lengths:
        return None, False
    if len(lengths) > 1 or not _LENGTH(lengths[0]):
        raise Refused(400, "Content-Length")
    return int(lengths[0]), False


def _all(lowered: list[Header], wanted: bytes) -> list[bytes]:
    return [value.strip(b" \t") for name, value in lowered if name == wanted]


def _tokens(values: list[bytes]) -> set[bytes]:
    return {token.strip(b" \t").lower() for value in values for token in value.split(b",")}
