"""Load for `bench_proxy.py`: a client and an application on bare sockets, cheap beside a proxy.

    python benchmarks/proxy_load.py serve PORT [hang]
    python benchmarks/proxy_load.py ask PORT CONNECTIONS SECONDS [shadow]

`ask` prints JSON: requests, failed, seconds, and latencies in milliseconds.
"""

import base64
import json
import select
import socket
import sys
import time
from email.utils import formatdate

BODY = json.dumps({"results": [{"id": n, "name": f"item {n}"} for n in range(33)]}).encode()[:1024]
ANSWER = (
    b"HTTP/1.1 200 OK\r\nDate: %b\r\nServer: bench\r\nContent-Type: application/json\r\nVary: Accept, Cookie\r\n"
    b"Allow: GET, HEAD, OPTIONS\r\nX-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\n"
    b"Referrer-Policy: same-origin\r\nContent-Length: %d\r\n\r\n%b"
)


def serve(port: int, *, hang: bool) -> None:
    """Answer every request, or none."""
    listener = socket.create_server(("127.0.0.1", port), backlog=512)
    listener.setblocking(False)
    poll, peers = select.epoll(), {}
    date, answer = 0.0, b""
    poll.register(listener, select.EPOLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if time.time() - date > 1:
                date = time.time()
                answer = ANSWER % (formatdate(date, usegmt=True).encode(), len(BODY), BODY)
            if descriptor == listener.fileno():
                peer, _ = listener.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peers[peer.fileno()] = peer
                poll.register(peer, select.EPOLLIN)
                continue
            peer = peers[descriptor]
            try:
                data = peer.recv(65536)
            except OSError:
                data = b""
            if not data:
                poll.unregister(peer)
                peers.pop(descriptor).close()
            elif not hang:
                peer.send(answer * data.count(b"\r\n\r\n"))


def request_of(number: int, *, varied: int = -1) -> bytes:
    """A request as a person's program sends it; each connection is another user."""
    claims = base64.urlsafe_b64encode(json.dumps({"user_id": number}).encode()).rstrip(b"=")
    lines = [
        f"GET /api/resource{number % 100}/{number}/?page=1 HTTP/1.1",
        "Host: shop.example",
        "User-Agent: bench/1.0",
        "Accept: application/json",
        "Accept-Encoding: gzip",
        f"Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.{claims.decode()}.{'s' * 43}",
    ]
    if varied >= 0:
        lines.append(f"X-Request-Id: {varied:016x}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Asking:
    """One connection: sends, and waits for as many bytes as the first answer had."""

    def __init__(self, port: int, number: int, *, varied: bool) -> None:
        self.port, self.number, self.varied = port, number, varied
        self.size = self.got = self.sent = 0
        self.began = 0.0
        self.request = request_of(number)
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        if self.varied:
            self.sent += 1
            self.request = request_of(self.number, varied=self.sent)
        self.got = 0
        self.began = time.perf_counter()
        self.socket.send(self.request)

    def read(self) -> bool | None:
        """True: a whole answer; None: not yet; False: it failed."""
        try:
            data = self.socket.recv(65536)
        except OSError:
            return False
        if not self.got and not data.startswith(b"HTTP/1.1 200"):
            return False
        self.got += len(data)
        if not self.size:
            head, _, body = data.partition(b"\r\n\r\n")
            if len(body) < len(BODY):
                return None
            self.size = len(head) + 4 + len(BODY)
        return True if self.got == self.size else (None if data else False)


def ask(port: int, connections: int, seconds: float, *, varied: bool = False) -> dict[str, object]:
    """Ask in a closed loop for so long."""
    poll = select.epoll()
    asking = {}
    for number in range(connections):
        one = Asking(port, number, varied=varied)
        asking[one.socket.fileno()] = one
        poll.register(one.socket, select.EPOLLIN)
        one.ask()
    failed, times = 0, []
    start = time.perf_counter()
    end = start + seconds
    while (now := time.perf_counter()) < end:
        for descriptor, _ in poll.poll(0.5):
            one = asking[descriptor]
            outcome = one.read()
            if outcome is None:
                continue
            if outcome:
                times.append(time.perf_counter() - one.began)
            else:
                failed += 1
                poll.unregister(descriptor)
                del asking[descriptor]
                one.socket.close()
                one.size = 0
                one.open()
                asking[one.socket.fileno()] = one
                poll.register(one.socket, select.EPOLLIN)
            one.ask()
    times.sort()
    at = {p: 1000 * times[min(int(len(times) * p / 100), len(times) - 1)] for p in (50, 99)}
    return {
        "requests": len(times),
        "failed": failed,
        "seconds": now - start,
        "p50": at[50],
        "p99": at[99],
    }


def main() -> None:
    role, port, *rest = sys.argv[1:]
    if role == "serve":
        serve(int(port), hang="hang" in rest)
    else:
        print(json.dumps(ask(int(port), int(rest[0]), float(rest[1]), varied="varied" in rest)))


if __name__ == "__main__":
    main()
