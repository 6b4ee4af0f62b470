"""The report of `verify`: verdicts per endpoint, findings with one example each, totals."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from strangler.diff import CATEGORIES, Accepted, Difference
from strangler.diff.accepted import Entry
from strangler.verify import observed
from strangler.verify.evidence import Record, Requirements, missing, unwritten
from strangler.verify.findings import Finding, found, starred
from strangler.verify.lockstep import Outcome
from strangler.verify.origins import Origins
from strangler.verify.roster import Roster

Verdict = Literal["equal", "different", "insufficient", "moving", "uncompared"]


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """What is known about one endpoint."""

    id: str
    verdict: Verdict
    cases: int
    statuses: Mapping[str, int]
    missing: Sequence[str] = ()
    differences: Sequence[Finding] = ()
    notes: Sequence[str] = ()
    #: What legacy answered each role: status to count.
    roles: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    #: Milliseconds of an answer by side: p10, p50, p90, max.
    latency: Mapping[str, Mapping[str, float]] = field(default_factory=dict, compare=False)
    #: SQL statements of a request by side: p50, max.
    statements: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """As in the report."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "cases": self.cases,
            "statuses": dict(self.statuses),
            "missing": list(self.missing),
            "differences": [each.json() for each in self.differences],
            "notes": list(self.notes),
            "roles": {role: dict(statuses) for role, statuses in self.roles.items()},
            "latency": {side: dict(times) for side, times in self.latency.items()},
            "statements": {side: dict(counts) for side, counts in self.statements.items()},
        }


@dataclass(frozen=True, slots=True)
class Cause:
    """One difference wherever it shows: the finding with the smallest request, the endpoints."""

    finding: Finding
    endpoints: Sequence[str]
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run."""

    seed: int
    isolation: str
    database: str
    endpoints: Sequence[EndpointReport]
    notes: Sequence[str] = ()
    seconds: float = 0.0
    requests: int = 0
    #: Seconds from the first request to the last, and those of them that the applications took.
    asking: float = 0.0
    handling: float = 0.0
    #: Who sent the requests; no part of the document, since it holds credentials.
    roster: Roster | None = field(default=None, compare=False, repr=False)
    totals: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = Counter(each.verdict for each in self.endpoints)
        names = ["equal", "different", "insufficient", *sorted(counts)]
        object.__setattr__(self, "totals", {name: counts.get(name, 0) for name in names})

    def placed(self, origins: Origins) -> "Report":
        """With the lines that each finding comes from."""
        endpoints = [
            replace(
                each,
                differences=[
                    replace(one, origin=origins.of(each.id, one.category, one.pointer))
                    for one in each.differences
                ],
            )
            for each in self.endpoints
        ]
        return replace(self, endpoints=endpoints)

    def causes(self) -> list[Cause]:
        """The findings, those that are alike in category, place and values as one."""
        groups: dict[tuple[str, ...], list[tuple[str, Finding]]] = {}
        for each in self.endpoints:
            for one in each.differences:
                key = one.category, starred(one.pointer), one.legacy, one.new
                groups.setdefault(key, []).append((each.id, one))
        return [
            Cause(
                min((one for _, one in group), key=lambda one: len(str(one.request))),
                list(dict.fromkeys(name for name, _ in group)),
                sum(one.count for _, one in group),
            )
            for group in groups.values()
        ]

    def json(self) -> dict[str, Any]:
        """The report file's document."""
        return {
            "version": 1,
            "seed": self.seed,
            "isolation": self.isolation,
            "database": self.database,
            "endpoints": [each.json() for each in self.endpoints],
            "totals": dict(self.totals),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Counting:
    """Which differences of one endpoint count: those that nobody accepted until today."""

    endpoint: str
    accepted: Accepted
    today: date

    def of(self, outcome: Outcome) -> list[Difference]:
        """Those of one case that do."""
        return [each for each in outcome.differences if self._entry(each) is None]

    def _entry(self, difference: Difference) -> Entry | None:
        return self.accepted.entry(self.endpoint, difference, self.today)

    def notes(self, records: Iterable[Record]) -> Iterable[str]:
        """What is hidden, how often and why."""
        found = [
            entry for each in records for d in each.outcome.differences if (entry := self._entry(d))
        ]
        hidden = Counter((each.pointer, each.reason, each.until) for each in found)
        for (pointer, reason, until), count in sorted(hidden.items()):
            yield f"accepted until {until}: {pointer}, {reason} ({count} differences)"


def judged(
    name: str,
    wanted: Requirements,
    records: Sequence[Record],
    counting: Counting,
    stopped: str = "",
) -> EndpointReport:
    """The verdict on one endpoint from everything that was seen; `stopped`: why no more was."""
    findings = found(name, records, counting.of)
    lacking = missing(wanted, records)
    uncompared = Counter(
        reason for each in records if (reason := each.outcome.comparison.uncompared) is not None
    )
    moving = sum(each.outcome.moving for each in records)
    lacking += [f"{count} answers not compared: {reason}" for reason, count in uncompared.items()]
    lacking += [f"not asked further: {stopped}"] if stopped else []
    verdict: Verdict = "equal"
    if findings:
        verdict = "different"
    elif uncompared or stopped:
        verdict = "uncompared"
    elif moving:
        verdict = "moving"
    elif lacking:
        verdict = "insufficient"
    statuses = Counter(str(each.outcome.legacy.status) for each in records)
    sides = observed.both(records)
    return EndpointReport(
        name,
        verdict,
        len(records),
        dict(sorted(statuses.items())),
        lacking,
        findings,
        [*_notes(wanted, records, moving), *counting.notes(records)],
        observed.roles(records),
        {side: observed.latency(each) for side, each in sides.items() if each},
        {side: observed.statements(each) for side, each in sides.items() if each},
    )


def _notes(wanted: Requirements, records: Sequence[Record], moving: int) -> Iterable[str]:
    if moving:
        yield f"legacy answered {moving} requests otherwise when asked again"
    if records and unwritten(wanted, records):
        yield "no 2xx of legacy changed a row"
    yield from observed.connections(records)
    yield from observed.effects(records)
    yield from observed.repetitions(records)
    seen = {d.category for r in records for d in r.outcome.comparison.differences if d.note}
    yield from (f"{CATEGORIES[name].title} (not counted)" for name in sorted(seen))
