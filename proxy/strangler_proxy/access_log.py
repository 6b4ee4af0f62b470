"""The access log: a line a request, written by a thread so that a slow disk delays nobody."""

import os
import threading
from collections.abc import Callable
from time import gmtime, strftime, time

from strangler_proxy.counters import Counters

_MOST = 8 * 1024 * 1024  # bytes that wait for the writer


class AccessLog:
    """Gathers lines on the event loop, and hands them on in heaps.

    A line is: time, client, method, path without its query, status, bytes of the body, seconds,
    side, mode, generation of the route table, endpoint. `write` takes the heaps, in a thread.
    """

    def __init__(self, write: Callable[[bytes], object], counters: Counters) -> None:
        self._write = write
        self._counters = counters
        self._lines: list[bytes] = []
        self._heaps: list[list[bytes]] = []
        self._waiting = 0
        self._wake = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self.stamp = b""
        self._thread.start()
        self.tick()

    def tick(self) -> None:
        """Set the time of the lines to come, and pass on those that there are."""
        self.stamp = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(time())).encode()
        if self._lines:
            lines, self._lines = self._lines, []
            if self._waiting > _MOST:
                self._counters.lost_log_lines += len(lines)
                return
            self._waiting += sum(map(len, lines))
            self._heaps.append(lines)
            self._wake.set()

    def add(self, line: bytes) -> None:
        """Log a line; it begins with `stamp`."""
        self._lines.append(line)

    def close(self) -> None:
        """Write what is left."""
        self.tick()
        self._ended = True
        self._wake.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        while not self._ended or self._heaps:
            self._wake.wait()
            self._wake.clear()
            while self._heaps:
                data = b"".join(self._heaps.pop(0))
                try:
                    self._write(data)
                except OSError:  # a full disk, a closed pipe: traffic goes on
                    self._counters.lost_log_lines += data.count(b"\n")
                self._waiting -= len(data)


def to_descriptor(descriptor: int) -> Callable[[bytes], object]:
    """Write heaps to a file descriptor, whole."""

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    return write
