"""Sends requests again, to the other side, after their clients have their answers."""

from collections import deque
from time import monotonic, perf_counter, time
from typing import TYPE_CHECKING

from strangler_proxy.exchange import Answer, Pair, Problem, Side
from strangler_proxy.replies import Reply
from strangler_proxy.signing import SHADOW, shadow_mark
from strangler_proxy.upstream import Pool, Upstream

if TYPE_CHECKING:
    from strangler_proxy.plane import Plane
    from strangler_proxy.relay import Relay


_OWN_COUNT = frozenset({"timeout", "too-big", "stream"})


class Job:
    """One request to the other side, and its answer, kept whole."""

    def __init__(self, shadow: "Shadow", relay: "Relay", served: Answer) -> None:
        self._shadow = shadow
        self.served = served
        self.side: Side = "legacy" if relay.side == "new" else "new"
        self.request = relay.request
        self.asked = relay.asked
        self.entry = relay.entry
        self.generation = relay.client.plane.table.generation
        self.wall = time() - (perf_counter() - relay.started)
        self.size = len(relay.request) + len(served.body or b"")
        self.deadline = 0.0
        self._again = False
        self._upstream: Upstream | None = None
        self._began = 0.0
        self._reply: Reply | None = None
        self._body: list[bytes] = []
        self._read = 0

    def run(self, pool: Pool) -> None:
        """Send it."""
        self._began = perf_counter()
        self.deadline = monotonic() + pool.limits.shadow_time
        upstream = pool.take(safe=True)
        if upstream is None:
            pool.open(self)
        else:
            self._again = True
            self.connected(upstream)

    def expire(self) -> None:
        """It took too long."""
        self._drop("timeout")

    # --- upstream.Owner

    def connected(self, upstream: Upstream) -> None:
        if self.deadline == 0.0:  # it was given up meanwhile
            upstream.transport.abort()
            return
        self._upstream = upstream
        head = self.asked
        mark = shadow_mark(self._shadow.key, time(), head.method, head.target)
        request = b"%b%b: %b\r\n\r\n" % (self.request[:-2], SHADOW, mark)
        upstream.whole = True
        upstream.start(self, request, bodiless=head.method == "HEAD", upgrade=False)

    def interim(self, reply: Reply) -> None:
        """A 1xx is no answer."""

    def head(self, reply: Reply, piece: bytes, *, done: bool) -> None:
        self._reply = reply
        if reply.is_stream:
            self._drop("stream")
        else:
            self.piece(piece, done=done)

    def piece(self, data: bytes, *, done: bool) -> None:
        self._read += len(data)
        if self._read > self._shadow.most:
            if done:
                self._upstream = None
            self._drop("too-big")
            return
        self._body.append(data)
        if done:
            self._upstream = None
            self._answer(None)

    def failed(self, problem: Problem) -> None:
        upstream, self._upstream = self._upstream, None
        if self._again and upstream is not None and problem == "reset" and self._reply is None:
            self._again = False
            upstream.pool.open(self)
        elif self.deadline:
            self._answer(problem)

    def writable(self, *, writable: bool) -> None:
        """Requests without a body fit."""

    def _drop(self, problem: Problem) -> None:
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.abandon()
        self._answer(problem)

    def _answer(self, problem: Problem | None) -> None:
        self.deadline = 0.0
        reply = self._reply
        body = b"".join(self._body) if problem is None else None
        seconds = perf_counter() - self._began
        status, headers = (reply.status, reply.headers) if reply else (0, ())
        self._shadow.finished(self, Answer(status, headers, body, seconds, problem))


class Shadow:
    """The jobs that wait and those that run: bounded in number, bytes and time."""

    def __init__(self, plane: "Plane") -> None:
        self._plane = plane
        self._limits = plane.settings.limits
        self.key = plane.settings.key
        self.most = self._limits.shadow_body
        self._queue: deque[Job] = deque()
        self._running: set[Job] = set()
        self._bytes = 0
        self._pools: dict[Side, Pool] = {
            "legacy": Pool(plane.settings.legacy, self._limits),
            "new": Pool(plane.settings.new, self._limits),
        }

    def offer(self, relay: "Relay") -> None:
        """Compare an exchange later, if there is room."""
        reply = relay.reply
        if reply is None or relay.kept is None:
            return
        body = relay.kept[0] if len(relay.kept) == 1 else b"".join(relay.kept)
        seconds = perf_counter() - relay.started
        job = Job(self, relay, Answer(reply.status, reply.headers, body, seconds))
        over = self._bytes + job.size > self._limits.shadow_bytes
        if over or len(self._queue) >= self._limits.shadow_queue:
            self._plane.counters.shadow["queue-full"] += 1
            return
        self._bytes += job.size
        self._queue.append(job)
        if len(self._queue) == 1:
            self._plane.soon(self._next)

    def tick(self, now: float) -> None:
        """Give up what takes too long."""
        for job in [job for job in self._running if 0.0 < job.deadline < now]:
            job.expire()
        for pool in self._pools.values():
            pool.prune(now)

    def finished(self, job: Job, answer: Answer) -> None:
        """Hand the pair on, and go on with the next."""
        self._running.discard(job)
        self._bytes -= job.size
        counters = self._plane.counters
        counters.shadow[_counted(answer.problem)] += 1
        legacy, new = (job.served, answer) if job.side == "new" else (answer, job.served)
        head, entry = job.asked, job.entry
        self._plane.sink.offer(
            Pair(
                entry.endpoint, head.method, head.target, head.fields.headers,
                "new" if job.side == "legacy" else "legacy", entry.mode, job.generation, job.wall,
                legacy, new,
            )
        )  # fmt: skip
        self._next()

    def close(self) -> None:
        """Drop everything."""
        self._queue.clear()
        for job in self._running:
            job.deadline = 0.0
        self._running.clear()
        for pool in self._pools.values():
            pool.close()

    def _next(self) -> None:
        queue, running = self._queue, self._running
        while queue and len(running) < self._limits.shadow_running:
            job = queue.popleft()
            running.add(job)
            job.run(self._pools[job.side])
        self._plane.counters.pending = len(queue)


def _counted(problem: Problem | None) -> str:
    if problem is None:
        return "sent"
    return problem if problem in _OWN_COUNT else "error"
