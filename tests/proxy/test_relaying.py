"""Requests and answers on their way through."""

from tests.proxy.conftest import Running
from tests.proxy.sides import get, recv_answer


def test_a_request_reaches_legacy_and_its_answer_comes_back(plane: Running) -> None:
    """Without routes legacy answers, and the client reads what it said."""
    got = plane.ask(get("/items/?page=2"))
    assert (got.status, got.body) == (200, b"legacy")
    assert plane.legacy.seen[0].line == "GET /items/?page=2 HTTP/1.1"


def test_a_connection_carries_one_request_after_the_other(plane: Running) -> None:
    """Both connections are kept: the client's and the side's."""
    with plane.connect() as client:
        for _ in range(5):
            client.send(get())
            assert recv_answer(client).body == b"legacy"
    assert plane.legacy.connections == 1
