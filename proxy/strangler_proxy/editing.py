"""Writes `routes.toml`: checked first, all of it or nothing, with a line in the audit log."""

import fcntl
import os
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import tomlkit
from tomlkit.items import AoT, Table

from strangler.config.loading import read_text
from strangler.endpoint import meant
from strangler.errors import ConfigError, EnvironmentProblem, UsageError
from strangler_proxy import audit
from strangler_proxy.audit import Action, Change, Step
from strangler_proxy.exchange import Mode
from strangler_proxy.routes import Route, parse_routes

_HEADER = "# Which application answers each endpoint. Written by `strangler route`.\n"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants an endpoint to be; None leaves a value, or takes its default."""

    endpoint: str
    mode: Mode | None = None
    percent: float | None = None
    compare: float | None = None
    values: bool | None = None


@dataclass(frozen=True, slots=True)
class RouteState:
    """A routes file and its log. `known` and `served`: as `load_routes` takes them."""

    file: Path
    folder: Path
    known: Collection[str]
    served: Container[str] | None = None

    def routes(self) -> tuple[Route, ...]:
        """The routes as they are on the disk; ConfigError with `file:line` where they are wrong."""
        return parse_routes(self._text(), self.file, self.known, self.served)

    def history(self) -> list[Change]:
        """Every change, the first one first."""
        return audit.read(self._log)

    def set(self, wishes: Sequence[Wish], *, who: str, why: str = "") -> Change | None:
        """Change routes, all of them or none; None: they are so already."""
        for wish in wishes:
            self._check(wish)
        with self._locked():
            text, routes = self._noted()
            present = {route.endpoint: route for route in routes}
            wanted = [_route(present.get(w.endpoint, Route(w.endpoint)), w) for w in wishes]
            return self._write(text, routes, wanted, "set", who, why)

    def rollback(self, endpoint: str | None = None, *, who: str, why: str = "") -> Change:
        """Take the last change back, or the last one of an endpoint. UsageError: there is none."""
        with self._locked():
            text, routes = self._noted()
            live = audit.last_live(self.history(), endpoint)
            if not live:
                what = "no change" if endpoint is None else f"no change of {endpoint!r}"
                raise UsageError(f"there is {what} to take back", hint="strangler route history")
            undone = tuple((number, step.endpoint) for number, step in live)
            wanted = [step.before for _, step in live]
            change = self._write(text, routes, wanted, "rollback", who, why, undone)
            assert change is not None  # what is taken back made a difference
            return change

    def note_edits(self) -> None:
        """Log what somebody changed in the file by hand."""
        with self._locked():
            self._noted()

    # --- below the lock

    @property
    def _log(self) -> Path:
        return self.folder / "audit.jsonl"

    def _text(self) -> str:
        return read_text(self.file) if self.file.exists() else ""

    def _check(self, wish: Wish) -> None:
        if wish.endpoint not in self.known:
            raise UsageError(
                f"legacy has no endpoint {wish.endpoint!r}",
                hint=meant(wish.endpoint, self.known) or "strangler route list",
            )
        _between("percent", wish.percent, 100)
        _between("compare", wish.compare, 1)
        moves = wish.mode not in {None, "legacy"}
        if moves and self.served is not None and wish.endpoint not in self.served:
            raise UsageError(
                f"the new application lacks {wish.endpoint!r}",
                hint="strangler convert says what holds it back",
            )

    def _noted(self) -> tuple[str, tuple[Route, ...]]:
        """The text and its routes, once the log agrees with them."""
        text = self._text()
        routes = parse_routes(text, self.file, self.known, self.served)
        changes = self.history()
        last = changes[-1] if changes else None
        found = audit.digest(text)
        if last is not None and last.after != found:
            if last.before == found:  # whoever wrote the line was killed before the file
                gone = ((last.number, ""),)
                self._append("void", "", "it was never written", (), text, text, gone)
                return text, routes
            known = audit.routes_after(changes).values()
            steps = audit.steps_between([r for r in known if r != Route(r.endpoint)], routes)
            if steps:
                self._append("edited", "", "by hand", steps, "", text)
        elif last is None and routes:
            steps = audit.steps_between((), routes)
            self._append("edited", "", "found in the file", steps, "", text)
        return text, routes

    def _write(
        self,
        text: str,
        routes: Iterable[Route],
        wanted: Sequence[Route],
        action: Action,
        who: str,
        why: str,
        undone: tuple[tuple[int, str], ...] = (),
    ) -> Change | None:
        after = with_routes(text, wanted)
        checked = parse_routes(after, self.file, self.known, self.served)
        steps = audit.steps_between(routes, checked)
        if not steps and not undone:
            return None
        change = self._append(action, who, why, steps, text, after, undone)
        write_whole(self.file, after)
        return change

    def _append(
        self,
        action: Action,
        who: str,
        why: str,
        steps: tuple[Step, ...],
        before: str,
        after: str,
        undone: tuple[tuple[int, str], ...] = (),
    ) -> Change:
        changes = self.history()
        number = changes[-1].number + 1 if changes else 1
        digests = audit.digest(before), audit.digest(after)
        change = Change(number, audit.now(), who, action, why, steps, *digests, undone)
        audit.append(self._log, change)
        return change

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.folder / "routes.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise EnvironmentProblem(
                f"{self.folder} cannot be written: {error.strerror}"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _between(name: str, value: float | None, most: int) -> None:
    if value is not None and not 0 <= value <= most:  # false for NaN too
        raise UsageError(f"{name} should be between 0 and {most}, not {value}")


def _route(route: Route, wish: Wish) -> Route:
    """The route with a wish applied; what belongs to another mode goes."""
    mode = wish.mode or route.mode
    percent = wish.percent if wish.percent is not None else route.percent
    if mode == "canary" and wish.percent is None and route.mode != "canary":
        raise UsageError("a canary needs a percent", hint="--percent 10")
    if mode != "canary" and wish.percent is not None:
        raise UsageError(f"only a canary has a percent, not {mode}", hint="--mode canary")
    compare = wish.compare
    if compare is None:
        compare = route.compare if mode == route.mode else 1.0 if mode == "shadow" else 0.0
    values = route.values if wish.values is None else wish.values
    return replace(
        route,
        mode=mode,
        percent=percent if mode == "canary" else 0.0,
        compare=compare if mode != "legacy" else 0.0,
        values=values,
    )


def with_routes(text: str, wanted: Iterable[Route]) -> str:
    """The text of a routes file with these routes in it; everything else stays as it is."""
    document = tomlkit.parse(text or _HEADER)
    listed = document.get("route")
    if not isinstance(listed, AoT):
        listed = tomlkit.aot()
        document["route"] = listed
        listed = document["route"]
    tables = {str(table["endpoint"]): table for table in listed}
    for route in wanted:
        table = tables.get(route.endpoint)
        if table is None:
            if route == Route(route.endpoint):
                continue
            table = tomlkit.table()
            table["endpoint"] = route.endpoint
            _fill(table, route)
            listed.append(table)
        else:
            _fill(table, route)
    return tomlkit.dumps(document)


def _fill(table: Table, route: Route) -> None:
    table["mode"] = route.mode
    standard = 1.0 if route.mode == "shadow" else 0.0
    wanted = {
        "percent": _number(route.percent) if route.mode == "canary" else None,
        "compare": None if route.compare == standard else route.compare,
        "values": True if route.values else None,
    }
    for name, value in wanted.items():
        if value is not None:
            table[name] = value
        elif name in table:
            del table[name]


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value


def write_whole(path: Path, text: str) -> None:
    """Replace a file, or the one that a link leads to: readers see the old text or the new one."""
    target = Path(os.path.realpath(path))
    fresh = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(fresh, target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ConfigError(f"cannot be written: {error.strerror}", source=str(path)) from error
