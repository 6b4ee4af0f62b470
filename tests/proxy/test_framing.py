"""Bodies and their ends: what each side of the proxy says about them, and what comes through."""

import contextlib
import threading
import time
from collections.abc import Callable

import pytest

from tests.proxy.conftest import Running
from tests.proxy.sides import Conversation, Raw, get, recv_answer

OK = b"HTTP/1.1 200 OK\r\n"


def test_head_has_a_length_and_no_body(plane: Running) -> None:
    """Its length is that of the GET, and the connection goes on."""
    plane.legacy.script = lambda c: c.say(OK + b"Content-Length: 1000\r\n\r\n")
    with plane.connect() as client:
        for _ in range(2):
            client.send(get(method="HEAD"))
            got = recv_answer(client, head=True)
            assert (got.status, got.headers["content-length"]) == (200, "1000")
        assert client.silent()
    assert plane.legacy.connections == 1


def test_not_modified_may_have_a_length(plane: Running) -> None:
    plane.legacy.script = lambda c: c.say(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")
    with plane.connect() as client:
        for _ in range(2):
            client.send(get())
            assert recv_answer(client).status == 304
    assert plane.legacy.connections == 1


def test_interim_answers_come_first(plane: Running) -> None:
    """103 with its links reaches the client before the answer."""
    plane.legacy.script = lambda c: c.say(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok"
    )
    with plane.connect() as client:
        client.send(get())
        assert client.until(b"\r\n\r\n") == b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>"
        assert recv_answer(client).body == b"ok"


def test_a_client_of_1_0_gets_no_interim_and_no_chunks(plane: Running) -> None:
    plane.legacy.script = lambda c: c.say(
        b"HTTP/1.1 103 Early Hints\r\n\r\n"
        + OK
        + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    )
    with plane.connect() as client:
        client.send(b"GET /items/ HTTP/1.0\r\n\r\n")
        answer = client.rest()
    assert answer.startswith(OK)
    assert answer.endswith(b"\r\n\r\nok")
    assert b"chunked" not in answer


def test_a_client_of_1_0_may_keep_its_connection(plane: Running) -> None:
    with plane.connect() as client:
        for _ in range(2):
            client.send(b"GET /items/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert recv_answer(client).headers["connection"] == "keep-alive"


def test_chunks_come_through_and_their_connection_is_kept(plane: Running) -> None:
    plane.legacy.script = lambda c: c.say(
        OK + b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n"
    )
    with plane.connect() as client:
        for _ in range(2):
            client.send(get())
            got = recv_answer(client)
            assert (got.body, got.complete) == (b"ok", True)
    assert plane.legacy.connections == 1


def test_a_body_that_ends_with_its_connection_is_chunked(plane: Running) -> None:
    """So the client sees its end, and keeps its own connection."""

    def script(talk: Conversation) -> None:
        talk.say(b"HTTP/1.0 200 OK\r\n\r\nall")
        talk.client.socket.shutdown(1)
        raise ValueError("the end of the conversation")

    plane.legacy.script = script
    with plane.connect() as client:
        for _ in range(2):
            client.send(get())
            got = recv_answer(client)
            assert (got.body, got.headers["transfer-encoding"]) == (b"all", "chunked")


@pytest.mark.parametrize("size", [0, 1, 65_536, 3_000_000])
def test_a_body_with_a_length_arrives_whole(plane: Running, size: int) -> None:
    body = bytes(n % 251 for n in range(size))
    got = plane.ask(
        get(method="POST", body=body)
        if size
        else get("/items/", "Content-Length: 0", method="POST")
    )
    assert got.status == 200
    talk = plane.legacy.seen[0]
    assert talk.header("content-length") == [str(size)]
    assert talk.body == body


def test_a_body_in_chunks_arrives_whole(plane: Running) -> None:
    """In pieces that cut chunks anywhere."""
    head = b"POST /items/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n"
    with plane.connect() as client:
        client.send(head)
        for position in range(0, len(chunks), 3):
            client.send(chunks[position : position + 3])
            time.sleep(0.002)
        assert recv_answer(client).status == 200
        client.send(get())
        assert recv_answer(client).status == 200
    assert plane.legacy.seen[0].body == b"hello world"


def test_pipelined_requests_are_answered_in_order(plane: Running) -> None:
    plane.legacy.script = lambda c: c.ok(c.line.split(" ")[1].encode())
    with plane.connect() as client:
        client.send(b"".join(get(f"/items/{n}/") for n in range(20)))
        assert [recv_answer(client).body for _ in range(20)] == [
            f"/items/{n}/".encode() for n in range(20)
        ]


def test_a_request_behind_a_body_is_the_next_one(plane: Running) -> None:
    with plane.connect() as client:
        client.send(get(method="POST", body=b"hello") + get("/items/2/"))
        assert recv_answer(client).status == 200
        assert recv_answer(client).status == 200
    assert [talk.line.split(" ")[1] for talk in plane.legacy.seen] == ["/items/", "/items/2/"]


def test_an_expectation_is_the_applications_to_meet(plane: Running) -> None:
    """100 comes from it, then the body is sent."""
    plane.legacy.read_bodies = False

    def script(talk: Conversation) -> None:
        assert talk.header("expect") == ["100-continue"]
        talk.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        talk.ok(talk.client.exactly(5))

    plane.legacy.script = script
    with plane.connect() as client:
        client.send(get("/items/", "Expect: 100-continue", "Content-Length: 5", method="POST"))
        assert client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue"
        client.send(b"hello")
        assert recv_answer(client).body == b"hello"


def test_an_early_refusal_reaches_a_client_that_still_sends(plane: Running) -> None:
    """A 413 before the end of the upload, not a reset."""
    plane.legacy.read_bodies = False

    def script(talk: Conversation) -> None:
        talk.ok(b"too much", "Connection: close", status="413 Content Too Large")
        raise ValueError("the end of the conversation")

    plane.legacy.script = script
    with plane.connect() as client:
        client.send(get("/items/", "Content-Length: 50000000", method="POST"))
        stopped = threading.Event()

        def upload() -> None:
            try:
                while not stopped.is_set():
                    client.send(b"x" * 65_536)
                    time.sleep(0.001)
            except OSError:
                pass

        sending = threading.Thread(target=upload)
        sending.start()
        time.sleep(0.3)  # a client that reads late, and sends all the while
        got = recv_answer(client)
        stopped.set()
        sending.join()
    assert (got.status, got.body) == (413, b"too much")
    assert got.headers["connection"] == "close"


def test_a_client_that_does_not_read_holds_the_side_back(plane: Running) -> None:
    """40 MB wait where they are, not in the proxy's memory."""
    sent = []

    def script(talk: Conversation) -> None:
        talk.client.socket.settimeout(1.0)
        talk.client.send(OK + b"Content-Length: 40000000\r\n\r\n")
        try:
            for _ in range(400):
                talk.client.send(b"x" * 100_000)
                sent.append(100_000)
        except TimeoutError:
            sent.append(-1)
            talk.client.socket.settimeout(10)

    plane.legacy.script = script
    with plane.connect() as client:
        client.send(get())
        while not sent or sent[-1] != -1:
            time.sleep(0.05)
            assert sum(sent) < 20_000_000


def test_a_side_that_does_not_read_holds_the_client_back(plane: Running) -> None:
    plane.legacy.read_bodies = False
    waiting = threading.Event()

    def script(talk: Conversation) -> None:
        waiting.wait(5)
        talk.ok(b"done" if len(talk.client.exactly(40_000_000)) == 40_000_000 else b"short")

    plane.legacy.script = script
    with plane.connect() as client:
        client.send(get("/items/", "Content-Length: 40000000", method="POST"))
        client.socket.settimeout(0.5)
        sent, block = 0, b"x" * 100_000
        try:
            while sent < 40_000_000:
                sent += client.socket.send(block[: 40_000_000 - sent])
        except TimeoutError:
            pass
        assert sent < 20_000_000
        waiting.set()
        client.socket.settimeout(10)
        while sent < 40_000_000:
            sent += client.socket.send(block[: 40_000_000 - sent])
        assert recv_answer(client).body == b"done"


def test_a_client_that_leaves_ends_its_request(plane: Running) -> None:
    """The application sees it, and nobody is blamed."""
    gone = threading.Event()

    def script(talk: Conversation) -> None:
        while talk.client.more():
            pass
        gone.set()

    plane.legacy.script = script
    client = plane.connect()
    client.send(get())
    assert plane.legacy.came.wait(5)
    client.close()
    assert gone.wait(5)
    series = plane.counters.of("GET /items/", "legacy")
    assert (series.statuses[0], series.failures) == (1, 0)


def test_a_slow_head_is_given_up(start: Callable[..., Running]) -> None:
    plane = start(head_time=0.4)
    with plane.connect() as client:
        client.send(b"GET /items/ HTTP/1.1\r\nHo")
        assert client.rest().startswith(b"HTTP/1.1 408 ")


def test_two_hundred_slow_clients_stop_nobody(start: Callable[..., Running]) -> None:
    """Half of them in their heads, half in their bodies, a byte now and then."""
    plane = start(head_time=1.0, body_grace=1.0)
    slow: list[Raw] = [plane.connect() for _ in range(200)]
    for position, client in enumerate(slow):
        client.send(b"POST /items/ HTTP/1.1\r\nHost: a\r\n")
        if position % 2:
            client.send(b"Content-Length: 100\r\n\r\n")
    for _ in range(40):
        assert plane.ask(get()).status == 200
        time.sleep(0.05)
        for position, client in enumerate(slow):
            if position % 2:
                with contextlib.suppress(OSError):
                    client.socket.send(b"x")
    answers = [client.rest() for client in slow]
    for client in slow:
        client.close()
    assert {answer[:12] for answer in answers} <= {b"HTTP/1.1 408", b""}
    assert plane.counters.refused[408] == 200


def test_an_idle_connection_is_closed(start: Callable[..., Running]) -> None:
    plane = start(keep_alive=0.4)
    with plane.connect() as client:
        client.send(get())
        assert recv_answer(client).status == 200
        assert client.rest() == b""


def test_one_client_too_many_is_told_so(start: Callable[..., Running]) -> None:
    plane = start(clients=2)
    with plane.connect() as first, plane.connect() as second:
        for client in (first, second):
            client.send(get())
            assert recv_answer(client).status == 200
        with plane.connect() as third:
            got = recv_answer(third)
            assert (got.status, got.headers["retry-after"]) == (503, "1")
    assert plane.counters.turned_away == 1


def test_a_client_that_never_reads_is_given_up(start: Callable[..., Running]) -> None:
    plane = start(send_idle=0.5)
    plane.legacy.script = lambda c: c.ok(b"x" * 20_000_000)
    with plane.connect() as client:
        client.send(get())
        assert plane.legacy.came.wait(5)
        for _ in range(100):
            time.sleep(0.05)
            if plane.counters.clients == 0:
                break
        assert plane.counters.clients == 0
