"""Shadows: what is compared, what the other side sees, and that the client never waits for it."""

import hmac
import threading
import time
from collections.abc import Callable

import pytest

from strangler_proxy.routes import Route
from tests.proxy.conftest import KEY, Running
from tests.proxy.sides import Conversation, Script, get, recv_answer

SHADOW = Route("GET /items/", "shadow", compare=1.0)


def test_both_answers_come_as_a_pair(plane: Running) -> None:
    """The client's was legacy's."""
    plane.use(SHADOW, generation=4)
    plane.new.script = lambda c: c.ok(b"other", "X-New: 1", status="404 Not Found")
    assert plane.ask(get("/items/?a=%2f", "Cookie: c=1")).body == b"legacy"
    pair = plane.pairs.wait()
    assert (pair.endpoint, pair.method, pair.target) == ("GET /items/", "GET", b"/items/?a=%2f")
    assert (pair.served, pair.mode, pair.generation) == ("legacy", "shadow", 4)
    assert (b"Cookie", b"c=1") in pair.request_headers
    assert (pair.legacy.status, pair.legacy.body, pair.legacy.problem) == (200, b"legacy", None)
    assert (pair.new.status, pair.new.body, pair.new.problem) == (404, b"other", None)
    assert (b"X-New", b"1") in pair.new.headers
    assert abs(pair.started - time.time()) < 30


def test_the_shadow_is_the_same_request_with_a_signed_mark(plane: Running) -> None:
    plane.use(SHADOW)
    plane.ask(get("/items/?a=b", "Cookie: c=1", "X-Strangler-Shadow: forged"))
    plane.pairs.wait()
    first, second = plane.legacy.seen[0], plane.new.seen[0]
    assert first.header("x-strangler-shadow") == []
    (mark,) = second.header("x-strangler-shadow")
    assert second.head.replace(f"\r\nX-Strangler-Shadow: {mark}".encode(), b"") == first.head
    seconds, nonce, digest = mark.split(".")
    signed = f"shadow|{seconds}|{nonce}|GET|/items/?a=b".encode()
    assert digest == hmac.new(KEY, signed, "sha256").hexdigest()
    assert abs(int(seconds) - time.time()) < 30


def test_no_two_marks_are_alike(plane: Running) -> None:
    plane.use(SHADOW)
    for _ in range(5):
        plane.ask(get())
    for _ in range(100):
        if len(plane.pairs.pairs) == 5:
            break
        time.sleep(0.02)
    assert len({talk.header("x-strangler-shadow")[0] for talk in plane.new.seen}) == 5


def test_the_reverse_shadow_asks_legacy(plane: Running) -> None:
    """On new, with comparison: the client gets new's answer."""
    plane.use(Route("GET /items/", "new", compare=1.0))
    assert plane.ask(get()).body == b"new"
    pair = plane.pairs.wait()
    assert (pair.served, pair.legacy.body, pair.new.body) == ("new", b"legacy", b"new")


def test_head_is_compared_without_a_body(plane: Running) -> None:
    plane.use(SHADOW)
    plane.ask(get(method="HEAD"), method="HEAD")
    pair = plane.pairs.wait()
    assert (pair.legacy.body, pair.new.body) == (b"", b"")


@pytest.mark.parametrize("method", ["POST", "DELETE", "PURGE"])
def test_a_write_is_sent_to_one_side_only(plane: Running, method: str) -> None:
    plane.use(Route("ANY /any/", "shadow", compare=1.0))
    plane.ask(get("/any/", method=method, body=b"x"))
    assert plane.counters.shadow["unsafe"] == 1
    time.sleep(0.1)
    assert not plane.new.seen


def test_a_read_with_a_body_is_not_repeated(plane: Running) -> None:
    plane.use(SHADOW)
    plane.ask(get(body=b"x"))
    assert plane.counters.shadow["unsafe"] == 1


def test_a_read_that_was_seen_writing_is_not_repeated(plane: Running) -> None:
    plane.use(SHADOW)
    plane.plane.unsafe.add("GET /items/")
    plane.ask(get())
    assert plane.counters.shadow["unsafe"] == 1


