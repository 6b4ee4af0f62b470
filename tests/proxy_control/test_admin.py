"""The admin listener on a real socket: who may ask, and what they get."""

import http.client
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from strangler.errors import EnvironmentProblem, UsageError
from strangler_proxy.admin import (
    CUSTOM,
    Admin,
    Listener,
    Request,
    Response,
    check_address,
    told,
)
from strangler_proxy.operating import wish_of
from strangler_proxy.settings import Address
from strangler_proxy.state import KEY_VARIABLE, TOKEN_VARIABLE, StateFolder

TOKEN = "t" * 43


class Got(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Office:
    """A listener with one page to read and one thing to do."""

    def __init__(self) -> None:
        self.port = free_port()
        self.done: list[Any] = []
        address = Address("127.0.0.1", self.port)
        admin = Admin(address, TOKEN, {"/status": self._read}, {"/routes": self._write})
        self.listener = Listener(address, admin)

    def _read(self, request: Request, data: object) -> Response:
        return told({"script": "<script>alert(1)</script>", "query": dict(request.query)})

    def _write(self, request: Request, data: Any) -> Response:
        if data.get("bad"):
            raise UsageError("not so")
        self.done.append(dict(data))
        return told({"done": True})

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str | None) -> Got:
        given = {"Host": f"127.0.0.1:{self.port}", "Authorization": f"Bearer {TOKEN}"}
        given |= {name.replace("_", "-"): v for name, v in headers.items() if v is not None}
        for name in [name for name, v in headers.items() if v is None]:
            given.pop(name, None)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        if body is not None:
            given.setdefault("Content-Length", str(len(body)))
        for name, value in given.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        found = Got(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return found

    def write(self, data: object = None, **headers: str | None) -> Got:
        body = json.dumps({} if data is None else data).encode()
        every = {"Content_Type": "application/json", CUSTOM: "1"} | headers
        return self.ask("POST", "/routes", body, **every)


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office()
    yield made
    made.listener.stop()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/status", "/routes", "/metrics", "/nothing"])
def test_nothing_is_told_without_the_token(office: Office, method: str, path: str) -> None:
    """Not even which paths there are."""
    for wrong in (None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"):
        assert office.ask(method, path, Authorization=wrong).status == 401
    assert office.ask(method, f"{path}?token={TOKEN}", Authorization=None).status == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "evil.example:80", "", None])
def test_foreign_host_names_are_refused(office: Office, host: str | None) -> None:
    """A name that an attacker's DNS leads to us is not ours, token or not."""
    assert office.ask("GET", "/status", Host=host).status == 403


def test_our_names_are_served(office: Office) -> None:
    """With the port, as browsers and scrapers send them."""
    for host in ("127.0.0.1", "localhost", "[::1]"):
        assert office.ask("GET", "/status", Host=f"{host}:{office.port}").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {CUSTOM: None},
        {CUSTOM: "0"},
    ],
)
def test_cross_site_writes_are_refused(office: Office, headers: dict[str, str | None]) -> None:
    """Even with the token, which a browser might have been given."""
    assert office.write(**headers).status == 403
    assert office.done == []


def test_a_write_of_our_own_is_done(office: Office) -> None:
    """With the custom header; an Origin is allowed if it is ours."""
    assert office.write({"a": 1}).status == 200
    own = f"http://127.0.0.1:{office.port}"
    assert office.write({"b": 2}, Origin=own, Sec_Fetch_Site="same-origin").status == 200
    assert office.done == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    ("body", "status", "headers"),
    [
        (b"", 400, {}),
        (b"[1]", 400, {}),
        (b"{", 400, {}),
        (b"\xff", 400, {}),
        (b"[" * 20_000, 400, {}),
        (b"{}", 415, {"Content_Type": "text/plain"}),
        (b"{}", 413, {"Content-Length": "70000"}),
        (b"{}", 413, {"Content-Length": "-1"}),
        (b"0\r\n\r\n", 413, {"Transfer-Encoding": "chunked"}),
        (b'{"bad": true}', 400, {}),
    ],
)
def test_bad_bodies_are_refused(
    office: Office, body: bytes, status: int, headers: dict[str, str]
) -> None:
    """One object of JSON, of a known length that is not too long."""
    every: dict[str, str | None] = {"Content_Type": "application/json", CUSTOM: "1", **headers}
    assert office.ask("POST", "/routes", body, **every).status == status
    assert office.done == []


