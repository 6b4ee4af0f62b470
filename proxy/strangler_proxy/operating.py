"""The whole proxy: the data plane, what it hands its pairs to, and the admin listener."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Any

from strangler.config import Ignore
from strangler.errors import StranglerError, UsageError
from strangler_proxy import metrics, store
from strangler_proxy.admin import Admin, Handler, Listener, Request, Response, told
from strangler_proxy.comparing import Comparer
from strangler_proxy.counters import Counters
from strangler_proxy.editing import RouteState, Wish
from strangler_proxy.plane import Plane
from strangler_proxy.running import RoutesFile, run, serve
from strangler_proxy.settings import Address, Settings
from strangler_proxy.table import Catalogue

_LOOK = 0.5  # seconds between two looks for changes made by hand


@dataclass(frozen=True, slots=True)
class Office:
    """Everything around the data plane: addresses, secrets, files."""

    admin: Address
    token: str
    routes: Path
    folder: Path  # of the audit log
    store: Path
    ignored: tuple[Ignore, ...] = ()


def operate(
    settings: Settings,
    catalogue: Catalogue,
    office: Office,
    *,
    ready: Callable[[int, int], object] = lambda proxy, admin: None,
) -> None:
    """Serve until SIGTERM or SIGINT. `ready` hears the ports of proxy and admin listener.

    Raises StranglerError where an address is taken, or the routes file is wrong.
    """
    counters = Counters()
    table = RoutesFile(office.routes, catalogue, counters)
    keeping = store.Store(office.store, counters)
    comparer = Comparer(keeping, settings.key, counters, ignored=office.ignored)
    operation = Operation(office, catalogue, table, keeping, counters)
    try:
        run(serve(settings, table, comparer, ready=operation.begin(comparer, ready)))
    finally:
        operation.end()
        comparer.close()
        keeping.close()


class Operation:
    """What the admin listener shows and changes."""

    def __init__(
        self,
        office: Office,
        catalogue: Catalogue,
        table: RoutesFile,
        keeping: store.Store,
        counters: Counters,
    ) -> None:
        self.office = office
        self.catalogue = catalogue
        self.counters = counters
        self.state = RouteState(office.routes, office.folder, catalogue.known, catalogue.served)
        self._table = table
        self._store = keeping
        self._plane: Plane | None = None
        self._listener: Listener | None = None
        self._started = time()
        self._ended = threading.Event()

    def begin(
        self, comparer: Comparer, ready: Callable[[int, int], object]
    ) -> Callable[[Plane], None]:
        """What to do once the data plane listens."""

        def started(plane: Plane) -> None:
            self._plane = plane
            comparer.values = self._wants_values
            comparer.unsafe = plane.unsafe.add
            reads, writes = self.handlers()
            admin = Admin(self.office.admin, self.office.token, reads, writes)
            self._listener = Listener(self.office.admin, admin)
            threading.Thread(target=self._notice, name="audit", daemon=True).start()
            ready(plane.port, self._listener.port)

        return started

    def end(self) -> None:
        """Stop answering."""
        self._ended.set()
        if self._listener is not None:
            self._listener.stop()

    def handlers(self) -> tuple[Mapping[str, Handler], Mapping[str, Handler]]:
        """What can be asked for, and what can be done, by path."""
        reads: dict[str, Handler] = {
            "/status": lambda request, _: told(self.status()),
            "/metrics": lambda request, _: Response(
                200, metrics.rendered(self.counters), metrics.CONTENT_TYPE
            ),
            "/differences": lambda request, _: told(self.differences(request)),
            "/history": lambda request, _: told([c.json() for c in self.state.history()]),
        }
        writes: dict[str, Handler] = {
            "/routes": lambda request, data: told(self.change(request, data)),
            "/rollback": lambda request, data: told(self.rollback(request, data)),
        }
        return reads, writes

    def status(self) -> dict[str, Any]:
        """The state of the proxy: route table, counts, store."""
        plane, counters = self._plane, self.counters
        assert plane is not None
        table = plane.table
        return {
            "version": 1,
            "uptime": round(time() - self._started, 1),
            "draining": plane.draining,
            "generation": table.generation,
            "routes": {
                "file": str(self.office.routes),
                "digest": routes_digest(table.routes.values()),
                "problem": self._table.problem,
                "endpoints": [asdict(route) for route in table.routes.values()],
            },
            "endpoints": {"known": len(self.catalogue.known), "unsafe": sorted(plane.unsafe)},
            "answers": _answers(counters),
            "shadow": dict(counters.shadow),
            "compared": dict(counters.compared),
            "refused": {str(status): count for status, count in dict(counters.refused).items()},
            "upstream": {f"{s} {p}": count for (s, p), count in dict(counters.upstream).items()},
            "store": {"problem": self._store.problem, "dropped": self._store.dropped},
        }

    def differences(self, request: Request) -> object:
        """What the store has, of one endpoint if the query names one."""
        try:
            found = store.differences(self.office.store, request.query.get("endpoint"))
        except store.Unreadable as error:
            return {"problem": str(error), "differences": []}
        return {"problem": None, "differences": [asdict(each) for each in found]}

    def change(self, request: Request, data: Mapping[str, Any]) -> object:
        """Change one route; StranglerError where it cannot be."""
        why = str(data.get("why", ""))[:200]
        change = self.state.set([wish_of(data)], who=_who(request), why=why)
        return {"change": change.json() if change else None}

    def rollback(self, request: Request, data: Mapping[str, Any]) -> object:
        """Take back the last change, or an endpoint's."""
        endpoint = data.get("endpoint")
        name = str(endpoint) if endpoint is not None else None
        why = str(data.get("why", ""))[:200]
        return {"change": self.state.rollback(name, who=_who(request), why=why).json()}

    def _wants_values(self, endpoint: str) -> bool:
        assert self._plane is not None
        route = self._plane.table.routes.get(endpoint)
        return route is not None and route.values

    def _notice(self) -> None:
        """Log what people change in the file by hand, soon after the table took it."""
        seen = -1
        while not self._ended.wait(_LOOK):
            assert self._plane is not None
            generation = self._plane.table.generation
            if generation == seen:
                continue
            try:
                self.state.note_edits()
                seen = generation
            except (StranglerError, OSError):
                continue  # a file that is wrong now, or a disk that is full: later


