"""The audit log of route changes: who, when, from, to, why; and what a rollback takes back.

One JSON object a line. A line is written before the routes file is: one whose change never came
to be is told by the digests of the file, and counts as undone.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from strangler.errors import EnvironmentProblem
from strangler_proxy.routes import Route

Action = Literal["set", "rollback", "edited", "void"]


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one endpoint."""

    endpoint: str
    before: Route
    after: Route


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log.

    undone: what this takes back, as (number, endpoint). before, after: digests of the file.
    """

    number: int
    when: str
    who: str
    action: Action
    why: str
    steps: tuple[Step, ...]
    before: str
    after: str
    undone: tuple[tuple[int, str], ...] = field(default=())

    def json(self) -> dict[str, Any]:
        """As it stands in the log, and as `route history --json` prints it."""
        return {
            "number": self.number,
            "when": self.when,
            "who": self.who,
            "action": self.action,
            "why": self.why,
            "steps": [
                {"endpoint": s.endpoint, "from": _plain(s.before), "to": _plain(s.after)}
                for s in self.steps
            ],
            "undone": [list(pair) for pair in self.undone],
            "before": self.before,
            "after": self.after,
        }


def digest(text: str) -> str:
    """What tells two texts of the routes file apart."""
    return sha256(text.encode()).hexdigest()[:16]


def now() -> str:
    """The time as the log has it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def steps_between(before: Iterable[Route], after: Iterable[Route]) -> tuple[Step, ...]:
    """What differs between two tables; an endpoint that a table lacks is on legacy."""
    old = {route.endpoint: route for route in before}
    new = {route.endpoint: route for route in after}
    names = [*new, *(name for name in old if name not in new)]
    pairs = ((n, old.get(n, Route(n)), new.get(n, Route(n))) for n in names)
    return tuple(Step(name, a, b) for name, a, b in pairs if a != b)


def happened(changes: Iterable[Change]) -> list[Change]:
    """The lines whose change came to be."""
    changes = list(changes)
    void = {number for change in changes if change.action == "void" for number, _ in change.undone}
    return [each for each in changes if each.action != "void" and each.number not in void]


def routes_after(changes: Iterable[Change]) -> dict[str, Route]:
    """The routes that the log leads to."""
    return {step.endpoint: step.after for each in happened(changes) for step in each.steps}


def last_live(changes: Sequence[Change], endpoint: str | None = None) -> list[tuple[int, Step]]:
    """The steps that a rollback takes back: of the last change, or of an endpoint's last one."""
    real = happened(changes)
    gone = {pair for change in real for pair in change.undone}
    for change in reversed(real):
        if change.action not in {"set", "edited"}:
            continue
        live = [
            (change.number, step)
            for step in change.steps
            if (change.number, step.endpoint) not in gone and endpoint in {None, step.endpoint}
        ]
        if live:
            return live
    return []


def read(path: Path) -> list[Change]:
    """The log; lines that are none, such as a torn last one, are left out."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be read: {error.strerror}") from error
    return [change for line in lines if (change := _change(line)) is not None]


def append(path: Path, change: Change) -> None:
    """Write a line through to the disk."""
    data = json.dumps(change.json(), ensure_ascii=False).encode() + b"\n"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            end = os.lseek(descriptor, 0, os.SEEK_END)
            if end and os.pread(descriptor, 1, end - 1) != b"\n":
                data = b"\n" + data  # the line before was torn
            os.write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror}") from error


def _plain(route: Route) -> dict[str, Any]:
    values = asdict(route)
    del values["endpoint"]
    return values


def _change(line: str) -> Change | None:
    try:
        data = json.loads(line)
        steps = tuple(
            Step(s["endpoint"], Route(s["endpoint"], **s["from"]), Route(s["endpoint"], **s["to"]))
            for s in data["steps"]
        )
        undone = tuple((int(number), str(name)) for number, name in data["undone"])
        return Change(
            int(data["number"]),
            data["when"],
            data["who"],
            data["action"],
            data["why"],
            steps,
            data["before"],
            data["after"],
            undone,
        )
    except (ValueError, KeyError, TypeError):
        return None
