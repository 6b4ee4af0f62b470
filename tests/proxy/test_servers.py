"""Real servers and real clients: gunicorn, uvicorn, WebSockets, event streams."""

import contextlib
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.proxy.conftest import Running
from tests.proxy.sides import Side

APP = """
import asyncio
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

async def echo(socket):
    await socket.accept(subprotocol=(socket.scope["subprotocols"] or [None])[0])
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("text") == "bye":
            await socket.close(4001, "as you wish")
        elif message.get("text") is not None:
            await socket.send_text(message["text"])
        else:
            await socket.send_bytes(message["bytes"])

async def refuse(socket):
    await socket.close()

ended = []

async def events(request):
    async def some():
        try:
            for number in range(int(request.query_params["n"])):
                yield f"data: {number}\\n\\n"
                await asyncio.sleep(0.05)
        finally:
            ended.append(1)
    return StreamingResponse(some(), media_type="text/event-stream")

async def count(request):
    return PlainTextResponse(str(len(ended)))

async def upload(request):
    size = 0
    async for piece in request.stream():
        size += len(piece)
    return PlainTextResponse(str(size), headers={"X-Path": request.scope["raw_path"].decode()})

app = Starlette(routes=[
    WebSocketRoute("/any/", echo), WebSocketRoute("/refused/", refuse),
    Route("/events/", events), Route("/ended/", count), Route("/upload/{name}/", upload, methods=["POST"]),
])
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def server(command: list[str], folder: Path, port: int, **environment: str) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(15)


@pytest.fixture(scope="module")
def uvicorn_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("app"), free_port()
    (folder / "small.py").write_text(textwrap.dedent(APP))
    command = [sys.executable, "-m", "uvicorn", "small:app", "--port", str(port)]
    with server([*command, "--log-level", "critical"], folder, port):
        yield port


@pytest.fixture
def fronted(uvicorn_port: int, start: Callable[..., Running], legacy: Side) -> Running:
    """A plane before uvicorn."""
    legacy.port = uvicorn_port
    return start()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 1_000_000])
@pytest.mark.parametrize("kind", [str, bytes])
def test_a_websocket_carries_messages_of_all_lengths(
    fronted: Running, size: int, kind: type
) -> None:
    message = "é" * (size // 2) if kind is str else bytes(n % 256 for n in range(size))
    with connect(f"ws://127.0.0.1:{fronted.port}/any/", max_size=None) as client:
        client.send(message)
        assert client.recv() == message


def test_a_websocket_negotiates_and_pings(fronted: Running) -> None:
    """Subprotocols and control frames go through, both ways, for many messages."""
    url = f"ws://127.0.0.1:{fronted.port}/any/?a=b"
    with connect(url, subprotocols=["chat"]) as client:  # type: ignore[list-item]  # a NewType
        assert client.subprotocol == "chat"
        assert client.ping().wait(5)
        for number in range(200):
            client.send(str(number))
        assert [client.recv() for _ in range(200)] == [str(n) for n in range(200)]
        assert fronted.counters.tunnels == 1
    for _ in range(100):
        if fronted.counters.tunnels == 0:
            break
        time.sleep(0.02)
    assert fronted.counters.tunnels == 0


def test_the_close_code_of_an_application_arrives(fronted: Running) -> None:
    with connect(f"ws://127.0.0.1:{fronted.port}/any/") as client:
        client.send("bye")
        with pytest.raises(ConnectionClosed) as caught:
            client.recv()
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4001, "as you wish")


def test_a_refused_upgrade_is_an_answer(fronted: Running) -> None:
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus) as caught, connect(f"ws://127.0.0.1:{fronted.port}/refused/"):
        pass
    assert caught.value.response.status_code == 403


def test_events_arrive_as_they_happen(fronted: Running) -> None:
    """Not in one heap at the end."""
    times = []
    with httpx.stream("GET", f"http://127.0.0.1:{fronted.port}/events/?n=5") as answer:
        for line in answer.iter_lines():
            if line:
                times.append((line, time.monotonic()))
    assert [line for line, _ in times] == [f"data: {n}" for n in range(5)]
    assert times[-1][1] - times[0][1] > 0.1


def test_an_event_stream_ends_when_its_client_leaves(fronted: Running) -> None:
    """The application is told."""
    base = f"http://127.0.0.1:{fronted.port}"
    before = int(httpx.get(f"{base}/ended/").text)
    with httpx.stream("GET", f"{base}/events/?n=10000") as answer:
        next(answer.iter_lines())
    for _ in range(100):
        if int(httpx.get(f"{base}/ended/").text) > before:
            return
        time.sleep(0.05)
    raise AssertionError("the stream goes on")


def test_an_event_stream_may_pause_as_long_as_it_likes(
    uvicorn_port: int, start: Callable[..., Running], legacy: Side
) -> None:
    """An ordinary body may not."""
    legacy.port = uvicorn_port
    plane = start(answer_idle=0.01)
    with httpx.stream("GET", f"http://127.0.0.1:{plane.port}/events/?n=20") as answer:
        assert len([line for line in answer.iter_lines() if line]) == 20


def test_uploads_reach_uvicorn_with_their_path(fronted: Running) -> None:
    """A length, chunks, and a path that only its bytes tell."""
    url = f"http://127.0.0.1:{fronted.port}/upload/a%2Db/"
    whole = httpx.post(url, content=b"x" * 3_000_000)
    parts = httpx.post(url, content=(b"x" * 1000 for _ in range(1000)))
    assert (whole.text, parts.text) == ("3000000", "1000000")
    assert whole.headers["x-path"] == "/upload/a%2Db/"


@pytest.fixture(scope="module")
def shop_port(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The shop behind gunicorn with threads, on a database of its own."""
    folder, shop = tmp_path_factory.mktemp("shop"), repository / "sample_django_app"
    port, database = free_port(), f"sqlite:///{folder}/db.sqlite3"
    manage = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    given = {"DATABASE_URL": database, "ALLOWED_HOSTS": "*", "MEDIA_ROOT": str(folder)}
    subprocess.run(manage, cwd=shop, env={**os.environ, **given}, check=True)
    command = [sys.executable, "-m", "gunicorn", "shop.wsgi:application", "--threads", "4"]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "critical", "--keep-alive", "1"]
    with server(command, shop, port, **given):
        yield port


