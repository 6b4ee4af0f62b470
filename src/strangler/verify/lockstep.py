"""Sends one request to both applications and compares answers and rows, from the frozen state."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from strangler.diff import (
    Claim,
    Comparison,
    Difference,
    Exchange,
    Gap,
    Pairing,
    RowChange,
    compare,
    compare_effects,
    compare_rows,
    compare_writes,
)
from strangler.diff.documents import Uncomparable
from strangler.verify.executor import SIDES, Executor, ExecutorFailure, Side
from strangler.verify.media import Media
from strangler.verify.project import Project
from strangler.verify.requests import Request
from strangler.verify.twins import Twins

#: Boots of one side in a row that fail before the run is given up, and requests in a row that it
#: does not answer before an endpoint is.
_PATIENCE = 3
_NO_ANSWER = 599
#: Seconds by which the clock may move against the one that nobody sets.
_JUMP = 0.2
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Unanswering(ExecutorFailure):
    """A side hangs or dies at each request to an endpoint, though it starts."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one request. `moving`: legacy did not answer alike when asked again."""

    request: Request
    legacy: Exchange
    new: Exchange
    comparison: Comparison
    legacy_rows: tuple[RowChange, ...] = ()
    new_rows: tuple[RowChange, ...] = ()
    moving: bool = False

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Those that count."""
        if self.moving:
            return ()
        return tuple(each for each in self.comparison.differences if not each.note)


#: The next request of a journey for a side, by what came of those before; None where there is none.
Step = Callable[[Side, Sequence[Outcome]], Request | None]


@dataclass(frozen=True, slots=True)
class _Attempt:
    legacy: Exchange
    new: Exchange
    legacy_rows: tuple[RowChange, ...]
    new_rows: tuple[RowChange, ...]
    comparison: Comparison
    claims: tuple[Claim, ...]


@dataclass(slots=True)
class Lockstep:
    """Both applications on their twins. Every public call leaves the twins as they were frozen."""

    project: Project
    twins: Twins
    media: Media
    isolation: str
    hello: Mapping[str, Any]
    #: Boot the legacy application as the new one too: what it differs from is itself.
    mirror: bool = False
    #: Whether rows were written, and put back, since the twins were cloned.
    dirty: bool = False
    #: Seconds that both applications took for their answers.
    handling: float = 0.0
    _executors: dict[Side, Executor] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)
    _confirmed: set[tuple[str, str]] = field(default_factory=set)

    def start(self) -> None:
        """Boot both; ExecutorFailure with one line when a side does not come up."""
        for side in SIDES:
            self._executor(side)

    @property
    def isolations(self) -> dict[Side, str]:
        """How each side is kept from the network."""
        return {side: self._executor(side).hello["isolation"] for side in SIDES}

    def _executor(self, side: Side) -> Executor:
        if side not in self._executors:
            place = self.twins.place(side)
            if side == "legacy" or self.mirror:
                media = self.media.root(side)
                more = {"https": self.hello["https"], "media": media, "backwards": True}
                self._executors[side] = self.project.legacy(place, self.isolation, **more)
            else:
                self._executors[side] = self.project.new(
                    place, self.isolation, self.hello, self.media.root(side)
                )
        return self._executors[side]

    def scout(self, request: Request) -> tuple[Exchange, list[RowChange]]:
        """Ask legacy alone."""
        self.media.restore()
        exchange = self._send("legacy", request)
        changes = self.twins.changes("legacy")
        self.restore(written=bool(changes), tried=request.method not in _SAFE)
        return exchange, changes

    def run(self, request: Request, place: str) -> Outcome:
        """Ask both, twice where values have to be shown to be fresh or legacy to be steady.

        `place` names the endpoint: what was shown there once is not asked again.
        """
        first = self._attempt(request)
        claimed = {(place, _star(claim.pointer)) for claim in first.claims}
        if first.comparison.equal and claimed <= self._confirmed:
            return _outcome(request, first)
        if self.dirty and any(map(of_order, first.comparison.differences)):
            # rows that were put back lie elsewhere on the disk, and unordered queries show it: in
            # lists, and in what is sent for each row
            self.renew()
            first = self._attempt(request)
        second = self._attempt(request)
        if not same(first.legacy, second.legacy):
            return replace(_outcome(request, first), moving=True)
        stale = stale_values(first.claims, second.claims)
        if stale:
            first = _judged(first, stale)
        else:
            self._confirmed |= claimed
        return _outcome(request, first)

    def burst(self, request: Request, times: int) -> list[Outcome]:
        """Send one request several times without forgetting in between: throttles count."""
        self.media.restore()
        outcomes = []
        for number in range(times):
            attempt = self._once(request, fresh=number == 0)
            outcomes.append(_outcome(request, attempt))
            if attempt.legacy.status == 429 or not attempt.comparison.equal:
                break
        return outcomes

    def journey(self, steps: Sequence[Step]) -> list[Outcome]:
        """Send requests one after the other, and put nothing back in between.

        It ends where a step gives no request, or both sides do not agree.
        """
        self.media.restore()
        outcomes: list[Outcome] = []
        try:
            for step in steps:
                requests = [step(side, outcomes) for side in SIDES]
                asked = [each for each in requests if each is not None]
                if len(asked) < len(SIDES):
                    break
                outcomes.append(self._gone(asked[0], asked[1], outcomes))
                if outcomes[-1].differences:
                    break
        finally:
            self.restore()
        return outcomes

    def _gone(self, legacy: Request, new: Request, before: Sequence[Outcome]) -> Outcome:
        """One step; what was written in any of them is as old as the journey at most."""
        pairs = zip(SIDES, (legacy, new), strict=True)
        answers = [self._observed(side, each, fresh=not before) for side, each in pairs]
        rows = tuple(self.twins.changes("legacy")), tuple(self.twins.changes("new"))
        if before:
            first = before[0].legacy.started, before[0].new.started
            answers = [replace(a, started=at) for a, at in zip(answers, first, strict=True)]
        attempt = _Attempt(answers[0], answers[1], *rows, Comparison(), ())
        return _outcome(legacy, _judged(attempt))

    def _attempt(self, request: Request) -> _Attempt:
        self.media.restore()
        return self._once(request)

    def _once(self, request: Request, *, fresh: bool = True) -> _Attempt:
        """Ask both; again where the clock was set in between, which fresh times would show."""
        for _ in range(_PATIENCE):
            offset = time.time() - time.monotonic()
            attempt = self._asked(request, fresh=fresh)
            if abs(time.time() - time.monotonic() - offset) < _JUMP:
                break
        return attempt

    def _asked(self, request: Request, *, fresh: bool) -> _Attempt:
        legacy, new = (self._observed(side, request, fresh=fresh) for side in SIDES)
        rows = tuple(self.twins.changes("legacy")), tuple(self.twins.changes("new"))
        attempt = _judged(_Attempt(legacy, new, *rows, Comparison(), ()))
        written = bool(rows[0] or rows[1])
        self.restore(written=written, tried=request.method not in _SAFE)
        return attempt

    def _observed(self, side: Side, request: Request, *, fresh: bool) -> Exchange:
        """The answer with the files that were written for it among its effects."""
        exchange = self._send(side, request, fresh=fresh)
        files = tuple(self.media.changes(side))
        return replace(exchange, effects=exchange.effects + files) if files else exchange

    def _send(self, side: Side, request: Request, *, fresh: bool = True) -> Exchange:
        """Caches, throttle counts and mail are part of the state that every case starts from."""
        boots, lost = f"boots {side}", f"answers {side}"
        try:
            executor = self._executor(side)
        except ExecutorFailure as failure:
            if self._again(boots):
                return _unanswered_by(failure)
            raise
        self._failures[boots] = 0
        try:
            exchange = executor.send(request, fresh=fresh)
        except ExecutorFailure as failure:
            self.stop(side)
            if self._again(lost):
                return _unanswered_by(failure)
            raise Unanswering(f"{failure}, {_PATIENCE + 1} requests in a row") from failure
        self._failures[lost] = 0
        self.handling += exchange.ended - exchange.started
        return exchange

    def _again(self, what: str) -> bool:
        """Whether to go on after one more failure in a row; counts from none where not."""
        self._failures[what] = count = self._failures.get(what, 0) + 1
        if count > _PATIENCE:
            self._failures[what] = 0
        return count <= _PATIENCE

    def stop(self, side: Side) -> None:
        """End one application; the next request boots it again."""
        executor = self._executors.pop(side, None)
        if executor is not None:
            executor.close()

    def restore(self, *, written: bool = True, tried: bool = False) -> None:
        """Back to the frozen state, by undoing where that is possible.

        tried: a row that was refused, or passed over, has used up its key all the same.
        """
        self.dirty |= written
        if (written or tried) and not self.twins.undo() and written:
            self.renew()

    def refresh(self) -> None:
        """Make sure that nothing of earlier cases is left in the twins."""
        if self.dirty and not self.twins.intact():
            self.renew()

    def renew(self) -> None:
        """Clone both twins anew."""
        for side in SIDES:
            try:
                self._executor(side).ask({"op": "reset", "connections": True})
            except ExecutorFailure:
                self.stop(side)
        self.twins.clone()
        self.dirty = False

    def close(self) -> None:
        """End both applications."""
        for side in SIDES:
            self.stop(side)


def _outcome(request: Request, attempt: _Attempt) -> Outcome:
    return Outcome(
        request,
        attempt.legacy,
        attempt.new,
        attempt.comparison,
        attempt.legacy_rows,
        attempt.new_rows,
    )


def _judged(attempt: _Attempt, stale: frozenset[tuple[str, str]] = frozenset()) -> _Attempt:
    """Compared; values of `stale` are not taken for fresh."""
    legacy, new = attempt.legacy, attempt.new
    if _NO_ANSWER in (legacy.status, new.status):
        return replace(attempt, comparison=_unanswered(legacy, new))
    pairing = Pairing(
        Gap.between(legacy, new),
        believes=lambda claim: stale.isdisjoint(_both(claim)),
    )
    answers = compare(legacy, new, pairing)
    others = list(compare_rows(attempt.legacy_rows, attempt.new_rows, pairing))
    others += compare_writes(legacy, new, attempt.new_rows)
    reason = answers.uncompared
    try:
        others += compare_effects(legacy.effects, new.effects, pairing)
    except Uncomparable as found:
        reason = reason or str(found)
    comparison = Comparison((*answers.differences, *others), reason)
    return replace(attempt, comparison=comparison, claims=tuple(pairing.claims))


def _unanswered_by(failure: ExecutorFailure) -> Exchange:
    return Exchange(_NO_ANSWER, (), b"", complete=False, error=str(failure))


def _unanswered(legacy: Exchange, new: Exchange) -> Comparison:
    if legacy.status == _NO_ANSWER:
        return Comparison(uncompared=legacy.error)
    return Comparison((Difference("server-error", "status", str(legacy.status), new.error),))


def same(first: Exchange, second: Exchange) -> bool:
    """Whether legacy answers alike from the same state, clocks and fresh values aside."""
    return compare(first, second, Pairing(Gap.between(first, second))).equal or (
        first.status == second.status and not (first.complete and second.complete)
    )


def stale_values(first: Sequence[Claim], second: Sequence[Claim]) -> frozenset[tuple[str, str]]:
    """Where a value taken for fresh came again, with the value."""
    before = {each for claim in first for each in _both(claim)}
    return frozenset(before.intersection(each for claim in second for each in _both(claim)))


def _both(claim: Claim) -> tuple[tuple[str, str], tuple[str, str]]:
    return (claim.pointer, f"legacy {claim.legacy}"), (claim.pointer, f"new {claim.new}")


def of_order(difference: Difference) -> bool:
    """Whether rows in another order may be all that it shows."""
    return difference.category == "list-order" or difference.pointer.startswith("effect:")


def _star(pointer: str) -> str:
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)
