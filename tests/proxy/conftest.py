"""A data plane on a real socket, and sides that answer as a test says."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import uvloop

from strangler.config import Limits
from strangler_proxy.counters import Counters
from strangler_proxy.exchange import Pair
from strangler_proxy.leaves import leaf
from strangler_proxy.plane import Plane
from strangler_proxy.routes import Route
from strangler_proxy.settings import Address, Settings
from strangler_proxy.table import Catalogue, Table
from strangler_proxy.trie import Trie
from tests.proxy.sides import Raw, Side, recv_answer

KEY = b"k" * 32

CATALOGUE = Catalogue(
    Trie(
        [
            leaf("/items/", "^/", r"^items/\Z"),
            leaf("/items/new/", "^/", r"^items/new/\Z"),
            leaf("/items/{pk}/", "^/", r"^items/(?P<pk>[^/.]+)/$"),
            leaf("/any/", "^/", r"^any/\Z"),
        ]
    ),
    {
        "/items/": {"GET": "GET /items/", "POST": "POST /items/"},
        "/items/new/": {"GET": "GET /items/new/"},
        "/items/{pk}/": {"GET": "GET /items/{pk}/", "DELETE": "DELETE /items/{pk}/"},
        "/any/": {"ANY": "ANY /any/"},
    },
)


class Pairs:
    """A sink that a test can look at."""

    def __init__(self) -> None:
        self.pairs: list[Pair] = []
        self.came = threading.Event()

    def offer(self, pair: Pair) -> None:
        self.pairs.append(pair)
        self.came.set()

    def wait(self) -> Pair:
        assert self.came.wait(5), "no pair came"
        return self.pairs[0]


def loop_of() -> asyncio.AbstractEventLoop:
    """The loop that users get; STRANGLER_TEST_LOOP=asyncio runs the same tests in the other."""
    if os.environ.get("STRANGLER_TEST_LOOP") == "asyncio":
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


class Running:
    """A plane in a thread of its own, with two sides."""

    def __init__(self, legacy: Side, new: Side, limits: Limits, **options: Any) -> None:
        self.legacy, self.new = legacy, new
        self.pairs, self.counters = Pairs(), Counters()
        self.lines: list[bytes] = []
        self.settings = Settings(
            listen=Address("127.0.0.1", 0),
            legacy=Address("127.0.0.1", legacy.port),
            new=Address("127.0.0.1", new.port),
            key=KEY,
            limits=limits,
            log=self.lines.append,
            **options,
        )
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.loop = loop_of()
        self.plane: Plane
        self._thread.start()
        assert self._ready.wait(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.plane = Plane(self.settings, self.table(), self.counters, self.pairs)
        self.loop.run_until_complete(self.plane.start())
        self.port = self.plane.port
        self._ready.set()
        self.loop.run_forever()

    def call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def table(self, *routes: Route, generation: int = 1) -> Table:
        return Table(CATALOGUE, routes, self.counters, generation)

    def use(self, *routes: Route, generation: int = 2) -> None:
        table = self.table(*routes, generation=generation)
        self.loop.call_soon_threadsafe(self.plane.use, table)

        async def seen() -> None:
            return None

        self.call(seen())

    def connect(self) -> Raw:
        return Raw(self.port)

    def ask(self, request: bytes, *, method: str = "GET") -> Any:
        """One request on a connection of its own."""
        with self.connect() as client:
            client.send(request)
            return recv_answer(client, head=method == "HEAD")

    def stop(self) -> None:
        if self.loop.is_running():
            self.call(self.plane.stop())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(5)
            # closing may wait for ever for a handle that nobody closes: not for us
            closing = threading.Thread(target=self.loop.close, daemon=True)
            closing.start()
            closing.join(5)


@pytest.fixture
def legacy() -> Iterator[Side]:
    with Side("legacy") as side:
        yield side


@pytest.fixture
def new() -> Iterator[Side]:
    with Side("new") as side:
        yield side


@pytest.fixture
def start(legacy: Side, new: Side) -> Iterator[Callable[..., Running]]:
    """Start a plane; keywords are limits, or settings."""
    started: list[Running] = []

    def make(**given: Any) -> Running:
        names = {name for name in given if name in Limits.model_fields}
        limits = Limits(**{name: given.pop(name) for name in names})
        started.append(Running(legacy, new, limits, **given))
        return started[-1]

    yield make
    for running in started:
        running.stop()


@pytest.fixture
def plane(start: Callable[..., Running]) -> Running:
    return start()