ASKED = [
    ("GET", "/api/products/", b""), ("GET", "/api/products/?page=%31&search=a%20b", b""), ("HEAD", "/api/products/", b""),
    ("GET", "/api/products/999/", b""), ("GET", "/api/products", b""), ("OPTIONS", "/api/products/", b""),
    ("GET", "/healthz", b""), ("GET", "/api/nope/%C3%A9/", b""), ("POST", "/api/auth/token/", b"{broken"),
    ("POST", "/api/auth/register/", b'{"username": "a"}'), ("DELETE", "/api/products/1/", b""), ("GET", "/admin/", b""),
    ("GET", "/accounts/login/", b""), ("PATCH", "/api/me/", b"{}"), ("GET", "/api/../admin/", b""), ("GET", "/api//x", b""),
]  # fmt: skip


def answer_of(
    port: int, method: str, path: str, body: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, fields and body; but the fields of the connection, and what differs each time."""
    headers = {"Content-Type": "application/json", "Host": "shop.example"}
    request = httpx.Request(method, f"http://127.0.0.1:{port}/", headers=headers, content=body)
    request.extensions["target"] = path.encode()
    with httpx.Client() as client:
        answer = client.send(request)
    varying = {
        "date",
        "connection",
        "content-length",
        "transfer-encoding",
        "set-cookie",
        "expires",
        "x-request-id",
    }
    fields = [(n, v) for n, v in answer.headers.items() if n.lower() not in varying]
    text = b"" if b"csrf" in answer.content else answer.content
    return answer.status_code, fields, text


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_the_shop_answers_the_same_through_the_proxy(
    shop_port: int, start: Callable[..., Running], legacy: Side, method: str, path: str, body: bytes
) -> None:
    """Status, fields and body, byte for byte."""
    legacy.port = shop_port
    plane = start()
    through = answer_of(plane.port, method, path, body)
    assert through == answer_of(shop_port, method, path, body)


def test_gunicorn_closing_its_connections_fails_no_request(
    shop_port: int, start: Callable[..., Running], legacy: Side
) -> None:
    """It keeps them for a second; requests come just around that."""
    legacy.port = shop_port
    plane = start()
    failed = []

    def user(pause: float) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{plane.port}") as client:
            for method in ("GET", "POST", "GET"):
                answer = client.request(method, "/healthz")
                if answer.status_code >= 500:
                    failed.append(answer)
                time.sleep(pause)

    users = [threading.Thread(target=user, args=(0.95 + n / 100,)) for n in range(10)]
    for each in users:
        each.start()
    for each in users:
        each.join()
    assert not failed
