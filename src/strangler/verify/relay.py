"""A Unix socket that leads to one database server, and there to the named databases only.

Unix sockets reach across network namespaces, so an executor without network can talk to its twin
through this, wherever the server is; a client that asks for another database is refused.
"""

import socket
import struct
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_SSL_REQUEST, _GSS_REQUEST, _CANCEL = 80877103, 80877104, 80877102
_CHUNK = 1 << 16
#: libpq derives the socket's file name from the port.
PORT = 5432


class Relay(ABC):
    """Listens in a folder of its own until closed; one pair of threads per connection."""

    #: What clients of this kind of server expect the socket to be called.
    socket_name: str

    def __init__(self, host: str, port: int, databases: Collection[str]) -> None:
        """`host` is a name, an address or the path of a Unix socket."""
        self._target = (host, port)
        self._databases = frozenset(databases)
        self._folder = tempfile.TemporaryDirectory(prefix="strangler-")
        self.refused: list[str] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(Path(self.folder) / self.socket_name))
        self._listener.listen(32)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def folder(self) -> str:
        """Where the socket lies."""
        return self._folder.name

    def close(self) -> None:
        """Stop listening and remove the folder; connections end with their peers."""
        # wakes the thread that waits in accept(), which close() alone would not
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            server = self.greeted(client)
            if server is None:
                return
            with server:
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join()

    @abstractmethod
    def greeted(self, client: socket.socket) -> socket.socket | None:
        """The server, at the point where both talk freely; None where the client was refused."""

    def admits(self, database: str) -> bool:
        """Whether clients may use a database; those that they may not are written down."""
        if database in self._databases:
            return True
        self.refused.append(database)
        return False

    def connect(self) -> socket.socket:
        """A connection to the server; OSError where there is none."""
        host, port = self._target
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(host)
            return server
        server = socket.create_connection((host, port), timeout=10)
        server.settimeout(None)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return server


class PostgresRelay(Relay):
    """To a PostgreSQL server: clients take the folder as their host."""

    socket_name = f".s.PGSQL.{PORT}"

    def __init__(self, host: str, port: int, databases: Collection[str]) -> None:
        """`host` is a name, an address or the folder of a Unix socket."""
        place = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else host
        super().__init__(place, port, databases)

    def greeted(self, client: socket.socket) -> socket.socket | None:
        """Pass the start-up message on where its database may be used."""
        start = _start_message(client)
        if start is None:
            return None
        database = _database(start)
        if database is not None and not self.admits(database):
            client.sendall(_refusal(database))
            return None
        try:
            server = self.connect()
        except OSError as error:
            client.sendall(_error("08006", f"the server is not reachable: {error}"))
            return None
        server.sendall(start)
        return server


def _pump(source: socket.socket, target: socket.socket) -> None:
    # a peer that is gone ends the connection, here as anywhere
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def exactly(client: socket.socket, size: int) -> bytes | None:
    """So many bytes; None where the peer is gone before."""
    data = b""
    while len(data) < size:
        try:
            part = client.recv(size - len(data))
        except OSError:
            return None
        if not part:
            return None
        data += part
    return data


def _start_message(client: socket.socket) -> bytes | None:
    """The first message with a meaning; wishes for encryption are declined before."""
    while True:
        head = exactly(client, 8)
        if head is None:
            return None
        length, code = struct.unpack("!II", head)
        if code in (_SSL_REQUEST, _GSS_REQUEST):
            client.sendall(b"N")
            continue
        rest = exactly(client, length - 8) if 8 < length < _CHUNK else b""
        return None if rest is None else head + rest


def _database(start: bytes) -> str | None:
    """The database that a start-up message asks for; None for a cancel request."""
    if struct.unpack("!I", start[4:8])[0] == _CANCEL:
        return None
    parts = start[8:].split(b"\0")
    parameters = dict(zip(parts[::2], parts[1::2], strict=False))
    return parameters.get(b"database", parameters.get(b"user", b"")).decode("utf-8", "replace")


def _refusal(database: str) -> bytes:
    return _error("3D000", f"strangler verify lets nobody into database {database!r}")


def _error(code: str, text: str) -> bytes:
    fields = b"".join(
        key + value.encode() + b"\0"
        for key, value in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", code), (b"M", text))
    )
    body = fields + b"\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body
