"""Keeps what was compared: SQLite, written by a thread of its own. No request waits for it.

Values are redacted before they come here. When the disk is full, the file locked, gone, broken or
newer than we are, findings are dropped and counted, and writing is tried again.
"""

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time

from strangler_proxy.counters import Counters

VERSION = 1

_SCHEMA = """
create table verdict (
    endpoint text not null, verdict text not null, reason text not null,
    count integer not null, first real not null, last real not null,
    primary key (endpoint, verdict, reason)
) without rowid;
create table difference (
    id integer primary key,
    endpoint text not null, category text not null, pointer text not null,
    count integer not null, first real not null, last real not null,
    unique (endpoint, category, pointer)
);
create table sample (
    id integer primary key,
    difference integer not null references difference (id),
    at real not null, mode text not null, served text not null, pointer text not null,
    legacy_type text not null, legacy_hash text not null, legacy_value text,
    new_type text not null, new_hash text not null, new_value text, target text
);
create index sample_difference on sample (difference, id);
"""

_COUNT = (
    "insert into verdict values (?, ?, ?, ?, ?, ?) on conflict do update "
    "set count = count + excluded.count, last = excluded.last"
)

_WAIT = 0.25  # seconds between two writes
_AGAIN = 1.0  # until the next try after a failure
_QUEUED = 5_000  # observations that wait
_SAMPLES = 20  # of each difference
_REASONS = 50  # of an endpoint and a verdict; longer lists help nobody
_KEPT = 14 * 86_400.0  # seconds that raw values are kept
_SWEEP = 3_600.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One difference, redacted. `place`: the pointer with its numbers as `*`."""

    category: str
    place: str
    pointer: str
    types: tuple[str, str]
    hashes: tuple[str, str]
    values: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What is kept of one finding. `target`: path and query, redacted, only with values."""

    endpoint: str
    verdict: str
    reason: str
    at: float
    mode: str
    served: str
    seen: tuple[Seen, ...] = ()
    target: str | None = None


