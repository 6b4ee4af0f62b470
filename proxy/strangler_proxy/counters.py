"""What the data plane counts. Plain numbers, written on the event loop, read by anyone."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from time import time

#: Upper bounds of the latency buckets in seconds; one more bucket holds what is slower.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Series:
    """Answers of one side for one endpoint.

    statuses: answers by class, `statuses[2]` the 2xx; [0]: the client left before there was one.
    buckets: answers by latency, one for each of BOUNDS and one for the rest.
    seconds: their latencies together, from the request's head to the answer's last byte.
    failures: those that the proxy made up, because the side gave none: 502, 504.
    """

    __slots__ = ("buckets", "failures", "seconds", "statuses")

    def __init__(self) -> None:
        self.statuses = [0] * 6
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0
        self.failures = 0

    def add(self, status: int, seconds: float) -> None:
        """Count one answer."""
        self.statuses[status // 100] += 1
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class Counters:
    """Everything that is counted.

    series: by (endpoint, side); the endpoint is "-" for requests that have none.
    unrouted: requests without an endpoint, by why: unmatched, ambiguous, odd, method.
    refused: requests that the proxy answered itself, by status.
    upstream: what went wrong with a side, by (side, problem); retried: sent again on a new
        connection because the old one had just been closed.
    shadow: exchanges compared (sent), or not, by why: sampled-out, unsafe, too-big, queue-full,
        timeout, error, stream.
    compared: verdicts on the exchanges that were: equal, different, moving, uncompared.
    writes: requests under way that may write; last_write: when one ended last, seconds since the
        epoch.
    clients, tunnels, pending: connections open now, upgraded ones among them, shadows queued.
    """

    series: dict[tuple[str, str], Series] = field(default_factory=dict)
    unrouted: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    upstream: Counter[tuple[str, str]] = field(default_factory=Counter)
    retried: Counter[str] = field(default_factory=Counter)
    shadow: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    reloads: Counter[str] = field(default_factory=Counter)  # taken, refused
    connections: int = 0
    turned_away: int = 0
    clients: int = 0
    tunnels: int = 0
    pending: int = 0
    writes: set[object] = field(default_factory=set)
    last_write: float = 0.0
    lost_log_lines: int = 0

    def written(self, relay: object) -> None:
        """A request that may write is over, one way or the other."""
        if relay in self.writes:
            self.writes.discard(relay)
            self.last_write = time()

    def of(self, endpoint: str, side: str) -> Series:
        """The series of an endpoint and a side, new at first."""
        return self.series.setdefault((endpoint, side), Series())
