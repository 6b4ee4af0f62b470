"""Sides that break, in every way that they can."""

import time
from collections.abc import Callable

import pytest

from tests.proxy.conftest import Running
from tests.proxy.sides import Conversation, Script, get, recv_answer

OK = b"HTTP/1.1 200 OK\r\n"


def says(data: bytes, *, close: bool = True) -> Script:
    """Send these bytes, and end the connection."""

    def script(talk: Conversation) -> None:
        talk.say(data)
        if close:
            talk.client.socket.shutdown(1)
            raise ValueError("the end of the conversation")

    return script


def resets(data: bytes) -> Script:
    def script(talk: Conversation) -> None:
        talk.say(data)
        time.sleep(0.05)
        talk.reset()
        raise ValueError("the end of the conversation")

    return script


def later(first: bytes, then: bytes) -> Script:
    """Send the second part when the first was read."""

    def script(talk: Conversation) -> None:
        talk.say(first)
        time.sleep(0.05)
        talk.say(then)

    return script


BEFORE_THE_HEAD = {
    "closes at once": says(b""),
    "resets at once": resets(b""),
    "half a head": says(OK + b"Content-Le"),
    "half a head, then reset": resets(OK + b"Content-Le"),
    "garbage": says(b"SSH-2.0-OpenSSH\r\n\r\n"),
    "garbage without an end": says(b"x" * 100, close=False),
    "HTTP/0.9": says(b"<html></html>\r\n\r\n"),
    "bare LFs": says(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", close=False),
    "two lengths": says(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "two equal lengths": says(OK + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na"),
    "a negative length": says(OK + b"Content-Length: -1\r\n\r\n"),
    "length and chunks": says(OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "an unknown coding": says(OK + b"Transfer-Encoding: gzip\r\n\r\nx"),
    "a bare CR": says(OK + b"X: a\rb\r\nContent-Length: 0\r\n\r\n"),
    "a NUL": says(OK + b"X: a\0b\r\nContent-Length: 0\r\n\r\n"),
    "a folded field": says(OK + b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
    "200 kB of fields": says(OK + b"X: " + b"a" * 200_000 + b"\r\n\r\n"),
    "an unsolicited 101": says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
    "2,000 interim answers": says(b"HTTP/1.1 102 Processing\r\n\r\n" * 2000),
    "a status of four digits": says(b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
    "a bad first chunk": says(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BEFORE_THE_HEAD)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_answer_is_a_502(plane: Running, fault: str, method: str) -> None:
    """The client's connection stays, a write was sent once, and the next request is served."""
    with plane.connect() as client:
        plane.legacy.script = BEFORE_THE_HEAD[fault]
        client.send(get(method=method, body=b"x" if method == "POST" else b""))
        assert recv_answer(client).status == 502
        if method == "POST":
            assert len(plane.legacy.seen) == 1
        plane.legacy.script = lambda c: c.ok(b"again")
        client.send(get())
        assert recv_answer(client).body == b"again"


AFTER_THE_HEAD = {
    "a short body": says(OK + b"Content-Length: 100\r\n\r\nabc"),
    "a short body, then reset": resets(OK + b"Content-Length: 100\r\n\r\nabc"),
    "chunks without an end": says(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
    "a bad later chunk": later(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"zz\r\n"),
    "half a chunk": says(OK + b"Transfer-Encoding: chunked\r\n\r\n64\r\nabc"),
}


@pytest.mark.parametrize("fault", AFTER_THE_HEAD)
def test_half_an_answer_never_looks_whole(plane: Running, fault: str) -> None:
    """Its client sees that something is missing; others are served."""
    split = AFTER_THE_HEAD[fault]
    plane.legacy.script = split
    got = plane.ask(get())
    assert not got.complete
    plane.legacy.script = lambda c: c.ok(b"again")
    assert plane.ask(get()).body == b"again"


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 2\r\n\r\nokEXTRA",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nEXTRA",
        OK + b"Content-Length: 2\r\n\r\nok" + OK + b"Content-Length: 4\r\n\r\nevil",
    ],
)
def test_extra_bytes_answer_nobody_else(plane: Running, data: bytes) -> None:
    """The answer is good, the connection is not used again."""
    plane.legacy.script = says(data, close=False)
    with plane.connect() as client:
        client.send(get())
        assert recv_answer(client).body == b"ok"
        plane.legacy.script = lambda c: c.ok(b"next")
        client.send(get())
        assert recv_answer(client).body == b"next"
    assert plane.legacy.connections == 2


def test_a_204_with_a_body_poisons_nothing(plane: Running) -> None:
    """A 204 ends with its head, whatever its application thinks."""
    plane.legacy.script = says(
        b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil", close=False
    )
    with plane.connect() as client:
        client.send(get())
        got = recv_answer(client)
        assert (got.status, got.headers.get("content-length")) == (204, None)
        plane.legacy.script = lambda c: c.ok(b"next")
        client.send(get())
        assert recv_answer(client).body == b"next"


def test_a_side_that_refuses_is_a_502(plane: Running) -> None:
    plane.legacy.refuse()
    assert plane.ask(get()).status == 502
    assert plane.counters.upstream["legacy", "refused"] == 1


def test_a_side_that_hangs_is_a_504(start: Callable[..., Running]) -> None:
    plane = start(answer_head=0.3)
    plane.legacy.script = lambda c: time.sleep(3)
    assert plane.ask(get(method="POST", body=b"x")).status == 504
    assert len(plane.legacy.seen) == 1


def test_a_body_that_hangs_is_cut(start: Callable[..., Running]) -> None:
    """After the head there is no status left to say it by."""
    plane = start(answer_idle=0.3)

    def script(talk: Conversation) -> None:
        talk.say(OK + b"Content-Length: 100\r\n\r\nabc")
        time.sleep(3)

    plane.legacy.script = script
    assert not plane.ask(get()).complete


def test_failures_are_counted_for_their_side(plane: Running) -> None:
    plane.legacy.script = says(b"garbage\r\n\r\n")
    plane.ask(get())
    series = plane.counters.of("GET /items/", "legacy")
    assert (series.failures, series.statuses[5]) == (1, 1)