def test_methods_and_paths_that_are_not_there(office: Office) -> None:
    """Reads are read, writes are posted."""
    assert office.ask("GET", "/routes").status == 405
    assert office.ask("GET", "/nothing").status == 404
    assert office.ask("PUT", "/status").status == 405
    assert office.ask("GET", "/status/../routes").status == 404


def test_every_answer_is_inert_and_kept_by_nobody(office: Office) -> None:
    """Types are said and not guessed, nothing is cached, nothing runs."""
    for got in (office.ask("GET", "/status"), office.ask("GET", "/x", Authorization=None)):
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in got.headers["content-security-policy"]
        assert got.headers["content-type"] == "application/json"
        assert "access-control-allow-origin" not in got.headers


def test_a_client_that_says_nothing_keeps_nobody_waiting(office: Office) -> None:
    """Others are answered meanwhile, up to the number of threads."""
    silent = [socket.create_connection(("127.0.0.1", office.port)) for _ in range(10)]
    assert office.ask("GET", "/status").status == 200
    for each in silent:
        each.close()


def test_garbage_is_answered_or_dropped(office: Office) -> None:
    """And the next request is served."""
    for data in (b"\0\0\0\r\n\r\n", b"GET //[ HTTP/1.1\r\nHost: x\r\n\r\n", b"GET\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", office.port), timeout=5) as client:
            client.sendall(data)
            assert b" 200 " not in client.recv(4096).split(b"\r\n")[0]
    assert office.ask("GET", "/status").status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org"])
def test_only_a_chosen_token_opens_it_to_others(host: str) -> None:
    """A token in a file of ours is not enough beyond this machine."""
    with pytest.raises(EnvironmentProblem, match="open to other machines"):
        check_address(Address(host, 8081), chosen=False)
    check_address(Address(host, 8081), chosen=True)
    for loopback in ("127.0.0.1", "::1", "localhost"):
        check_address(Address(loopback, 8081), chosen=False)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "'endpoint' is missing"),
        ({"endpoint": 1}, "'endpoint' is missing"),
        ({"endpoint": "GET /a/", "mode": "nix"}, "mode should be"),
        ({"endpoint": "GET /a/", "percent": "10%"}, "percent should be a number"),
        ({"endpoint": "GET /a/", "percent": True}, "percent should be a number"),
        ({"endpoint": "GET /a/", "values": 1}, "values should be true or false"),
        ({"endpoint": "GET /a/", "moed": "new"}, "unknown key 'moed'"),
    ],
)
def test_what_is_no_wish_is_refused(data: dict[str, Any], message: str) -> None:
    """Types are not guessed."""
    with pytest.raises(UsageError, match=message):
        wish_of(data)


def test_secrets_are_made_once_and_for_their_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """256 bits in a file that nobody else can read, git included."""
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    folder = StateFolder(tmp_path / ".strangler" / "state")
    token = folder.token()
    assert len(token) >= 43
    assert folder.token() == token != folder.key()
    assert stat.S_IMODE((folder.path / "admin.token").stat().st_mode) == 0o600
    assert (folder.path / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("harm", ["open", "short", "link"])
def test_a_secret_that_others_may_know_is_refused(
    tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than used."""
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    folder = StateFolder(tmp_path)
    folder.token()
    file = tmp_path / "admin.token"
    if harm == "open":
        file.chmod(0o644)
    elif harm == "short":
        file.write_text("short\n")
    else:
        file.rename(tmp_path / "other")
        file.symlink_to(tmp_path / "other")
    with pytest.raises(EnvironmentProblem, match=r"admin\.token"):
        folder.token()


def test_a_chosen_secret_must_be_long_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """128 bits at least; it goes before the file."""
    folder = StateFolder(tmp_path)
    monkeypatch.setenv(KEY_VARIABLE, "x" * 31)
    with pytest.raises(EnvironmentProblem, match="shorter than 32"):
        folder.key()
    monkeypatch.setenv(KEY_VARIABLE, "x" * 32)
    assert folder.key() == "x" * 32
    assert list(tmp_path.iterdir()) == []
