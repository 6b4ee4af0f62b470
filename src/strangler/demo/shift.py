"""Moves endpoints from legacy to new while visitors come and go."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strangler.errors import EnvironmentProblem
from strangler_proxy import store
from strangler_proxy.asking import Proxy
from strangler_proxy.editing import RouteState, Wish
from strangler_proxy.exchange import Mode
from strangler_proxy.operating import routes_digest

#: Called with what is being done, for people.
Tell = Callable[[str], object]

WHO = "strangler demo"

_ENOUGH = 3  # comparisons of an endpoint before it is moved on
_LONGEST = 15.0  # seconds that are waited for them
_PHASE = 3.0  # seconds of traffic in each mode


@dataclass(slots=True)
class Phase:
    """One stretch of time with the moving endpoints in one mode."""

    title: str
    endpoints: int
    seconds: float = 0.0
    answers: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Shift:
    """What the move came to. `held`: endpoints left on legacy because of differences."""

    phases: list[Phase] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Control:
    """What changes routes and sees what comes of it."""

    state: RouteState
    proxy: Proxy
    store: Path

    def set(self, wishes: Sequence[Wish], why: str) -> None:
        """Change routes, and wait until the proxy does so."""
        self.state.set(wishes, who=WHO, why=why)
        self.taken()

    def taken(self) -> None:
        """Wait until the proxy's table is the one on the disk."""
        status = self.proxy.takes(routes_digest(self.state.routes()), 10.0)
        if status is None or status["routes"]["problem"]:
            problem = status["routes"]["problem"] if status else "it does not answer"
            raise EnvironmentProblem(f"the proxy does not take the routes: {problem}")

    def status(self) -> dict[str, Any]:
        """The state of the proxy."""
        found = self.proxy.get("/status")
        if found is None:
            raise EnvironmentProblem("the proxy does not answer")
        return dict(found)

    def verdicts(self) -> dict[str, dict[str, int]]:
        """What was compared, by endpoint."""
        return store.verdicts(self.store)


def shift(control: Control, endpoints: Sequence[str], tell: Tell) -> Shift:
    """Take endpoints through the modes; those that show a difference stay on legacy."""
    result = Shift()
    reads = [name for name in endpoints if name.startswith("GET ")]
    with _phase(control, result, "legacy", len(endpoints)):
        time.sleep(_PHASE)
    tell(f"{len(reads)} reads in shadow mode: legacy answers, both are compared")
    with _phase(control, result, "shadow", len(reads)):
        control.set([Wish(name, "shadow") for name in reads], "compare while legacy answers")
        _wait_for_evidence(control, reads)
    moving = _without_differences(control, endpoints, result)
    steps: tuple[tuple[Mode, float | None, str], ...] = (
        ("canary", 10.0, "canary 10 %"),
        ("canary", 50.0, "canary 50 %"),
        ("new", None, "new"),
    )
    for mode, percent, title in steps:
        tell(f"{len(moving)} endpoints to {title}")
        with _phase(control, result, title, len(moving)):
            wishes = [Wish(name, mode, percent, compare=0.2) for name in moving]
            control.set(wishes, f"no difference so far: {title}")
            time.sleep(_PHASE)
    for counts in control.verdicts().values():
        for verdict, count in counts.items():
            result.verdicts[verdict] = result.verdicts.get(verdict, 0) + count
    return result


class _phase:
    """Measures the time, and who answered in it."""

    def __init__(self, control: Control, result: Shift, title: str, endpoints: int) -> None:
        self._control = control
        self._phase = Phase(title, endpoints)
        self._result = result
        self._started = 0.0
        self._before: dict[str, int] = {}

    def __enter__(self) -> None:
        self._started = time.monotonic()
        self._before = _answered(self._control.status())

    def __exit__(self, *_: object) -> None:
        after = _answered(self._control.status())
        phase = self._phase
        phase.seconds = round(time.monotonic() - self._started, 2)
        phase.answers = {side: after[side] - self._before[side] for side in after}
        self._result.phases.append(phase)


def _answered(status: dict[str, Any]) -> dict[str, int]:
    """Answers so far, by side."""
    sides = status["answers"].values()
    return {
        side: sum(each.get(side, {}).get("answers", 0) for each in sides)
        for side in ("legacy", "new")
    }


def _wait_for_evidence(control: Control, endpoints: Sequence[str]) -> None:
    """Until each endpoint was compared a few times; some get few visitors."""
    end = time.monotonic() + _LONGEST
    least = time.monotonic() + _PHASE
    while time.monotonic() < end:
        counts = control.verdicts()
        short = [name for name in endpoints if sum(counts.get(name, {}).values()) < _ENOUGH]
        if not short and time.monotonic() >= least:
            return
        time.sleep(0.3)


def _without_differences(control: Control, endpoints: Sequence[str], result: Shift) -> list[str]:
    """Endpoints that may move on; the others go back to legacy."""
    counts = control.verdicts()
    result.held = [name for name in endpoints if counts.get(name, {}).get("different")]
    if result.held:
        control.set([Wish(name, "legacy") for name in result.held], "differences were seen")
    return [name for name in endpoints if name not in result.held]
