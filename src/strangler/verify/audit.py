"""Plants faults in legacy's own answers and tells which the comparison would miss, and why."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from strangler.diff import Accepted, Claim, Comparison, Exchange, Gap, Pairing, compare
from strangler.diff.faults import Fault, faults
from strangler.facts import Endpoint, Facts
from strangler.verify.findings import starred
from strangler.verify.lockstep import stale_values
from strangler.verify.project import Project
from strangler.verify.session import EndpointRun, Options, Progress
from strangler.verify.stage import staged

#: Answers of one endpoint that faults are planted in.
_ANSWERS = 8


@dataclass(frozen=True, slots=True)
class Missed:
    """Faults of one kind at one place that nobody would have heard of, and why."""

    endpoint: str
    kind: str
    pointer: str
    reason: str
    count: int = 1


@dataclass(slots=True)
class Audit:
    """Faults by kind: how many were planted, and those that were missed."""

    planted: dict[str, int] = field(default_factory=dict)
    missed: list[Missed] = field(default_factory=list)
    answers: int = 0
    seconds: float = 0.0

    def json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "version": 1,
            "answers": self.answers,
            "planted": dict(sorted(self.planted.items())),
            "missed": [
                {
                    "endpoint": each.endpoint,
                    "kind": each.kind,
                    "pointer": each.pointer,
                    "reason": each.reason,
                    "count": each.count,
                }
                for each in self.missed
            ],
        }


def audit(
    project: Project,
    facts: Facts,
    endpoints: Sequence[Endpoint],
    options: Options,
    progress: Progress = lambda name, done, total: None,
) -> Audit:
    """Ask legacy what `verify` asks first, and audit the comparison of each answer."""
    started = time.monotonic()
    found = Audit()
    # mirrored: the new application has no part in it
    with staged(
        project, facts, endpoints, url=options.url, isolation=options.isolation, mirror=True
    ) as (scene, lockstep):
        for number, endpoint in enumerate(endpoints):
            progress(endpoint.id, number, len(endpoints))
            run = EndpointRun(project, facts, scene, lockstep, endpoint, options)
            run.plan.prepare()
            requests = list(islice((case.request for case in run.plan.needed()), _ANSWERS))
            pairs = [(lockstep.scout(each)[0], lockstep.scout(each)[0]) for each in requests]
            _plant(found, endpoint.id, pairs, options.accepted)
    found.seconds = time.monotonic() - started
    return found


def _plant(
    found: Audit, endpoint: str, pairs: Iterable[tuple[Exchange, Exchange]], accepted: Accepted
) -> None:
    today = datetime.now(UTC).date()
    missed: dict[tuple[str, str, str], int] = {}
    for first, second in pairs:
        found.answers += 1
        for fault in faults(first):
            found.planted[fault.kind] = found.planted.get(fault.kind, 0) + 1
            reason = overlooked(fault, first, second, endpoint, accepted, today)
            if reason is not None:
                key = fault.kind, starred(fault.pointer), reason
                missed[key] = missed.get(key, 0) + 1
    found.missed += [Missed(endpoint, *key, count) for key, count in sorted(missed.items())]


def overlooked(
    fault: Fault, first: Exchange, second: Exchange, endpoint: str, accepted: Accepted, today: date
) -> str | None:
    """Why the fault would not count, None where it would.

    first, second: Legacy's answers to the same request from the same rows; values that come again
    are not fresh.
    """
    planted = fault.apply(first)
    _, claims = _compared(first, planted, frozenset())
    _, others = _compared(second, fault.apply(second), frozenset())
    once, _ = _compared(first, planted, stale_values(claims, others))
    if once.uncompared is not None:
        return None  # never a pass
    reason = "it counts as a fresh value, or as a reading of the clock"
    for difference in once.differences:
        entry = accepted.entry(endpoint, difference, today)
        if not difference.note and entry is None:
            return None
        reason = "it is noted only" if entry is None else f"accepted: {entry.reason}"
    return reason


def _compared(
    legacy: Exchange, planted: Exchange, stale: frozenset[tuple[str, str]]
) -> tuple[Comparison, list[Claim]]:
    def believes(claim: Claim) -> bool:
        return (claim.pointer, f"legacy {claim.legacy}") not in stale

    pairing = Pairing(Gap.between(legacy, planted), believes=believes)
    return compare(legacy, planted, pairing), pairing.claims
