"""Stands in for Redis while `verify` runs: keys with values and times, nothing else of it.

An application that caches in Redis finds this server where it looks for Redis, in its own process
and nowhere else; what it writes there is an effect. Loaded by path into both executors: Python 3.6
grammar, nothing but the standard library.
"""
# ruff: noqa: B905, UP006, UP032, UP035, UP045

import fnmatch
import socketserver
import threading
import time
from typing import Any, Dict, List, Optional, Tuple

_Kept = Tuple[bytes, Optional[float]]
_OK = b"+OK\r\n"
#: Seconds or milliseconds for a value, or the moment at which its time is over.
_TIMES = {b"EX": (1.0, False), b"PX": (0.001, False), b"EXAT": (1.0, True), b"PXAT": (0.001, True)}
_QUIET = ("AUTH", "SELECT", "CLIENT", "READONLY", "WATCH", "UNWATCH", "ASKING")


class Refused(Exception):
    """An answer that begins with a minus."""


class Store:
    """What the server keeps; `writes` is told of each write, `stored` reads a value for it.

    `unknown` is called with the name of a command that it does not know.
    """

    def __init__(self, writes: Any, stored: Any, unknown: Any) -> None:
        self._writes, self._stored, self._unknown = writes, stored, unknown
        self._databases: Dict[int, Dict[bytes, _Kept]] = {}
        self._number = 0
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Begin anew, untold."""
        with self._lock:
            self._databases.clear()

    def answer(self, command: List[bytes], database: int = 0) -> bytes:
        """One command's answer as it goes over the wire, from the database of that number."""
        name = command[0].decode("ascii", "replace").upper()
        if name in _QUIET:
            return _OK
        method = getattr(self, "do_" + name.lower(), None)
        if method is None:
            self._unknown(name)
            return "-ERR unknown command '{}'\r\n".format(name).encode()
        try:
            with self._lock:
                self._number = database
                return _packed(method(*command[1:]))
        except Refused as problem:
            return "-ERR {}\r\n".format(problem).encode()
        except (TypeError, ValueError, IndexError):
            return b"-ERR syntax error\r\n"

    @property
    def _kept(self) -> Dict[bytes, _Kept]:
        return self._databases.setdefault(self._number, {})

    @property
    def _name(self) -> str:
        """What the database is called: `writes` knows the first one without a name."""
        return "database {}".format(self._number) if self._number else "default"

    def _live(self, key: bytes) -> Optional[_Kept]:
        found = self._kept.get(key)
        if found is not None and found[1] is not None and found[1] <= time.time():
            del self._kept[key]
            return None
        return found

    def _put(self, key: bytes, value: bytes, seconds: Optional[float]) -> None:
        self._kept[key] = value, None if seconds is None else time.time() + seconds
        self._writes.put(_text(key), self._stored(value), seconds, self._name)

    def do_ping(self, *_: bytes) -> bytes:
        return b"PONG"

    def do_hello(self, protocol: bytes = b"2", *_: bytes) -> Any:
        words = [b"server", b"redis", b"version", b"7.0.0", b"proto", int(protocol), b"id", 1,
                 b"mode", b"standalone", b"role", b"master", b"modules", []]  # fmt: skip
        return dict(zip(words[::2], words[1::2])) if protocol == b"3" else words

    def do_get(self, key: bytes) -> Optional[bytes]:
        found = self._live(key)
        return found[0] if found else None

    def do_mget(self, *keys: bytes) -> List[Optional[bytes]]:
        return [self.do_get(key) for key in keys]

    def do_set(self, key: bytes, value: bytes, *options: bytes) -> Any:
        words = [each.upper() for each in options]
        before = self._live(key)
        if (b"NX" in words and before) or (b"XX" in words and not before):
            return None
        seconds: Optional[float] = None
        for position, word in enumerate(words):
            if word in _TIMES:
                scale, absolute = _TIMES[word]
                seconds = int(options[position + 1]) * scale - (time.time() if absolute else 0)
        self._put(key, value, seconds)
        return (before[0] if before else None) if b"GET" in words else True

    def do_setnx(self, key: bytes, value: bytes) -> int:
        return int(self.do_set(key, value, b"NX") is True)

    def do_setex(self, key: bytes, seconds: bytes, value: bytes) -> Any:
        return self.do_set(key, value, b"EX", seconds)

    def do_psetex(self, key: bytes, milliseconds: bytes, value: bytes) -> Any:
        return self.do_set(key, value, b"PX", milliseconds)

    def do_mset(self, *pairs: bytes) -> bool:
        for key, value in zip(pairs[::2], pairs[1::2]):
            self._put(key, value, None)
        return True

    def do_del(self, *keys: bytes) -> int:
        count = 0
        for key in keys:
            count += self._live(key) is not None
            self._kept.pop(key, None)
            self._writes.drop(_text(key), self._name)
        return count

    do_unlink = do_del

    def do_getdel(self, key: bytes) -> Optional[bytes]:
        found = self.do_get(key)
        self.do_del(key)
        return found

    def do_exists(self, *keys: bytes) -> int:
        return sum(self._live(key) is not None for key in keys)

    def do_incrby(self, key: bytes, delta: bytes) -> int:
        value, ends = self._live(key) or (b"0", None)
        try:
            after = int(value) + int(delta)
        except ValueError:
            raise Refused("value is not an integer or out of range") from None
        self._kept[key] = str(after).encode(), ends
        self._writes.change(_text(key), self._name, value=after)
        return after

    def do_incr(self, key: bytes) -> int:
        return self.do_incrby(key, b"1")

    def do_decrby(self, key: bytes, delta: bytes) -> int:
        return self.do_incrby(key, str(-int(delta)).encode())

    def do_decr(self, key: bytes) -> int:
        return self.do_incrby(key, b"-1")

    def do_expire(self, key: bytes, seconds: bytes, *_: bytes) -> int:
        return self._timed(key, float(int(seconds)))

    def do_pexpire(self, key: bytes, milliseconds: bytes, *_: bytes) -> int:
        return self._timed(key, int(milliseconds) / 1000.0)

    def do_persist(self, key: bytes) -> int:
        return self._timed(key, None)

    def _timed(self, key: bytes, seconds: Optional[float]) -> int:
        found = self._live(key)
        if found is None:
            return 0
        if seconds is not None and seconds <= 0:
            return self.do_del(key)
        self._kept[key] = found[0], None if seconds is None else time.time() + seconds
        left = None if seconds is None else int(seconds)
        self._writes.change(_text(key), self._name, timeout=left)
        return 1

    def do_pttl(self, key: bytes) -> int:
        found = self._live(key)
        if found is None:
            return -2
        return -1 if found[1] is None else int(1000 * (found[1] - time.time()))

    def do_ttl(self, key: bytes) -> int:
        left = self.do_pttl(key)
        return left if left < 0 else round(left / 1000.0)

    def do_keys(self, pattern: bytes) -> List[Optional[bytes]]:
        wanted = _text(pattern)
        return [key for key in list(self._kept)
                if self._live(key) and fnmatch.fnmatchcase(_text(key), wanted)]  # fmt: skip

    def do_scan(self, cursor: bytes, *options: bytes) -> List[Any]:
        words = [each.upper() for each in options]
        pattern = options[words.index(b"MATCH") + 1] if b"MATCH" in words else b"*"
        return [b"0", self.do_keys(pattern)]

    def do_dbsize(self) -> int:
        return len(self.do_keys(b"*"))

    def do_flushdb(self, *_: bytes) -> bool:
        self._kept.clear()
        self._writes.clear(self._name)
        return True

    def do_flushall(self, *_: bytes) -> bool:
        for number in {0, *self._databases}:
            self._number = number
            self.do_flushdb()
        return True


