"""The admin listener: state, metrics and route changes, for those who hold the token.

A thread of its own serves it, so that nothing asked here delays a client of the proxy.
"""

import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import AF_INET6, SO_REUSEADDR, SOL_SOCKET
from typing import Any
from urllib.parse import parse_qs, urlsplit

from strangler.errors import EnvironmentProblem, StranglerError
from strangler_proxy.settings import Address

#: A header that no form and no simple request of a foreign page can send.
CUSTOM = "X-Strangler-Admin"

_MOST_BODY = 64 * 1024
_MOST_THREADS = 16
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What came; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back."""

    status: int
    body: bytes
    kind: str = "application/json"


class Refused(Exception):
    """A request that is not served: status and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


#: Serves a path: gets the request, its JSON object for writes, and returns what to answer.
Handler = Callable[[Request, Mapping[str, Any]], Response]


class Admin:
    """Decides who may ask; `reads` and `writes` are handlers by path."""

    def __init__(
        self,
        address: Address,
        token: str,
        reads: Mapping[str, Handler],
        writes: Mapping[str, Handler],
    ) -> None:
        names = {address.host, "localhost", "127.0.0.1", "[::1]"}
        self._hosts = {f"{name}:{address.port}" for name in names} | {address.authority.decode()}
        self._token = token.encode()
        self._reads = reads
        self._writes = writes

    def answer(self, request: Request) -> Response:
        """The answer to a request; every known failure is one with its reason."""
        try:
            return self._answer(request)
        except Refused as refused:
            return told({"error": str(refused)}, refused.status)
        except StranglerError as error:
            return told({"error": str(error)}, 400)

    def _answer(self, request: Request) -> Response:
        if request.headers.get("host", "") not in self._hosts:
            raise Refused(403, "this host name is not ours")
        given = request.headers.get("authorization", "").encode("latin-1", "replace")
        scheme, _, token = given.partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(token.strip(), self._token):
            raise Refused(401, "the token is missing, or wrong")
        if request.method in {"GET", "HEAD"}:
            return self._served(self._reads, self._writes, request, {})
        if request.method != "POST":
            raise Refused(405, "GET or POST")
        self._same_origin(request)
        return self._served(self._writes, self._reads, request, _object(request))

    def _served(
        self,
        handlers: Mapping[str, Handler],
        others: Mapping[str, Handler],
        request: Request,
        data: Mapping[str, Any],
    ) -> Response:
        handler = handlers.get(request.path)
        if handler is not None:
            return handler(request, data)
        raise Refused(405 if request.path in others else 404, "there is nothing here")

    def _same_origin(self, request: Request) -> None:
        """Refuse what a page of another site sent, and what might be."""
        origin = request.headers.get("origin")
        if origin is not None and origin not in {f"http://{host}" for host in self._hosts}:
            raise Refused(403, "another site asks")
        if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            raise Refused(403, "another site asks")
        if request.headers.get(CUSTOM.lower()) != "1":
            raise Refused(403, f"{CUSTOM}: 1 is missing")


def _object(request: Request) -> Mapping[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refused(415, "Content-Type: application/json")
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is no JSON") from None
    if not isinstance(data, dict):
        raise Refused(400, "the body is no object")
    return data


def told(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n")


class Listener:
    """Listens in threads; `stop` ends them."""

    def __init__(self, address: Address, admin: Admin) -> None:
        self._server = _Server(address, admin)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="admin", daemon=True, args=(0.1,)
        )
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests."""
        self._server.shutdown()
        self._server.server_close()


def check_address(address: Address, *, chosen: bool) -> None:
    """Refuse to listen to other machines unless the token was `chosen` by a person."""
    try:
        loopback = address.host == "localhost" or ip_address(address.host).is_loopback
    except ValueError:
        loopback = False
    if not loopback and not chosen:
        raise EnvironmentProblem(
            f"[proxy] admin = {address.host}:{address.port} is open to other machines",
            hint="choose 127.0.0.1, or set STRANGLER_ADMIN_TOKEN",
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: Address, admin: Admin) -> None:
        self.admin = admin
        self.room = threading.Semaphore(_MOST_THREADS)
        if ":" in address.host:
            self.address_family = AF_INET6
        try:
            super().__init__((address.host, address.port), _Handler)
        except OSError as error:
            raise EnvironmentProblem(
                f"cannot listen at {address.host}:{address.port}: {error.strerror}",
                hint="another program may be there: choose [proxy] admin",
            ) from error

    def server_bind(self) -> None:
        # not the inherited one, which asks the name service for our name
        self.socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "strangler", int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self.room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 10.0
    server_version = "strangler"
    sys_version = ""

    def _any(self) -> None:
        self.close_connection = True
        try:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        except ValueError:
            self._send(told({"error": "the target is no URL"}, 400))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        size = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not size.isdecimal() or int(size) > _MOST_BODY:
            self._send(told({"error": "the body is too large, or has no length"}, 413))
            return
        body = self.rfile.read(int(size))
        request = Request(self.command, parts.path, query, headers, body)
        self._send(self.server.admin.answer(request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _any

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if response.status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Type", response.kind)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:
        """The audit log says what changed; the rest is no news."""
