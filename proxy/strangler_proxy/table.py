"""The route table: one generation, never changed, replaced as a whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from strangler.endpoint import ANY
from strangler.facts import Facts
from strangler_proxy.counters import Counters, Series
from strangler_proxy.exchange import Mode
from strangler_proxy.leaves import leaf
from strangler_proxy.routes import Route
from strangler_proxy.sticky import PLACES, threshold
from strangler_proxy.targets import plain_path
from strangler_proxy.trie import Trie

#: What a request without an endpoint is called in logs and counters.
NO_ENDPOINT = "-"

# Of so many targets, none longer than that, the entry is remembered.
_MOST = 4096
_SHORT = 256


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What legacy has: its URL table, and the endpoints of each path by method.

    served: the endpoints that the new application answers, None: not known.
    """

    trie: Trie
    paths: Mapping[str, Mapping[str, str]]
    served: frozenset[str] | None = None
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        known = frozenset(id for methods in self.paths.values() for id in methods.values())
        object.__setattr__(self, "known", known)

    @classmethod
    def of(cls, facts: Facts, served: Iterable[str] | None = None) -> "Catalogue":
        """The catalogue of a project; `served` are ids of its converted and manual endpoints."""
        leaves = (leaf(u.path, *u.expressions, certain=u.certain) for u in facts.urls)
        paths: dict[str, dict[str, str]] = {}
        for endpoint in facts.endpoints:
            paths.setdefault(endpoint.path, {})[endpoint.method] = endpoint.id
        return cls(Trie(leaves), paths, None if served is None else frozenset(served))


class Entry:
    """What is done with the requests of one endpoint, and where they are counted.

    below: places of sticky keys below it get new. compare: the share that is compared. served:
    new can answer it.
    """

    __slots__ = (
        "below", "compare", "endpoint", "legacy", "mode", "name", "new", "served", "values", "why",
    )  # fmt: skip

    def __init__(
        self, route: Route, counters: Counters, why: str = "", *, served: bool = False
    ) -> None:
        self.endpoint = route.endpoint
        self.name = route.endpoint.encode()
        self.mode: Mode = route.mode
        self.compare = route.compare if route.mode != "legacy" else 0.0
        self.values = route.values
        self.below = {"new": PLACES, "canary": threshold(route.percent)}.get(route.mode, 0)
        self.legacy: Series = counters.of(route.endpoint, "legacy")
        self.new: Series = counters.of(route.endpoint, "new")
        self.served = served
        self.why = why  # it has no endpoint: unmatched, ambiguous, odd, method


class Table:
    """Routes over a catalogue; `decide` finds the entry of a request."""

    def __init__(
        self,
        catalogue: Catalogue,
        routes: Iterable[Route],
        counters: Counters,
        generation: int = 1,
    ) -> None:
        self.catalogue = catalogue
        self.routes = {route.endpoint: route for route in routes}
        self.generation = generation
        self._recent: dict[tuple[str, bytes], Entry] = {}
        self._find = catalogue.trie.find
        nowhere = Route(NO_ENDPOINT)
        self._unmatched = Entry(nowhere, counters, "unmatched")
        self._ambiguous = Entry(nowhere, counters, "ambiguous")
        self._odd = Entry(nowhere, counters, "odd")
        self._method = Entry(nowhere, counters, "method")
        self._moved = Entry(Route(NO_ENDPOINT, "new"), counters, "method")
        self._entries = {
            path: self._of_path(methods, counters) for path, methods in catalogue.paths.items()
        }

    def decide(self, method: str, target: bytes) -> Entry:
        """The entry for a request; all that has no endpoint gets one that says legacy.

        method: as it came. target: the raw request target.
        """
        entry = self._recent.get((method, target))
        if entry is None:
            entry = self.look_up(method, target)
            if len(target) <= _SHORT:
                if len(self._recent) >= _MOST:
                    self._recent.clear()
                self._recent[method, target] = entry
        return entry

    def look_up(self, method: str, target: bytes) -> Entry:
        """The same, without what was decided before."""
        path = plain_path(target)
        if path is None:
            return self._odd
        found = self._find(path)
        if found is None:
            return self._unmatched
        entries = self._entries.get(found.path) if found.certain and found.path else None
        if entries is None:
            return self._ambiguous
        return entries.get(method) or entries[""]

    def _of_path(self, methods: Mapping[str, str], counters: Counters) -> dict[str, Entry]:
        """The entries of a path by method; "" is for the methods that it does not serve.

        Those, and OPTIONS, are on new once the whole path is. HEAD follows GET.
        """
        entries = {
            method: Entry(self.routes.get(id, Route(id)), counters, served=self._serves(id))
            for method, id in methods.items()
        }
        moved = all(entry.mode == "new" for entry in entries.values())
        entries[""] = entries.get(ANY) or (self._moved if moved else self._method)
        if "GET" in entries:
            entries["HEAD"] = entries["GET"]
        if not moved:
            entries["OPTIONS"] = self._method
        return entries

    def _serves(self, endpoint: str) -> bool:
        return self.catalogue.served is None or endpoint in self.catalogue.served
