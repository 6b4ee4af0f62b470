"""The plane as a process lives: changes under load, drains, ports, signals."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from strangler.errors import EnvironmentProblem
from strangler_proxy.plane import listening
from strangler_proxy.routes import Route
from strangler_proxy.settings import Address
from tests.proxy.conftest import Running
from tests.proxy.sides import Conversation, Side, get, recv_answer


def test_two_hundred_changes_under_load_lose_no_request(plane: Running) -> None:
    """Each request sees one table."""
    failed, served, ended = [], [0], threading.Event()

    def load() -> None:
        with plane.connect() as client:
            while not ended.is_set():
                client.send(get("/items/1/"))
                got = recv_answer(client)
                served[0] += 1
                if got.status != 200 or got.body not in {b"legacy", b"new"}:
                    failed.append(got)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(200):
        mode = ("legacy", "shadow", "canary", "new")[number % 4]
        plane.use(Route("GET /items/{pk}/", mode, 50, 1.0), generation=number)  # type: ignore[arg-type]
    ended.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert served[0] > 50


def test_a_drain_lets_requests_end(plane: Running) -> None:
    """The last answer says that the connection closes; new connections are refused."""
    answer, plane.legacy.came = threading.Event(), threading.Event()

    def script(talk: Conversation) -> None:
        answer.wait(5)
        talk.ok(b"late")

    plane.legacy.script = script
    with plane.connect() as busy, plane.connect() as idle:
        busy.send(get())
        assert plane.legacy.came.wait(5)
        stopping = threading.Thread(target=plane.stop)
        stopping.start()
        assert idle.rest() == b""
        with pytest.raises(OSError, match=r"refused|reset"):
            plane.connect()
        answer.set()
        got = recv_answer(busy)
        assert (got.body, got.headers["connection"]) == (b"late", "close")
        stopping.join(5)
        assert not stopping.is_alive()


def test_a_drain_ends_although_a_request_does_not(start: Callable[..., Running]) -> None:
    plane = start(drain=0.5)
    plane.legacy.script = lambda c: time.sleep(5)
    with plane.connect() as client:
        client.send(get())
        assert plane.legacy.came.wait(5)
        plane.stop()
        assert client.rest() == b""


def test_a_port_in_use_is_a_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EnvironmentProblem, match=r"cannot listen at 127\.0\.0\.1"):
            listening(Address("127.0.0.1", port))


PROGRAM = """
import sys
from pathlib import Path
from strangler_proxy.counters import Counters
from strangler_proxy.running import RoutesFile, run, serve
from strangler_proxy.settings import Address, Settings
from tests.proxy.conftest import CATALOGUE
settings = Settings(
    Address("127.0.0.1", 0), Address("127.0.0.1", int(sys.argv[1])),
    Address("127.0.0.1", int(sys.argv[2])), key=b"k",
)
file = RoutesFile(Path(sys.argv[3]), CATALOGUE, Counters())
run(serve(settings, file, ready=lambda plane: print(plane.port, flush=True)))
"""


def test_a_process_reads_its_file_again_and_drains(
    legacy: Side, new: Side, tmp_path: Path, repository: Path
) -> None:
    """A file that is replaced takes effect; SIGTERM ends it with 0."""
    file = tmp_path / "routes.toml"
    command = [sys.executable, "-c", PROGRAM, str(legacy.port), str(new.port), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=repository) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as client:
            (tmp_path / "draft").write_text('[[route]]\nendpoint = "GET /items/"\nmode = "new"\n')
            os.replace(tmp_path / "draft", file)
            answer = b""
            with contextlib.suppress(TimeoutError):
                for _ in range(100):
                    client.sendall(get())
                    answer = client.recv(65536)
                    if answer.endswith(b"new"):
                        break
                    time.sleep(0.05)
        assert answer.endswith(b"new")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
