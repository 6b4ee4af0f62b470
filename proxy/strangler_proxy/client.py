"""A client's connection: reads requests one after the other, and has each relayed."""

import asyncio
from math import inf
from random import random
from time import perf_counter, time
from typing import TYPE_CHECKING, cast

from strangler_proxy.bodies import Body
from strangler_proxy.exchange import Side
from strangler_proxy.forwarding import said, tail, within
from strangler_proxy.heads import Head, Reader, Refused
from strangler_proxy.refusals import refusal
from strangler_proxy.relay import SAFE, Relay
from strangler_proxy.signing import forced_side
from strangler_proxy.sticky import PLACES
from strangler_proxy.table import Entry

if TYPE_CHECKING:
    from strangler_proxy.plane import Plane


class Client(asyncio.Protocol):
    """Bytes of a client: heads and bodies, strictly; what is not taken is answered and closed."""

    def __init__(self, plane: "Plane") -> None:
        self.plane = plane
        self.transport: asyncio.Transport = None  # type: ignore[assignment]  # set before any use
        self.relay: Relay | None = None
        self.address = ""
        self._peer = b"-"
        self._limits = plane.settings.limits
        self._buffer = b""
        self._body: Body | None = None
        self._tunnel = self._closing = self._held = self._endless = False
        self._deadline = inf
        self._stuck = inf  # when a client that does not read is given up

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of it, and do all that it says
        self.transport = transport = cast(asyncio.Transport, transport)
        plane, settings = self.plane, self.plane.settings
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else "-"
        self._peer = self.address.encode()
        trusted = bool(settings.trusted) and within(self.address, settings.trusted)
        self._reader = Reader(self._limits, trusted=trusted)
        self._said = plane.via + said(self.address, settings.forwarded)
        self._trusted = trusted
        transport.set_write_buffer_limits(self._limits.buffered)
        self._wait(self._limits.head_time)
        plane.joined(self)

    def data_received(self, data: bytes) -> None:
        relay = self.relay
        if self._closing:
            return  # read on, so that the client can read our answer
        if relay is None:
            self._head(self._buffer + data if self._buffer else data)
        elif self._tunnel:
            if relay.upstream is not None:
                relay.upstream.transport.write(data)
        elif not relay.whole:
            self._more(relay, data)
        else:
            self._buffer += data
            if len(self._buffer) > self._limits.buffered:
                self.transport.pause_reading()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.plane.left(self)
        relay, self.relay = self.relay, None
        if relay is not None:
            relay.cancel()
            self.count(relay)  # the client left: nobody is to blame
            if self._tunnel:
                self.plane.counters.tunnels -= 1

    def pause_writing(self) -> None:
        self._stuck = self.plane.now + self._limits.send_idle
        self._deadline = inf
        if self.relay is not None and self.relay.upstream is not None:
            self.relay.upstream.hold()

    def resume_writing(self) -> None:
        self._stuck = inf
        if self.relay is None:
            self._next()
        elif self.relay.upstream is not None:
            self.relay.upstream.release()
            if not self._endless:
                self._wait(self._limits.answer_idle)

    # --- what the relay asks for

    def hold(self) -> None:
        """Read no more for now: the side takes no more."""
        if not self._held:
            self._held = True
            self.transport.pause_reading()
            self._wait(self._limits.answer_head)

    def release(self) -> None:
        """Read on."""
        if self._held:
            self._held = False
            self.transport.resume_reading()
            if self._body is not None:
                self._body.begin_again(self.plane.now)
            self._wait(self._limits.body_idle)

    def answering(self, *, endless: bool = False) -> None:
        """The answer goes on; one that is endless may pause as long as it likes."""
        if endless:
            self._endless = True
            self._deadline = inf
        elif self._stuck == inf and not self._endless:
            self._deadline = self.plane.now + self._limits.answer_idle

    def tunnel(self) -> None:
        """From now on bytes go through, both ways."""
        self._tunnel = self._endless = True
        self._deadline = inf
        self.plane.counters.tunnels += 1
        rest, self._buffer = self._buffer, b""
        if rest and self.relay is not None and self.relay.upstream is not None:
            self.relay.upstream.transport.write(rest)

    def finished(self, relay: Relay) -> None:
        """The answer is out: the next request, or the end."""
        self.relay = None
        if self._tunnel:
            self.plane.counters.tunnels -= 1
            self.transport.close()
        elif not relay.keep or self.plane.draining:
            self._close(linger=not relay.whole)
        else:
            self._wait(self._limits.keep_alive)
            if self._held:
                self.release()
            if self._buffer and self._stuck == inf:
                self._next()

    def _next(self) -> None:
        """Go on with what was sent ahead; a client that does not read its answers waits."""
        data, self._buffer = self._buffer, b""
        if data and not self._closing:
            self.transport.resume_reading()
            self._head(data)

    def abort(self) -> None:
        """End the connection so that the client sees that something is missing."""
        relay, self.relay = self.relay, None
        if relay is not None:
            relay.cancel()
        self.transport.abort()

    def count(self, relay: Relay) -> None:
        """Count an answer, and log it."""
        plane, entry = self.plane, relay.entry
        if relay.asked.method not in SAFE:
            plane.counters.written(relay)
        seconds = perf_counter() - relay.started
        (entry.new if relay.side == "new" else entry.legacy).add(relay.status, seconds)
        if entry.why:
            plane.counters.unrouted[entry.why] += 1
        if plane.log is not None:
            head = relay.asked
            plane.log.add(
                b"%b %b %b %b %d %d %.4f %b %b %d %b\n"
                % (
                    plane.log.stamp, self._peer, head.method.encode(),
                    head.target.partition(b"?")[0], relay.status, relay.size, seconds,
                    relay.side.encode(), entry.mode.encode(), plane.table.generation,
                    entry.name,
                )
            )  # fmt: skip

    # --- what the plane asks for

    def tick(self, now: float) -> None:
        """See whether something took too long."""
        if now > self._stuck:
            self.abort()
        elif now > self._deadline:
            self._expired()
        elif self.relay is not None and not self.relay.whole and not self._held:
            limits, body = self._limits, self._body
            if body is not None and body.too_slow(now, limits.body_grace, limits.body_rate):
                self._refuse(408, "slow body")

    def drain(self) -> None:
        """Close, now if nothing is under way."""
        if self.relay is None and not self._closing:
            self.transport.close()

    # --- requests

    def _head(self, data: bytes) -> None:
        if data[:2] == b"\r\n":  # RFC 9112, 2.2: an empty line before a request is no fault
            data = data[2:]
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._partial(data)
            return
        try:
            if end > self._limits.head:
                raise Refused(431, "head too large")
            head = self._reader.read(data[: end + 2])
            self._request(head, data[end + 4 :])
        except Refused as refused:
            self._refuse(refused.status, refused.why)

    def _partial(self, data: bytes) -> None:
        """A head that is not whole: keep it, unless it never can become one."""
        if not self._buffer:
            self._wait(self._limits.head_time)
        self._buffer = data
        if data.count(b"\n") != data.count(b"\r\n") or b"\0" in data:
            self._refuse(400, "head")
        elif b"\r\n" not in data and len(data) > self._limits.request_line:
            self._refuse(414, "request line")
        elif len(data) > self._limits.head:
            self._refuse(431, "head too large")

    def _request(self, head: Head, rest: bytes) -> None:
        plane, fields = self.plane, head.fields
        if plane.hop in fields.lines:
            raise Refused(508, "loop")
        entry = plane.table.decide(head.method, head.target)
        side = self._side(entry, fields.side, head)
        relay = Relay(self, head, entry, side, plane.new if side == "new" else plane.legacy)
        if (head.minor == 0 and not fields.keep_alive) or fields.close:
            relay.keep = False
        if entry.compare:
            self._compare(relay, entry, head)
        request = self._serialised(head)
        self._buffer = b""
        self._endless = False
        whole = not fields.length and not fields.chunked
        if whole:
            self._buffer = rest
            self._deadline = plane.now + self._limits.answer_head
        else:
            self._body = body = Body(fields, plane.now)
            request += body.take(rest)
            whole = body.whole
            self._taken(body, relay)
        self.relay = relay
        relay.begin(request, whole=whole)

    def _side(self, entry: Entry, wish: bytes | None, head: Head) -> Side:
        below = entry.below
        if wish is not None and not entry.why:
            forced = forced_side(self.plane.settings.key, wish, time())
            if forced == "legacy" or (forced == "new" and entry.served):
                return forced
        if not below:
            return "legacy"
        if below >= PLACES:
            return "new"
        fields = head.fields
        if fields.place < 0:
            fields.place = self.plane.sticky.place(fields.lowered, self.address)
        return "new" if fields.place < below else "legacy"

    def _compare(self, relay: Relay, entry: Entry, head: Head) -> None:
        """Keep the answer's body if this exchange is to be compared."""
        counters = self.plane.counters.shadow
        fields = head.fields
        if (
            head.method not in SAFE
            or entry.endpoint in self.plane.unsafe
            or fields.length
            or fields.chunked
            or fields.upgrade
        ):
            counters["unsafe"] += 1
        elif entry.compare < 1.0 and random() >= entry.compare:
            counters["sampled-out"] += 1
        else:
            relay.kept = []

    def _serialised(self, head: Head) -> bytes:
        """The head for the side: its target and fields as they came, its framing said anew."""
        fields = head.fields
        if fields.tail is None:
            host = self.plane.settings.listen.authority
            fields.tail = tail(fields, self._said, host, trusted=self._trusted)
        return b"%b %b HTTP/1.1\r\n%b" % (head.method.encode(), head.target, fields.tail)

    def _more(self, relay: Relay, data: bytes) -> None:
        body = self._body
        assert body is not None
        try:
            piece = body.take(data)
        except Refused as refused:
            self._refuse(refused.status, refused.why)
            return
        self._taken(body, relay)
        if piece:
            relay.send(piece, whole=body.whole)

    def _taken(self, body: Body, relay: Relay) -> None:
        """Some of a body is there: wait for more of it, or for the answer."""
        if body.whole:
            self._buffer = body.rest
            relay.keep = relay.keep and not body.unclear
            self._wait(self._limits.answer_head)
        else:
            self._wait(self._limits.body_idle)

    # --- ends

    def _refuse(self, status: int, why: str) -> None:
        """Answer a request that goes nowhere, and close."""
        self.plane.counters.refused[status] += 1
        relay, self.relay = self.relay, None
        if relay is not None:
            relay.cancel()
            if relay.status:  # an answer has begun: there is nothing to be said any more
                self.transport.abort()
                return
        self.transport.write(refusal(status, why))
        self._close(linger=True)

    def turn_away(self) -> None:
        """Too many clients."""
        self._refuse(503, "too many connections")

    def _expired(self) -> None:
        relay = self.relay
        if relay is None:
            if self._buffer and not self._closing:
                self._refuse(408, "head")
            else:
                self.transport.abort() if self._closing else self.transport.close()
        elif relay.status:
            self.plane.counters.upstream[relay.side, "timeout"] += 1
            self.count(relay)
            self.abort()
        elif relay.whole or self._held:
            relay.cancel()
            relay.failed("timeout")
        else:
            self._refuse(408, "body")

    def _close(self, *, linger: bool) -> None:
        """Close; lingering, what still comes is read, or the client may not get its answer."""
        self._closing = True
        self._buffer = b""
        self._wait(self._limits.linger)
        if linger and self.transport.can_write_eof():
            self.transport.resume_reading()
            self.transport.write_eof()
        else:
            self.transport.close()

    def _wait(self, seconds: float) -> None:
        self._deadline = self.plane.now + seconds
