"""Compares pairs in a thread, after their clients have their answers, and hands them on redacted."""

import re
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from time import sleep, time

from strangler.config import Ignore
from strangler.diff import Difference
from strangler_proxy.counters import Counters
from strangler_proxy.exchange import Pair
from strangler_proxy.judging import Finding, Judge
from strangler_proxy.redaction import Redactor, kind_of, secrets_of
from strangler_proxy.store import Observation, Seen, Store

_PAIRS = 1024
_GATHER = 0.01
_BYTES = 64 * 1024 * 1024
#: The longest that a comparison keeps the event loop waiting, in seconds; Python's own is 5 ms.
_SWITCH = 0.001


class Comparer:
    """The sink of the data plane.

    values: whether an endpoint's route wants raw values. unsafe: is told of an endpoint whose
    GET tried to write. Both are called on the comparing thread.
    """

    def __init__(
        self,
        store: Store,
        key: bytes,
        counters: Counters,
        *,
        ignored: Iterable[Ignore] = (),
        values: Callable[[str], bool] = lambda endpoint: False,
        unsafe: Callable[[str], object] = lambda endpoint: None,
    ) -> None:
        self.values = values
        self.unsafe = unsafe
        self._store = store
        self._judge = Judge(ignored)
        self._redactor = Redactor(key)
        self._counters = counters
        self._queue: deque[tuple[Pair, float, bool]] = deque()
        self._bytes = 0
        self._wake = threading.Event()
        self._ended = False
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH))
        self._thread = threading.Thread(target=self._run, name="comparing", daemon=True)
        self._thread.start()

    def offer(self, pair: Pair) -> None:
        """Take a pair on the event loop."""
        size = len(pair.legacy.body or b"") + len(pair.new.body or b"")
        if len(self._queue) >= _PAIRS or self._bytes + size > _BYTES:
            self._counters.shadow["queue-full"] += 1
            return
        self._bytes += size
        counters = self._counters
        written = bool(counters.writes) or counters.last_write >= pair.started
        waits = bool(self._queue)
        self._queue.append((pair, time(), written))
        if not waits:
            self._wake.set()

    def close(self) -> None:
        """Compare what waits, for two seconds at most."""
        self._ended = True
        self._wake.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        while not (self._ended and not self._queue):
            self._wake.wait()
            if not self._ended:
                sleep(_GATHER)  # many pairs at a time cost less than as many turns of the thread
            self._wake.clear()
            while self._queue:
                pair, ended, written = self._queue.popleft()
                self._bytes -= len(pair.legacy.body or b"") + len(pair.new.body or b"")
                self._take(pair, ended, written)

    def _take(self, pair: Pair, ended: float, written: bool) -> None:
        try:
            finding = self._judge.judge(pair, ended, written=written)
            equal = finding.verdict == "equal"
            observation = None if equal else self._observation(finding)
        except Exception as error:  # whatever a body does to us, the next one is compared
            self._counters.compared["uncompared"] += 1
            reason = f"our mistake: {type(error).__name__}"
            self._store.add(
                Observation(pair.endpoint, "uncompared", reason, ended, pair.mode, pair.served)
            )
            return
        self._counters.compared[finding.verdict] += 1
        if observation is None:
            self._store.equal(pair.endpoint, ended)
            return
        self._store.add(observation)
        if finding.writes:
            self.unsafe(pair.endpoint)

    def _observation(self, finding: Finding) -> Observation:
        pair = finding.pair
        keep = bool(finding.differences) and self.values(pair.endpoint)
        secrets = secrets_of(pair.request_headers) if keep else ()
        target = None
        if keep:
            target = self._redactor.value(pair.target.decode("latin-1"), "", secrets)
            target = re.sub(r"([?&][^=&]*(?:token|key|secret|pass)[^=&]*=)[^&]*", r"\1***", target)
        return Observation(
            pair.endpoint,
            finding.verdict,
            finding.reason,
            finding.ended,
            pair.mode,
            pair.served,
            tuple(self._seen(each, keep, secrets) for each in finding.differences),
            target,
        )

    def _seen(self, difference: Difference, keep: bool, secrets: tuple[str, ...]) -> Seen:
        redactor = self._redactor
        pointer = redactor.pointer(difference.pointer)
        place = re.sub(r"/\d+(?=/|$)", "/*", pointer)
        sides = (difference.legacy, difference.new)
        values = None
        if keep or difference.category == "shadow-write":
            left, right = (redactor.value(each, difference.pointer, secrets) for each in sides)
            values = (left, right)
        kind = _code if difference.pointer == "status" else kind_of
        types = (kind(sides[0]), kind(sides[1]))
        hashes = (redactor.hashed(sides[0]), redactor.hashed(sides[1]))
        return Seen(difference.category, place, pointer, types, hashes, values)


def _code(told: str) -> str:
    """The status alone; a body may follow it, and a write has none."""
    return told[:3] if told[:3].isdecimal() else "write"
