"""Runs the data plane: an event loop, signals, and a routes file that is read again."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from strangler.errors import ConfigError
from strangler_proxy.counters import Counters
from strangler_proxy.exchange import Sink
from strangler_proxy.plane import Plane
from strangler_proxy.routes import load_routes
from strangler_proxy.settings import Settings
from strangler_proxy.table import Catalogue, Table

#: Seconds between two looks at the routes file.
LOOK = 0.25

_Seen = tuple[int, int, int] | None


class RoutesFile:
    """A routes file as tables: each change is one generation, a bad file changes nothing.

    problem: why the file as it is now is not used, None if it is.
    """

    def __init__(self, path: Path, catalogue: Catalogue, counters: Counters) -> None:
        self.path = path
        self.catalogue = catalogue
        self.counters = counters
        self.problem: str | None = None
        self._seen: _Seen = None
        self._generation = 0

    def first(self) -> Table:
        """The table to start with; raise ConfigError for a bad file. No file: all on legacy."""
        self._seen = self._stat()
        if self._seen is None and not self.path.is_symlink():
            return self._table(())
        return self._read()

    def changed(self) -> Table | None:
        """The next table, if the file changed and is good."""
        seen = self._stat()
        if seen == self._seen:
            return None
        self._seen = seen
        try:
            table = self._read()
        except ConfigError as error:
            self.problem = str(error)
            self.counters.reloads["refused"] += 1
            return None
        self.problem = None
        self.counters.reloads["taken"] += 1
        return table

    def _read(self) -> Table:
        catalogue = self.catalogue
        return self._table(load_routes(self.path, catalogue.known, catalogue.served))

    def _table(self, routes: Any) -> Table:
        self._generation += 1
        return Table(self.catalogue, routes, self.counters, self._generation)

    def _stat(self) -> _Seen:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    async def watch(self, use: Callable[[Table], None]) -> None:
        """Look at the file for ever, and hand each new table on."""
        while True:
            await asyncio.sleep(LOOK)
            table = self.changed()
            if table is not None:
                use(table)


async def serve(
    settings: Settings,
    routes: RoutesFile,
    sink: Sink | None = None,
    *,
    ready: Callable[[Plane], object] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain. `ready` hears of the plane once it listens."""
    plane = Plane(settings, routes.first(), routes.counters, sink)
    await plane.start()
    # What is there now stays; requests leave no cycles, so look for those seldom.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    watching = loop.create_task(routes.watch(plane.use))
    if ready is not None:
        ready(plane)
    try:
        await stopped.wait()
    finally:
        watching.cancel()
        await plane.stop()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run in the fastest event loop that there is here."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)