def test_the_share_that_is_compared_is_a_share(plane: Running) -> None:
    plane.use(Route("GET /items/", "shadow", compare=0.5))
    with plane.connect() as client:
        for _ in range(200):
            client.send(get())
            recv_answer(client)
    assert 50 < plane.counters.shadow["sampled-out"] < 150


def chunks_for_ever(talk: Conversation) -> None:
    talk.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100):
        talk.say(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        time.sleep(0.01)


def one_byte(talk: Conversation) -> None:
    talk.say(b"H")
    time.sleep(5)


def half_a_body(talk: Conversation) -> None:
    talk.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")
    talk.reset()


FAULTS: dict[str, tuple[Script, str]] = {
    "it hangs": (lambda c: time.sleep(5), "timeout"),
    "it closes": (lambda c: c.reset(), "reset"),
    "it talks nonsense": (lambda c: c.say(b"nonsense\r\n\r\n"), "error"),
    "it is slow": (one_byte, "timeout"),
    "it breaks off": (half_a_body, "truncated"),
    "it sends too much": (lambda c: c.ok(b"x" * 3000), "too-big"),
    "it never ends": (chunks_for_ever, "too-big"),
    "it streams": (lambda c: c.ok(b"", "Content-Type: text/event-stream"), "stream"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_shadow_harms_no_client(start: Callable[..., Running], fault: str) -> None:
    """The client has its answer at once; the pair says what was wrong."""
    plane = start(shadow_time=0.5, shadow_body=2000)
    plane.use(SHADOW)
    plane.new.script, problem = FAULTS[fault]
    assert plane.ask(get()).body == b"legacy"
    pair = plane.pairs.wait()
    assert (pair.new.problem, pair.new.body, pair.legacy.body) == (problem, None, b"legacy")


def test_a_shadow_that_refuses_harms_no_client(plane: Running) -> None:
    plane.use(SHADOW)
    plane.new.refuse()
    assert plane.ask(get()).body == b"legacy"
    assert plane.pairs.wait().new.problem == "refused"


def test_the_client_has_its_answer_before_the_shadow_is_sent(plane: Running) -> None:
    answered = threading.Event()
    order: list[str] = []
    plane.use(SHADOW)

    def script(talk: Conversation) -> None:
        answered.wait(5)
        order.append("shadow")
        talk.ok()

    plane.new.script = script
    plane.ask(get())
    order.append("client")
    answered.set()
    plane.pairs.wait()
    assert order == ["client", "shadow"]


def test_too_large_an_answer_is_not_kept(start: Callable[..., Running]) -> None:
    """Whether its length is said or found out."""
    plane = start(shadow_body=1000)
    plane.use(SHADOW)
    plane.legacy.script = lambda c: c.ok(b"x" * 1001)
    assert plane.ask(get()).complete
    plane.legacy.script = lambda c: c.say(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"
    )
    assert plane.ask(get()).complete
    assert plane.counters.shadow["too-big"] == 2
    assert not plane.new.seen


def test_the_queue_is_bounded_and_drops_the_newest(start: Callable[..., Running]) -> None:
    plane = start(shadow_queue=3, shadow_running=1)
    plane.use(SHADOW)
    plane.new.script = lambda c: time.sleep(5)
    with plane.connect() as client:
        for _ in range(10):
            client.send(get())
            assert recv_answer(client).body == b"legacy"
    assert plane.counters.shadow["queue-full"] == 6


def test_the_queue_is_bounded_in_bytes(start: Callable[..., Running]) -> None:
    plane = start(shadow_bytes=25_000, shadow_running=1)
    plane.use(SHADOW)
    plane.new.script = lambda c: time.sleep(5)
    plane.legacy.script = lambda c: c.ok(b"x" * 10_000)
    with plane.connect() as client:
        for _ in range(5):
            client.send(get())
            assert recv_answer(client).status == 200
    assert plane.counters.shadow["queue-full"] == 3


def test_shadows_use_their_connections_again(plane: Running) -> None:
    plane.use(SHADOW)
    with plane.connect() as client:
        for number in range(5):
            client.send(get())
            recv_answer(client)
            while len(plane.pairs.pairs) <= number:
                time.sleep(0.005)
    assert plane.new.connections == 1
    assert plane.counters.shadow["sent"] == 5
