"""The data plane: listens, relays, and is stopped without losing a request."""

import asyncio
import socket
from collections.abc import Callable
from secrets import token_hex
from time import monotonic

from strangler.errors import EnvironmentProblem
from strangler_proxy.access_log import AccessLog
from strangler_proxy.client import Client
from strangler_proxy.counters import Counters
from strangler_proxy.exchange import Pair, Sink
from strangler_proxy.settings import Address, Settings
from strangler_proxy.shadow import Shadow
from strangler_proxy.sticky import Sticky
from strangler_proxy.table import Table
from strangler_proxy.upstream import Pool

_TICK = 0.25  # seconds between two looks at what took too long


class Nowhere:
    """A sink that keeps nothing."""

    def offer(self, pair: Pair) -> None:
        """Let it go."""


class Plane:
    """Everything that clients' connections share.

    table: replaced as a whole by `use`; a request is decided by one of them. unsafe: endpoints
    whose GET was seen writing: they are not shadowed any more. draining: answers end their
    connections.
    """

    def __init__(
        self, settings: Settings, table: Table, counters: Counters, sink: Sink | None = None
    ) -> None:
        self.settings = settings
        self.table = table
        self.counters = counters
        self.sink: Sink = sink or Nowhere()
        self.sticky = Sticky(settings.sticky)
        self.legacy = Pool(settings.legacy, settings.limits)
        self.new = Pool(settings.new, settings.limits)
        self.shadow = Shadow(self)
        self.unsafe: set[str] = set()
        self.log: AccessLog | None = None
        self.now = monotonic()
        self.draining = False
        self.hop = f"strangler-{token_hex(4)}".encode()
        self.via = b"Via: 1.1 %b\r\n" % self.hop
        self._clients: set[Client] = set()
        self._servers: list[asyncio.Server] = []
        self._ticking: asyncio.TimerHandle | None = None
        self._emptied: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def port(self) -> int:
        """Where it listens; the system chooses if the settings say 0."""
        return int(self._servers[0].sockets[0].getsockname()[1])

    def use(self, table: Table) -> None:
        """Decide by another table from the next request on."""
        self.table = table

    async def start(self) -> None:
        """Listen; raise EnvironmentProblem where that cannot be."""
        self._loop = asyncio.get_running_loop()
        listener = listening(self.settings.listen)
        self._servers = [
            await self._loop.create_server(lambda: Client(self), sock=listener, backlog=1024)
        ]
        if self.settings.log is not None:
            self.log = AccessLog(self.settings.log, self.counters)
        self._tick()

    async def stop(self) -> None:
        """Take no more connections, let requests end for `limits.drain` seconds, and close."""
        self.draining = True
        for server in self._servers:
            server.close()
        for client in list(self._clients):
            client.drain()
        if self._clients:
            self._emptied = asyncio.Event()
            try:
                async with asyncio.timeout(self.settings.limits.drain):
                    await self._emptied.wait()
            except TimeoutError:
                for client in list(self._clients):
                    client.abort()
        self.shadow.close()
        self.legacy.close()
        self.new.close()
        if self._ticking is not None:
            self._ticking.cancel()
        if self.log is not None:
            self.log.close()

    def soon(self, call: Callable[[], None]) -> None:
        """Call it when what is being done is done."""
        assert self._loop is not None
        self._loop.call_soon(call)

    def joined(self, client: Client) -> None:
        """A client connected."""
        self.counters.connections += 1
        self._clients.add(client)
        self.counters.clients = len(self._clients)
        if len(self._clients) > self.settings.limits.clients:
            self.counters.turned_away += 1
            client.turn_away()

    def left(self, client: Client) -> None:
        """A client is gone."""
        self._clients.discard(client)
        self.counters.clients = len(self._clients)
        if self._emptied is not None and not self._clients:
            self._emptied.set()

    def _tick(self) -> None:
        assert self._loop is not None
        self.now = now = monotonic()
        for client in list(self._clients):
            client.tick(now)
        for pool in (self.legacy, self.new):
            pool.prune(now)
        self.shadow.tick(now)
        if self.log is not None:
            self.log.tick()
        self._ticking = self._loop.call_later(_TICK, self._tick)


def listening(address: Address) -> socket.socket:
    """A socket that listens there. Its protocol is named, or asyncio leaves Nagle's delay on."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
        listener.listen(1024)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise EnvironmentProblem(
            f"cannot listen at {address.host}:{address.port}: {error.strerror}",
            hint="another program may be there: choose [proxy] listen",
        ) from error
    return listener