def _text(key: bytes) -> str:
    return key.decode("utf-8", "backslashreplace")


def _packed(value: Any) -> bytes:
    if value is True:
        return _OK
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, int):
        return ":{}\r\n".format(value).encode()
    if isinstance(value, bytes):
        return "${}\r\n".format(len(value)).encode() + value + b"\r\n"
    if isinstance(value, dict):
        pairs = b"".join(_packed(key) + _packed(each) for key, each in value.items())
        return "%{}\r\n".format(len(value)).encode() + pairs
    return "*{}\r\n".format(len(value)).encode() + b"".join(_packed(each) for each in value)


class _Connection(socketserver.StreamRequestHandler):
    """One client: commands one after the other, or several in a transaction."""

    def handle(self) -> None:
        store: Store = self.server.store  # type: ignore[attr-defined]
        queued: Optional[List[List[bytes]]] = None
        database = 0
        while True:
            command = self._command()
            if not command:
                return
            name = command[0].upper()
            if name == b"SELECT" and command[1:] and command[1].isdigit():
                database = int(command[1])
            if name == b"MULTI":
                queued = []
                self.wfile.write(_OK)
            elif name in (b"EXEC", b"DISCARD"):
                answers = [store.answer(each, database) for each in queued or ()]
                queued = None
                count = "*{}\r\n".format(len(answers)).encode()
                self.wfile.write(_OK if name == b"DISCARD" else count + b"".join(answers))
            elif queued is not None:
                queued.append(command)
                self.wfile.write(b"+QUEUED\r\n")
            else:
                self.wfile.write(store.answer(command, database))

    def _command(self) -> List[bytes]:
        line = self.rfile.readline()
        if not line.startswith(b"*"):
            return line.split()
        parts = []
        for _ in range(int(line[1:])):
            size = int(self.rfile.readline()[1:])
            parts.append(self.rfile.read(size + 2)[:-2])
        return parts


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class StandIn:
    """The server, started when somebody first looks for Redis."""

    def __init__(self, store: Store, ports: Any = (6379,)) -> None:
        self.store = store
        #: Ports of Redis, and `host:port` where settings say that it is elsewhere.
        self.places = {"*:{}".format(port) for port in ports}
        self._server: Any = None

    def place(self, shown: str) -> Optional[Tuple[str, int]]:
        """Where to go instead of `host:port`; None: this is no Redis."""
        if "*:" + shown.rpartition(":")[2] not in self.places and shown not in self.places:
            return None
        if self._server is None:
            self._server = _Server(("127.0.0.1", 0), _Connection)
            self._server.store = self.store
            threading.Thread(target=self._server.serve_forever, daemon=True).start()
        found: Tuple[str, int] = self._server.server_address
        return found