class Store:
    """Takes observations on any thread; `problem` says why they are dropped at present."""

    def __init__(self, path: Path, counters: Counters) -> None:
        self.path = path
        self.problem: str | None = None
        self.dropped = 0
        self._counters = counters
        self._queue: deque[Observation] = deque()
        self._equal: dict[str, tuple[int, float, float]] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ended = False
        self._database: sqlite3.Connection | None = None
        self._inode = 0
        self._retry = 0.0
        self._swept = 0.0
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def add(self, observation: Observation) -> None:
        """Keep it, or drop and count it."""
        if len(self._queue) >= _QUEUED:
            self._drop(1)
        else:
            self._queue.append(observation)

    def equal(self, endpoint: str, at: float) -> None:
        """Keep that one more exchange was equal; most are, so they are only counted."""
        with self._lock:
            count, first, _ = self._equal.get(endpoint, (0, at, at))
            self._equal[endpoint] = (count + 1, first, at)

    def close(self) -> None:
        """Write what is left, for two seconds at most."""
        self._ended = True
        self._wake.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        while not self._ended:
            self._wake.wait(_WAIT)
            self._write()
        self._write()
        if self._database is not None:
            self._database.close()

    def _write(self) -> None:
        due = monotonic() >= self._retry or self._ended
        if not due or not (self._queue or self._equal or self.problem):
            return
        batch = [self._queue.popleft() for _ in range(len(self._queue))]
        with self._lock:
            equal, self._equal = self._equal, {}
        try:
            database = self._opened()
            with database:
                database.execute("begin immediate")
                for endpoint, counted in equal.items():
                    database.execute(_COUNT, (endpoint, "equal", "", *counted))
                for observation in batch:
                    _keep(database, observation)
                self._sweep(database)
            self.problem = None
        except (sqlite3.Error, OSError) as error:
            self.problem = f"{self.path}: {error}"
            self._retry = monotonic() + _AGAIN
            self._drop(len(batch) + sum(count for count, _, _ in equal.values()))
            self._shut()

    def _drop(self, number: int) -> None:
        self.dropped += number
        self._counters.shadow["store-error"] += number

    def _opened(self) -> sqlite3.Connection:
        if self._database is not None and self._inode != _inode(self.path):
            self._shut()  # the file was taken away: writing on would write nowhere
        if self._database is None:
            self._database = connected(self.path)
            self._inode = _inode(self.path)
        return self._database

    def _shut(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
        self._database = None

    def _sweep(self, database: sqlite3.Connection) -> None:
        if monotonic() < self._swept:
            return
        self._swept = monotonic() + _SWEEP
        database.execute(
            "update sample set legacy_value = null, new_value = null, target = null where at < ?",
            (time() - _KEPT,),
        )


def connected(path: Path) -> sqlite3.Connection:
    """Open the store, made if it is not there; sqlite3.Error, OSError where it is none of ours."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = normal")
        version = database.execute("pragma user_version").fetchone()[0]
        if version == 0:
            database.executescript(f"begin;{_SCHEMA}pragma user_version = {VERSION};commit;")
        elif version > VERSION:
            raise sqlite3.DatabaseError(f"it was written by a newer strangler (version {version})")
    except BaseException:
        database.close()
        raise
    return database


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _keep(database: sqlite3.Connection, observation: Observation) -> None:
    reason = observation.reason[:200]
    names = (observation.endpoint, observation.verdict)
    listed = "select count(*) from verdict where endpoint = ? and verdict = ?"
    if reason and database.execute(listed, names).fetchone()[0] >= _REASONS:
        reason = "(others)"
    database.execute(_COUNT, (*names, reason, 1, observation.at, observation.at))
    if observation.verdict == "different":
        for seen in observation.seen:
            _keep_difference(database, observation, seen)


def _keep_difference(database: sqlite3.Connection, seen_in: Observation, seen: Seen) -> None:
    row = database.execute(
        "insert into difference (endpoint, category, pointer, count, first, last) "
        "values (?, ?, ?, 1, ?, ?) on conflict do update "
        "set count = count + 1, last = excluded.last returning id",
        (seen_in.endpoint, seen.category, seen.place, seen_in.at, seen_in.at),
    ).fetchone()
    values = seen.values or (None, None)
    database.execute(
        "insert into sample (difference, at, mode, served, pointer, legacy_type, legacy_hash, "
        "legacy_value, new_type, new_hash, new_value, target) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row[0], seen_in.at, seen_in.mode, seen_in.served, seen.pointer, seen.types[0],
            seen.hashes[0], values[0], seen.types[1], seen.hashes[1], values[1], seen_in.target,
        ),
    )  # fmt: skip
    database.execute(
        "delete from sample where difference = ? and id <= "
        "(select id from sample where difference = ? order by id desc limit 1 offset ?)",
        (row[0], row[0], _SAMPLES),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """One difference as the store has it, with its last sample."""

    endpoint: str
    category: str
    pointer: str
    count: int
    first: float
    last: float
    example: str  # the exact pointer of the last sample
    legacy_type: str
    legacy_value: str | None
    new_type: str
    new_value: str | None
    target: str | None
    legacy_hash: str
    new_hash: str


class Unreadable(Exception):
    """The store is there and cannot be read; the message says why."""


def verdicts(path: Path) -> dict[str, dict[str, int]]:
    """How many exchanges had which verdict, by endpoint; empty where there is no store."""
    found: dict[str, dict[str, int]] = {}
    query = "select endpoint, verdict, sum(count) from verdict group by endpoint, verdict"
    for endpoint, verdict, count in _asked(path, query):
        found.setdefault(str(endpoint), {})[str(verdict)] = int(str(count))
    return found


def reasons(path: Path, endpoint: str) -> dict[str, int]:
    """Why exchanges of an endpoint were not compared, and how often."""
    query = (
        "select reason, count from verdict where endpoint = ? and verdict in "
        "('uncompared', 'moving') order by count desc"
    )
    return {str(reason): int(str(count)) for reason, count in _asked(path, query, endpoint)}


def differences(path: Path, endpoint: str | None = None) -> list[Kept]:
    """The differences of an endpoint, or of all, the latest first."""
    query = (
        "select d.endpoint, d.category, d.pointer, d.count, d.first, d.last, s.pointer, "
        "s.legacy_type, s.legacy_value, s.new_type, s.new_value, s.target, s.legacy_hash, "
        "s.new_hash from difference d "
        "join sample s on s.id = (select max(id) from sample where difference = d.id) "
        "where ? is null or d.endpoint = ? order by d.last desc, d.id limit 500"
    )
    return [Kept(*row) for row in _asked(path, query, endpoint, endpoint)]  # type: ignore[arg-type]  # columns as they are listed


def _asked(path: Path, query: str, *values: object) -> Iterable[tuple[object, ...]]:
    if not path.exists():
        return []
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        try:
            if database.execute("pragma user_version").fetchone()[0] > VERSION:
                raise Unreadable("it was written by a newer strangler")
            return database.execute(query, values).fetchall()
        finally:
            database.close()
    except sqlite3.Error as error:
        if "no such table" in str(error):
            return []
        raise Unreadable(str(error)) from error
