"""Connections to one side: each carries one exchange at a time, and is pooled between them."""

import asyncio
import ssl
from time import monotonic
from typing import Protocol, cast

from strangler.config import Limits
from strangler_proxy.exchange import Problem
from strangler_proxy.replies import BadReply, Chunks, Reply
from strangler_proxy.settings import Address


class Owner(Protocol):
    """Who waits for an answer. Called on the event loop."""

    def connected(self, upstream: "Upstream") -> None:
        """The connection that was asked for is there."""

    def interim(self, reply: Reply) -> None:
        """A 1xx that is no upgrade."""

    def head(self, reply: Reply, piece: bytes, *, done: bool) -> None:
        """The answer began; `piece` is the first part of its body, `done`: all of it."""

    def piece(self, data: bytes, *, done: bool) -> None:
        """The next part of the body, without chunks; of a tunnel, what came through it."""

    def failed(self, problem: Problem) -> None:
        """There is no answer, or no more of it."""

    def writable(self, *, writable: bool) -> None:
        """Whether the connection takes more of the request for now."""


class Upstream(asyncio.Protocol):
    """A connection to a side. `start` begins an exchange; its owner is told what comes."""

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self.transport: asyncio.Transport = None  # type: ignore[assignment]  # set before any use
        self.owner: Owner | None = None
        self.reused = False
        self.idle_since = 0.0
        self.whole = True  # the request was sent to its end
        self._buffer = b""
        self._reply: Reply | None = None
        self._bodiless = self._upgrade = self._tunnel = self._held = False
        self._left: int | None = None  # of a body whose length is known
        self._chunks: Chunks | None = None
        self._interims = 0
        # An application that repeats itself is read once.
        self._last = b""
        self._read: Reply | None = None

    def start(self, owner: Owner, data: bytes, *, bodiless: bool, upgrade: bool) -> None:
        """Send a request; `bodiless`: its answer has no body (HEAD)."""
        self.owner = owner
        self._bodiless = bodiless
        self._upgrade = upgrade
        self._interims = 0
        self.transport.write(data)

    def hold(self) -> None:
        """Read no more of the answer for now."""
        if not self._held:
            self._held = True
            self.transport.pause_reading()

    def release(self) -> None:
        """Read on."""
        if self._held:
            self._held = False
            self.transport.resume_reading()

    def abandon(self) -> None:
        """Nobody waits any more: the connection cannot be used again."""
        self.owner = None
        self.transport.abort()

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of it, and do all that it says
        self.transport = transport = cast(asyncio.Transport, transport)
        transport.set_write_buffer_limits(self.pool.limits.buffered)

    def data_received(self, data: bytes) -> None:
        if self.owner is None:  # an answer to nothing
            self.transport.abort()
        elif self._reply is None:
            self._head(self._buffer + data if self._buffer else data)
        else:
            self._body(data)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.pool.forget(self)
        owner, self.owner = self.owner, None
        if owner is None:
            return
        if self._reply is None:
            owner.failed("error" if self._buffer else "reset")
        elif self._tunnel or (exc is None and self._left is None and self._chunks is None):
            owner.piece(b"", done=True)  # the end of the connection is the end of the body
        else:
            owner.failed("truncated")

    def pause_writing(self) -> None:
        if self.owner is not None:
            self.owner.writable(writable=False)

    def resume_writing(self) -> None:
        if self.owner is not None:
            self.owner.writable(writable=True)

    # --- the answer

    def _head(self, data: bytes) -> None:
        end = data.find(b"\r\n\r\n")
        if end < 0 or end > self.pool.limits.head:
            self._buffer = data
            if len(data) > self.pool.limits.head or b"\n\n" in data or data[:1] not in b"H":
                self._broken()
            return
        self._buffer = b""
        head = data[: end + 2]
        if head != self._last or self._read is None:
            try:
                self._read = Reply(head)
            except BadReply:
                self._broken()
                return
            self._last = head
        reply, rest = self._read, data[end + 4 :]
        if reply.status < 200:
            self._before(reply, rest)
        else:
            self._begin(reply, rest)

    def _before(self, reply: Reply, rest: bytes) -> None:
        """A 1xx: passed on, but not without end; a 101 only if it was asked for."""
        owner = self.owner
        self._interims += 1
        if reply.status == 101:
            if not self._upgrade or owner is None:
                self._broken()
                return
            self._reply, self._tunnel = reply, True
            owner.head(reply, rest, done=False)
        elif self._interims > self.pool.limits.interim:
            self._broken()
        elif owner is not None:
            owner.interim(reply)
            if rest and self.owner is owner:
                self._head(rest)

    def _begin(self, reply: Reply, rest: bytes) -> None:
        owner = self.owner
        assert owner is not None
        status = reply.status
        if self._bodiless or status in {204, 304}:
            self._done(owner, reply, b"", poisoned=bool(rest), first=True)
        elif reply.chunked:
            self._reply = reply
            self._chunks = Chunks()
            self._dechunk(rest, first=True)
        elif reply.length is None:
            self._reply = reply
            self._left = None
            owner.head(reply, rest, done=False)
        else:
            left = reply.length - len(rest)
            if left > 0:
                self._reply = reply
                self._left = left
                owner.head(reply, rest, done=False)
            else:
                piece = rest[: reply.length] if left else rest
                self._done(owner, reply, piece, poisoned=left < 0, first=True)

    def _body(self, data: bytes) -> None:
        owner, reply = self.owner, self._reply
        assert owner is not None
        assert reply is not None
        if self._chunks is not None:
            self._dechunk(data, first=False)
        elif self._left is None or self._tunnel:
            owner.piece(data, done=False)
        else:
            left = self._left - len(data)
            if left > 0:
                self._left = left
                owner.piece(data, done=False)
            else:
                whole = data[: self._left] if left else data
                self._done(owner, reply, whole, poisoned=left < 0, first=False)

    def _dechunk(self, data: bytes, *, first: bool) -> None:
        owner, reply, chunks = self.owner, self._reply, self._chunks
        assert owner is not None
        assert reply is not None
        assert chunks is not None
        try:
            piece = chunks.feed(data)
        except BadReply:
            if first:
                self._reply = None
            self._broken()
            return
        if chunks.done:
            self._done(owner, reply, piece, poisoned=chunks.rest, first=first)
        elif first:
            owner.head(reply, piece, done=False)
        elif piece:
            owner.piece(piece, done=False)

    def _done(
        self, owner: Owner, reply: Reply, piece: bytes, *, poisoned: bool, first: bool
    ) -> None:
        """The answer is there: first into the pool, for the owner may need a connection next."""
        self.owner = self._reply = self._chunks = self._left = None
        if poisoned or reply.close or not self.whole:
            self.transport.close()
        else:
            self.release()
            self.pool.put(self)
        if first:
            owner.head(reply, piece, done=True)
        else:
            owner.piece(piece, done=True)

    def _broken(self) -> None:
        """What came is no HTTP."""
        owner, self.owner = self.owner, None
        begun = self._reply is not None
        self.transport.abort()
        if owner is not None:
            owner.failed("truncated" if begun else "error")


