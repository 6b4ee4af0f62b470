"""Which header fields of a client reach an application."""

from collections.abc import Callable
from ipaddress import ip_network

import pytest

from tests.proxy.conftest import Running
from tests.proxy.sides import get

DROPPED = [
    "X-Forwarded-Host: evil", "X-Forwarded-Proto: https", "X-Forwarded-Port: 1", "Forwarded: for=1",
    "X-Real-IP: 1.2.3.4", "X_Forwarded_Host: evil", "X.Forwarded.Host: evil", "Content_Length: 3",
    "X-Strangler-Shadow: 1", "X-Strangler-Side: new", "x-strangler-anything: 1", "Proxy: evil",
    "Proxy-Connection: close", "Proxy-Authorization: Basic eA==", "TE: trailers", "Trailer: X",
    "Keep-Alive: 5", "Upgrade: h2c", "X_Auth_User: admin",
]  # fmt: skip


@pytest.mark.parametrize("line", DROPPED)
def test_it_does_not_pass(plane: Running, line: str) -> None:
    """Neither by its name nor by one that an application reads as the same."""
    plane.ask(get("/items/", line))
    name, _, value = line.partition(": ")
    assert value not in plane.legacy.seen[0].header(name)


def test_what_connection_names_does_not_pass(plane: Running) -> None:
    """The client says itself that it is for the proxy only."""
    plane.ask(get("/items/", "Connection: close, X-Secret", "X-Secret: 1", "X-Open: 1"))
    talk = plane.legacy.seen[0]
    assert (talk.header("x-secret"), talk.header("x-open")) == ([], ["1"])
    assert talk.header("connection") == []


def test_a_trailer_does_not_pass(plane: Running) -> None:
    """Some servers hand trailers to the application as headers."""
    plane.ask(
        b"POST /items/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\nx\r\n0\r\nX-Role: admin\r\n\r\n"
    )
    assert plane.legacy.seen[0].body == b"x"
    assert plane.legacy.seen[0].client.silent()


def test_the_client_is_named_by_its_address(plane: Running) -> None:
    """What a client says about itself is replaced by what is true."""
    plane.ask(get("/items/", "X-Forwarded-For: 6.6.6.6"))
    talk = plane.legacy.seen[0]
    assert talk.header("x-forwarded-for") == ["127.0.0.1"]
    assert talk.header("x-forwarded-proto") == ["http"]


def test_a_trusted_peer_is_believed(start: Callable[..., Running]) -> None:
    """Behind another proxy its word stands, and nothing is said twice."""
    plane = start(trusted=(ip_network("127.0.0.0/8"),))
    plane.ask(get("/items/", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https"))
    talk = plane.legacy.seen[0]
    assert talk.header("x-forwarded-for") == ["6.6.6.6, 127.0.0.1"]
    assert talk.header("x-forwarded-proto") == ["https"]


def test_host_and_all_others_stay_as_they_are(plane: Running) -> None:
    """Absolute URLs and origin checks depend on it."""
    plane.ask(get("/items/", "Cookie: a=b; c=d", "Origin: http://testserver", "X-Odd:  two  "))
    talk = plane.legacy.seen[0]
    assert talk.header("host") == ["testserver"]
    assert talk.header("cookie") == ["a=b; c=d"]
    assert talk.header("origin") == ["http://testserver"]


def test_a_loop_is_seen(plane: Running) -> None:
    """A request that comes back to the same proxy ends there."""
    plane.ask(get())
    (via,) = plane.legacy.seen[0].header("via")
    assert plane.ask(get("/items/", f"Via: {via}")).status == 508


def test_an_answer_keeps_its_fields_but_those_of_the_connection(plane: Running) -> None:
    """Order, case and repetition of the others stay."""
    plane.legacy.script = lambda c: c.ok(
        b"x", "Set-Cookie: a=1", "X-B: 2", "Set-Cookie: b=2", "Connection: keep-alive, X-Hop",
        "X-Hop: 1", "Keep-Alive: timeout=5", "Via: 1.1 other",
    )  # fmt: skip
    assert plane.ask(get()).raw == [
        ("content-length", "1"),
        ("set-cookie", "a=1"),
        ("x-b", "2"),
        ("set-cookie", "b=2"),
        ("via", "1.1 other"),
    ]
