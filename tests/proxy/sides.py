"""Applications and clients of the tests: sockets that say exactly what they are told."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

#: What a side does with one request: it gets the connection, and what came.
Script = Callable[["Conversation"], None]


class Raw:
    """A client that sends bytes."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def more(self) -> bool:
        """Read what comes next; False at the end."""
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            return False
        self.buffer += data
        return bool(data)

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer and self.more():
            pass
        before, _, self.buffer = self.buffer.partition(mark)
        return before

    def exactly(self, size: int) -> bytes:
        pieces, have, self.buffer = [self.buffer], len(self.buffer), b""
        while have < size and self.more():
            pieces.append(self.buffer)
            have += len(self.buffer)
            self.buffer = b""
        data = b"".join(pieces)
        self.buffer = data[size:]
        return data[:size]

    def rest(self) -> bytes:
        """Everything until the end of the connection."""
        while self.more():
            pass
        taken, self.buffer = self.buffer, b""
        return taken

    def silent(self, seconds: float = 0.2) -> bool:
        return not self.buffer and not select.select([self.socket], [], [], seconds)[0]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.close()


@dataclass
class Got:
    """An answer: `complete` says whether its framing ended it."""

    status: int
    headers: dict[str, str]
    body: bytes
    complete: bool = True
    raw: list[tuple[str, str]] = field(default_factory=list)


def recv_answer(client: Raw, *, head: bool = False) -> Got:
    """Read one answer, 1xx left out; status 0 where there is none."""
    while True:
        text = client.until(b"\r\n\r\n").decode("latin-1")
        if not text:
            return Got(0, {}, b"", complete=False)
        first, *lines = text.split("\r\n")
        status = int(first.split(" ")[1])
        if status >= 200 or status == 101:
            break
    raw = [(n.lower(), v) for n, _, v in (line.partition(": ") for line in lines)]
    headers = dict(raw)
    if head or status in {101, 204, 304}:
        return Got(status, headers, b"", raw=raw)
    if "transfer-encoding" in headers:
        return _chunked(client, Got(status, headers, b"", raw=raw))
    if "content-length" in headers:
        size = int(headers["content-length"])
        body = client.exactly(size)
        return Got(status, headers, body, len(body) == size, raw)
    return Got(status, headers, client.rest(), raw=raw)


def _chunked(client: Raw, got: Got) -> Got:
    while True:
        line = client.until(b"\r\n")
        if not line:
            got.complete = False
            return got
        size = int(line, 16)
        got.body += client.exactly(size)
        client.until(b"\r\n")
        if size == 0:
            return got


@dataclass
class Conversation:
    """One request as a side got it, and the connection to answer on."""

    client: Raw
    head: bytes
    body: bytes
    side: "Side"

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n")[0].decode("latin-1")

    def header(self, name: str) -> list[str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        fields = [line.partition(": ") for line in lines]
        return [value for found, _, value in fields if found.lower() == name.lower()]

    def say(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self.client.send(data)

    def ok(self, body: bytes = b"", *lines: str, status: str = "200 OK") -> None:
        fields = "".join(f"{line}\r\n" for line in lines)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
        self.say(head.encode("latin-1") + body)

    def reset(self) -> None:
        self.client.socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
        )
        self.client.close()


class Side:
    """An application; `script` answers each request, and `seen` keeps them."""

    def __init__(self, name: str) -> None:
        self.name = name.encode()
        self.seen: list[Conversation] = []
        self.connections = 0
        self.read_bodies = True
        self.script: Script = lambda c: c.ok(self.name)
        self.came = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._open: list[Raw] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()
        for client in self._open:
            client.close()

    def refuse(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            client = Raw.__new__(Raw)
            client.socket, client.buffer = connection, b""
            self.connections += 1
            self._open.append(client)
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: Raw) -> None:
        with contextlib.suppress(OSError, ValueError):
            while True:
                head = client.until(b"\r\n\r\n")
                if not head:
                    break
                talk = Conversation(client, head, b"", self)
                if self.read_bodies:
                    talk.body = self._body(client, talk)
                self.seen.append(talk)
                self.came.set()
                self.script(talk)
        client.close()

    def _body(self, client: Raw, talk: Conversation) -> bytes:
        length = talk.header("content-length")
        if length:
            return client.exactly(int(length[0]))
        if talk.header("transfer-encoding"):
            return _chunked(client, Got(0, {}, b"")).body
        return b""


def get(target: str = "/items/", *lines: str, method: str = "GET", body: bytes = b"") -> bytes:
    """A request; Host and Content-Length come by themselves."""
    fields: list[Any] = [f"{method} {target} HTTP/1.1", "Host: testserver", *lines]
    if body:
        fields.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*fields, "", ""]).encode("latin-1") + body
