"""Connections to a side that were closed meanwhile, and what is sent a second time."""

import time

from tests.proxy.conftest import Running
from tests.proxy.sides import Conversation, get, recv_answer


def once(talk: Conversation) -> None:
    """Answer, and close at the next request without reading it to its end."""
    if getattr(talk.client, "used", False):
        talk.reset()
        raise ValueError("the end of the conversation")
    talk.client.used = True  # type: ignore[attr-defined]
    talk.ok(b"once")


def test_a_read_is_sent_again_when_its_connection_was_closed(plane: Running) -> None:
    """The client notices nothing."""
    plane.legacy.script = once
    with plane.connect() as client:
        for _ in range(5):
            client.send(get())
            assert recv_answer(client).body == b"once"
    assert plane.counters.retried["legacy"] >= 1


def test_a_write_is_never_sent_again(plane: Running) -> None:
    """It may have been done: its client hears that nobody knows."""
    plane.legacy.script = once
    with plane.connect() as client:
        client.send(get())
        assert recv_answer(client).status == 200
        client.send(get(method="POST", body=b"x"))
        assert recv_answer(client).status == 502
    assert len([t for t in plane.legacy.seen if t.line.startswith("POST")]) == 1


def test_a_read_is_sent_again_only_once(plane: Running) -> None:
    def script(talk: Conversation) -> None:
        if len(plane.legacy.seen) > 1:
            talk.reset()
            raise ValueError("the end of the conversation")
        talk.ok()

    plane.legacy.script = script
    with plane.connect() as client:
        client.send(get())
        assert recv_answer(client).status == 200
        client.send(get())
        assert recv_answer(client).status == 502
    assert len(plane.legacy.seen) == 3


def test_a_write_takes_no_connection_that_was_idle_for_long(plane: Running) -> None:
    """Applications close idle connections, and a write cannot be repeated."""
    with plane.connect() as client:
        client.send(get())
        assert recv_answer(client).status == 200
        time.sleep(0.7)
        client.send(get(method="POST", body=b"x"))
        assert recv_answer(client).status == 200
    assert plane.legacy.connections == 2


def test_a_connection_that_the_side_will_close_is_not_kept(plane: Running) -> None:
    plane.legacy.script = lambda c: c.ok(b"", "Connection: close")
    with plane.connect() as client:
        for _ in range(3):
            client.send(get())
            assert recv_answer(client).status == 200
    assert plane.legacy.connections == 3


def test_sides_that_close_after_each_answer_lose_no_request(plane: Running) -> None:
    """Whether or not the proxy has seen the end when the next request comes."""

    def script(talk: Conversation) -> None:
        talk.ok(b"x")
        talk.client.close()
        raise ValueError("the end of the conversation")

    plane.legacy.script = script
    with plane.connect() as client:
        for _ in range(200):
            client.send(get())
            assert recv_answer(client).status == 200