class Pool:
    """The idle connections to one side, the latest first."""

    def __init__(self, address: Address, limits: Limits) -> None:
        self.address = address
        self.limits = limits
        self._idle: list[Upstream] = []
        self._all: set[Upstream] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._tls = ssl.create_default_context() if address.tls else None

    def take(self, *, safe: bool) -> Upstream | None:
        """An idle connection. One for a write was busy a moment ago: a write is never repeated."""
        idle = self._idle
        while idle:
            upstream = idle.pop()
            if upstream.transport.is_closing():
                continue
            if not safe and monotonic() - upstream.idle_since > self.limits.unsafe_idle:
                idle.append(upstream)
                return None
            upstream.reused = True
            return upstream
        return None

    def put(self, upstream: Upstream) -> None:
        """Keep a connection for later."""
        upstream.idle_since = monotonic()
        self._idle.append(upstream)

    def open(self, owner: Owner) -> asyncio.Task[None]:
        """Connect; the owner hears of it, unless the task is cancelled."""
        task = asyncio.get_running_loop().create_task(self._open(owner))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return task

    def forget(self, upstream: Upstream) -> None:
        """A connection is gone."""
        self._all.discard(upstream)
        if upstream in self._idle:
            self._idle.remove(upstream)

    def prune(self, now: float) -> None:
        """Close what was idle for too long; `now` is `time.monotonic()`."""
        oldest = now - self.limits.upstream_idle
        while self._idle and self._idle[0].idle_since < oldest:
            self._idle.pop(0).transport.close()

    def close(self) -> None:
        """Close all connections."""
        for task in list(self._opening):
            task.cancel()
        for upstream in list(self._all):
            upstream.transport.abort()

    async def _open(self, owner: Owner) -> None:
        loop = asyncio.get_running_loop()
        address = self.address
        try:
            async with asyncio.timeout(self.limits.connect):
                _, upstream = await loop.create_connection(
                    lambda: Upstream(self), address.host, address.port, ssl=self._tls
                )
        except TimeoutError:
            owner.failed("timeout")
        except OSError:
            owner.failed("refused")
        else:
            self._all.add(upstream)
            owner.connected(upstream)
