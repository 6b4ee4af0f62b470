"""Legacy's part of the lock-step, asked once for all mutants: it is the same for each."""

from collections import Counter
from dataclasses import dataclass, field, fields

from strangler.diff import Comparison, Exchange, RowChange
from strangler.verify.lockstep import Lockstep, _Attempt, _judged
from strangler.verify.requests import Request

_Seen = tuple[Exchange, tuple[RowChange, ...]]


@dataclass(slots=True)
class Remembering(Lockstep):
    """Keeps what legacy answered and wrote, from the same rows, to each request's nth asking.

    The nth, since legacy is asked again to see which values are fresh: its second answer must be
    another one than its first.
    """

    _kept: dict[Request, list[_Seen]] = field(default_factory=dict)
    _scouted: dict[Request, tuple[Exchange, list[RowChange]]] = field(default_factory=dict)
    _turns: Counter[Request] = field(default_factory=Counter)

    @classmethod
    def of(cls, lockstep: Lockstep) -> "Remembering":
        """One that shares everything with a lock-step that was started."""
        return cls(*(getattr(lockstep, each.name) for each in fields(Lockstep)))

    def begin(self) -> None:
        """Another mutant: requests count from one again."""
        self._turns.clear()
        self._confirmed.clear()

    def scout(self, request: Request) -> tuple[Exchange, list[RowChange]]:
        """As legacy answered it the first time."""
        if request not in self._scouted:
            self._scouted[request] = Lockstep.scout(self, request)
        return self._scouted[request]

    def _asked(self, request: Request, *, fresh: bool) -> _Attempt:
        if not fresh:
            return Lockstep._asked(self, request, fresh=fresh)
        turn, kept = self._turns[request], self._kept.setdefault(request, [])
        self._turns[request] += 1
        if turn >= len(kept):
            attempt = Lockstep._asked(self, request, fresh=fresh)
            kept.append((attempt.legacy, attempt.legacy_rows))
            return attempt
        legacy, rows = kept[turn]
        new = self._observed("new", request, fresh=fresh)
        written = tuple(self.twins.changes("new"))
        attempt = _judged(_Attempt(legacy, new, rows, written, Comparison(), ()))
        self.restore(written=bool(written))
        return attempt
