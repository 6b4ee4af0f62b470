"""One request on its way: to a side, and its answer back to the client."""

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING

from strangler_proxy.exchange import Problem, Side
from strangler_proxy.heads import Head
from strangler_proxy.replies import LAST_CHUNK, Reply, chunk
from strangler_proxy.table import Entry
from strangler_proxy.upstream import Pool, Upstream

if TYPE_CHECKING:
    from strangler_proxy.client import Client

#: Methods that may be sent again, and sent to both sides.
SAFE = frozenset({"GET", "HEAD"})

_REASONS = {502: b"Bad Gateway", 504: b"Gateway Timeout"}


class Relay:
    """Sends a request, again if its old connection turned out to be closed, and passes the
    answer on. A write, or a request with a body, is never sent a second time."""

    # Defaults of the class, not set for each request: most requests keep most of them.
    upstream: Upstream | None = None
    status = 0
    size = 0  # of the body that the client got
    problem: Problem | None = None
    reply: Reply | None = None
    kept: list[bytes] | None = None  # the body, where the exchange is compared
    whole = True  # the request was read to its end
    keep = True  # the client's connection, after this
    _chunked = False
    _waiting: bytes | None = b""  # what a connection that is being opened will carry
    _opening: asyncio.Task[None] | None = None
    _again = False

    def __init__(self, client: "Client", head: Head, entry: Entry, side: Side, pool: Pool) -> None:
        self.client = client
        self.asked = head
        self.entry = entry
        self.side: Side = side
        self.pool = pool
        self.started = perf_counter()
        self.request = b""

    def begin(self, request: bytes, *, whole: bool) -> None:
        """Send the head, and what there is of the body."""
        self.request = request
        self.whole = whole
        safe = self.asked.method in SAFE and whole
        if self.asked.method not in SAFE:
            self.client.plane.counters.writes.add(self)
        upstream = self.pool.take(safe=safe)
        if upstream is None:
            self._waiting = request
            self._opening = self.pool.open(self)
        else:
            self._again = safe
            self._start(upstream, request)

    def send(self, data: bytes, *, whole: bool) -> None:
        """Send more of the body."""
        self.whole = whole
        if self.upstream is not None:
            self.upstream.whole = whole
            self.upstream.transport.write(data)
        elif self._waiting is not None:
            self._waiting += data
            if len(self._waiting) > self.pool.limits.buffered:
                self.client.hold()

    def cancel(self) -> None:
        """The client does not wait any more."""
        self.client.plane.counters.written(self)
        if self._opening is not None:
            self._opening.cancel()
        if self.upstream is not None:
            self.upstream.abandon()
            self.upstream = None

    # --- upstream.Owner

    def connected(self, upstream: Upstream) -> None:
        self._opening = None
        waiting, self._waiting = self._waiting or b"", None
        self._start(upstream, waiting)
        self.client.release()

    def interim(self, reply: Reply) -> None:
        if self.asked.minor == 1:
            self.client.transport.write(b"%b\r\n%b\r\n" % (reply.start, reply.lines))

    def head(self, reply: Reply, piece: bytes, *, done: bool) -> None:
        client = self.client
        status = self.status = reply.status
        if status == 101:
            self._tunnel(reply, piece)
            return
        self.reply = reply
        if self.kept is not None:
            self._keep(reply, piece)
        lines, extra = reply.lines if status != 204 else _without_length(reply), b""
        self.size = len(piece)
        if not self.whole or client.plane.draining:
            self.keep = False
        if reply.length is None and not self._bodiless(status):
            if self.asked.minor:
                self._chunked = True
                extra = b"Transfer-Encoding: chunked\r\n"
                piece = (chunk(piece) if piece else b"") + (LAST_CHUNK if done else b"")
            else:
                self.keep = False
        if not self.keep:
            extra += b"Connection: close\r\n"
        elif not self.asked.minor:
            extra += b"Connection: keep-alive\r\n"
        if done:
            self.upstream = None  # it may serve another client already
        client.transport.write(b"%b\r\n%b%b\r\n%b" % (reply.start, lines, extra, piece))
        if done:
            self._finish()
        else:
            client.answering(endless=reply.is_stream)

    def piece(self, data: bytes, *, done: bool) -> None:
        client = self.client
        if self.kept is not None:
            self._tee(data)
        self.size += len(data)
        if self._chunked:
            data = (chunk(data) if data else b"") + (LAST_CHUNK if done else b"")
        if done:
            self.upstream = None
        if data:
            client.transport.write(data)
        if done:
            self._finish()
        else:
            client.answering()

    def failed(self, problem: Problem) -> None:
        upstream, self.upstream = self.upstream, None
        self._opening = None
        if self._again and upstream is not None and problem == "reset" and not self.status:
            # It was closed just before, or by our request: nothing came back, nothing changed.
            self._again = False
            self.client.plane.counters.retried[self.side] += 1
            self._waiting = self.request
            self._opening = self.pool.open(self)
            return
        self.client.plane.counters.upstream[self.side, problem] += 1
        self.problem = problem
        self.kept = None
        if self.status:
            # Half an answer must not look like a whole one.
            self.client.count(self)
            self.client.abort()
            return
        series = self.entry.new if self.side == "new" else self.entry.legacy
        series.failures += 1
        self.answer(504 if problem == "timeout" else 502)

    def writable(self, *, writable: bool) -> None:
        if writable:
            self.client.release()
        else:
            self.client.hold()

    # --- ours

    def answer(self, status: int) -> None:
        """Say that the side gave no answer."""
        self.status = status
        body = b"" if self.asked.method == "HEAD" else b"%b\n" % _REASONS[status]
        self.keep = self.keep and self.whole and not self.client.plane.draining
        close = b"" if self.keep else b"Connection: close\r\n"
        self.size = len(body)
        self.client.transport.write(
            b"HTTP/1.1 %d %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%b\r\n%b"
            % (status, _REASONS[status], len(_REASONS[status]) + 1, close, body)
        )
        self._finish()

    def _start(self, upstream: Upstream, data: bytes) -> None:
        self.upstream = upstream
        upstream.whole = self.whole
        head = self.asked
        upstream.start(self, data, bodiless=head.method == "HEAD", upgrade=head.fields.upgrade)

    def _bodiless(self, status: int) -> bool:
        return status in {204, 304} or self.asked.method == "HEAD"

    def _keep(self, reply: Reply, piece: bytes) -> None:
        """Keep the body for the comparison, unless it cannot be compared."""
        shadow = self.client.plane.counters.shadow
        if reply.is_stream:
            self.kept = None
            shadow["stream"] += 1
        elif (reply.length or 0) > self.pool.limits.shadow_body:
            self.kept = None
            shadow["too-big"] += 1
        elif piece:
            self._tee(piece)

    def _tee(self, data: bytes) -> None:
        assert self.kept is not None
        if self.size + len(data) > self.pool.limits.shadow_body:
            self.kept = None
            self.client.plane.counters.shadow["too-big"] += 1
        else:
            self.kept.append(data)

    def _tunnel(self, reply: Reply, rest: bytes) -> None:
        self.kept = None
        self.keep = False
        extra = b"Connection: Upgrade\r\nUpgrade: %b\r\n" % (reply.upgrade or b"websocket")
        client = self.client
        client.transport.write(b"%b\r\n%b%b\r\n%b" % (reply.start, reply.lines, extra, rest))
        client.tunnel()

    def _finish(self) -> None:
        client = self.client
        client.count(self)
        if self.kept is not None:
            client.plane.shadow.offer(self)
        client.finished(self)


def _without_length(reply: Reply) -> bytes:
    """The fields of a 204, which has no length even if its application says so."""
    fields = (field for field in reply.headers if field[0].lower() != b"content-length")
    return b"".join(b"%b: %b\r\n" % field for field in fields)