def wish_of(data: Mapping[str, Any]) -> Wish:
    """A wish from a JSON object; UsageError for what is none."""
    allowed = {"endpoint", "mode", "percent", "compare", "values", "why"}
    unknown = sorted(set(data) - allowed)
    if unknown:
        raise UsageError(f"unknown key {unknown[0]!r}")
    if not isinstance(data.get("endpoint"), str):
        raise UsageError("'endpoint' is missing")
    if data.get("mode") not in {None, "legacy", "shadow", "canary", "new"}:
        raise UsageError("mode should be 'legacy', 'shadow', 'canary' or 'new'")
    for name in ("percent", "compare"):
        value = data.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise UsageError(f"{name} should be a number")
    if not isinstance(data.get("values"), bool | None):
        raise UsageError("values should be true or false")
    return Wish(
        data["endpoint"],
        data.get("mode"),
        data.get("percent"),
        data.get("compare"),
        data.get("values"),
    )


def routes_digest(routes: Iterable[Any]) -> str:
    """Tells whether two tables say the same, whatever their files look like."""
    listed = sorted(repr(route) for route in routes if route.mode != "legacy" or route.compare)
    return sha256("\n".join(listed).encode()).hexdigest()[:16]


def _who(request: Request) -> str:
    name = "".join(c for c in request.headers.get("x-strangler-actor", "") if c.isprintable())
    return f"admin: {name[:60]}" if name else "admin"


def _answers(counters: Counters) -> dict[str, dict[str, dict[str, Any]]]:
    """By endpoint and side: answers, those of class 5xx, failures, mean seconds."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for (endpoint, side), series in list(counters.series.items()):
        total = sum(series.statuses)
        if total:
            found.setdefault(endpoint, {})[side] = {
                "answers": total,
                "5xx": series.statuses[5],
                "failures": series.failures,
                "mean": round(series.seconds / total, 5),
            }
    return found
