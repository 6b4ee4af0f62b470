"""A run of `verify`: every endpoint's cases against both applications, judged."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from strangler.diff import Accepted
from strangler.facts import Endpoint, Facts
from strangler.verify.bodies import Writer
from strangler.verify.cases import Case, Sources
from strangler.verify.connecting import with_list_parts, with_serializer
from strangler.verify.evidence import Record, Requirements, unmoved
from strangler.verify.findings import JOURNEY, Key, key_of, size_of
from strangler.verify.journeys import journey_of
from strangler.verify.lockstep import Lockstep, Outcome, Step, Unanswering, of_order, same
from strangler.verify.open_order import with_open_orders
from strangler.verify.plan import REFUSED, Plan
from strangler.verify.preparation import Scene
from strangler.verify.project import Project
from strangler.verify.reading import Reading
from strangler.verify.refusals import takes_all
from strangler.verify.report import Counting, EndpointReport, Report, judged
from strangler.verify.requests import Request
from strangler.verify.shrinking import shrunk
from strangler.verify.stage import staged

#: Called with the endpoint that begins, how many are done, and of how many.
Progress = Callable[[str, int, int], None]
#: Cases with differences after which an endpoint is not asked further.
_ENOUGH = 25
_LONGEST_BURST = 60
#: Differences of an endpoint whose request is made smaller, requests that are tried for each.
_SHRUNK, _SHRINKS = 3, 60


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is done; `cases` per endpoint at most, apart from what evidence needs."""

    cases: int = 100
    seed: int = 0
    url: str | None = None
    isolation: str = "namespace"
    #: Compare legacy with a second legacy process: every difference is false.
    mirror: bool = False
    #: Stop at an endpoint's first difference, and make no request smaller.
    brief: bool = False
    #: Differences that somebody accepted.
    accepted: Accepted = field(default_factory=Accepted)


def verify(
    project: Project,
    facts: Facts,
    endpoints: Sequence[Endpoint],
    options: Options,
    progress: Progress = lambda name, done, total: None,
) -> Report:
    """Compare the given endpoints. StranglerError when an application or a twin fails to start."""
    started = time.monotonic()
    reports: list[EndpointReport] = []
    endpoints = [with_list_parts(project.path, facts, each) for each in endpoints]
    with staged(
        project,
        facts,
        endpoints,
        url=options.url,
        isolation=options.isolation,
        mirror=options.mirror,
    ) as (scene, lockstep):
        asked = time.monotonic()
        for number, endpoint in enumerate(endpoints):
            progress(endpoint.id, number, len(endpoints))
            reports.append(EndpointRun(project, facts, scene, lockstep, endpoint, options).run())
        asking = time.monotonic() - asked
        progress("", len(endpoints), len(endpoints))
        isolations = set(lockstep.isolations.values())
    return Report(
        options.seed,
        isolations.pop() if len(isolations) == 1 else "sockets",
        _DATABASES[scene.twins.vendor],
        reports,
        scene.notes,
        time.monotonic() - started,
        sum(each.cases for each in reports),
        asking,
        lockstep.handling,
        scene.roster,
    )


#: What reports call the kinds of twins.
_DATABASES = {"sqlite3": "sqlite", "postgresql": "postgresql", "mysql": "mariadb"}


class EndpointRun:
    """The cases of one endpoint, run until there is evidence or nothing more to ask."""

    def __init__(
        self,
        project: Project,
        facts: Facts,
        scene: Scene,
        lockstep: Lockstep,
        endpoint: Endpoint,
        options: Options,
    ) -> None:
        endpoint = with_serializer(project.path, facts, endpoint)
        self.endpoint, self.options, self.lockstep, self.scene = endpoint, options, lockstep, scene
        others = [each.action or "" for each in facts.endpoints if each.view == endpoint.view]
        self.plan = Plan(
            facts,
            scene.world,
            scene.roster,
            endpoint,
            scout=lockstep.scout,
            host=scene.hello["host"],
            reading=Reading.of(project.path, endpoint, others, facts),
            seed=options.seed,
        )
        self.records: list[Record] = []
        self._seen: dict[Request, int] = {}
        self._journeys: list[str] = []
        self._different, self._most = 0, 1 if options.brief else _ENOUGH
        self._counting = Counting(endpoint.id, options.accepted, datetime.now(UTC).date())

    def run(self) -> EndpointReport:
        """Scout, run, judge; the twins are cloned anew where rows were written."""
        reason = ""
        try:
            self._ask()
        except Unanswering as failure:  # one endpoint's fault; the others are still asked
            reason = str(failure)
            self.lockstep.renew()
        wanted = self._requirements()
        report = judged(self.endpoint.id, wanted, self.records, self._counting, reason)
        if self._journeys:
            told = " → ".join(self._journeys)
            report = replace(report, notes=[*report.notes, f"journey of a new row: {told}"])
        return report

    def _ask(self) -> None:
        self.plan.prepare()
        self._all(self.plan.needed())
        good = list(self.plan.good())
        self._all(self._upto(_shuffled(good, self.options.seed), 0.7))
        self._elsewhere()
        bad = self.plan.bad()
        self._refused(bad)
        if not (self.options.brief and self._different):
            self._burst()
            self._journey()
            self._shrink()
        self.lockstep.refresh()

    def _elsewhere(self) -> None:
        """Parameters that changed nothing for one sender may do so for another."""
        wanted = self._requirements()
        for name in unmoved(wanted, self.records):
            for base in self.plan.bases:
                self._all(self.plan.parameter(base, name))
                if name not in unmoved(wanted, self.records):
                    break

    def _upto(self, cases: Iterable[Case], share: float) -> Iterator[Case]:
        """All that carry evidence, the others up to a share of the budget."""
        for case in cases:
            telling = any(tag.startswith(("param:", "page:", "field:")) for tag in case.tags)
            if telling or "base" in case.tags or len(self.records) < share * self.options.cases:
                yield case

    def _refused(self, bad: Iterator[Case]) -> None:
        """Refusals, never more than what passed; where they need more room, more that passes."""
        more = Sources(self.plan.more())
        for case in bad:
            telling = any(tag.startswith(REFUSED) for tag in case.tags)
            if len(self.records) >= self.options.cases and not (telling and self._fresh(case)):
                continue
            while self._room() < 1 and self._grown(more):
                continue
            if self._room() < 1 and not (telling and self._fresh(case)):
                continue
            self._all([case])
        while self._room() < 0 and self._grown(more):
            continue

    def _grown(self, more: Sources) -> bool:
        """Whether there was a case left that had not been sent."""
        before = len(self.records)
        for case in more:
            self._all([case])
            if len(self.records) > before:
                more.told(good=self.records[-1].good)
                return True
        return False

    def _room(self) -> int:
        good = sum(record.good for record in self.records)
        return 2 * good - len(self.records)

    def _fresh(self, case: Case) -> bool:
        """Whether a case brings a kind of evidence that is not there yet."""
        known = {tag for record in self.records for tag in record.case.tags}
        return not case.tags <= known

    def _all(self, cases: Iterable[Case]) -> None:
        for case in cases:
            if case.request in self._seen:
                self._merge(self._seen[case.request], case)
                continue
            if self._different >= self._most:
                return
            self._seen[case.request] = len(self.records)
            outcome = self._sent(case.request)
            self._different += bool(self._counting.of(outcome))
            self.records.append(Record(case, outcome))

    def _sent(self, request: Request) -> Outcome:
        outcome = self.lockstep.run(request, self.endpoint.id)
        ordering = self.plan.parameters.ordering
        return with_open_orders(outcome, ordering, self.endpoint.ordering)

    def _merge(self, position: int, case: Case) -> None:
        """The same request once more is not sent, but what it shows is shown."""
        known = self.records[position]
        merged = replace(known.case, tags=known.case.tags | case.tags)
        self.records[position] = replace(known, case=merged)

    def _shrink(self) -> None:
        """The smallest request for each of the first differences joins the others."""
        for key, record in list(self._differing().items())[:_SHRUNK]:

            def still(request: Request, key: Key = key, case: Case = record.case) -> bool:
                outcome = self._sent(request)
                found = {key_of(each) for each in self._counting.of(outcome)}
                if key in found:
                    smaller = Case(request, case.role, frozenset({"shrunk"}))
                    self.records.append(Record(smaller, outcome))
                return key in found

            shrunk(record.case.request, still, _SHRINKS)

    def _differing(self) -> dict[Key, Record]:
        """The record with the smallest request for each kind of difference."""
        found: dict[Key, Record] = {}
        for record in sorted(self.records, key=size_of):
            for each in self._counting.of(record.outcome):
                found.setdefault(key_of(each), record)
        return found

    def _journey(self) -> None:
        """What the endpoint does to a row that was just made, and what is left of it."""
        if not self.plan.bases:
            return
        self.scene.passed[self.endpoint.id] = self.plan
        journey = journey_of(self.endpoint, self.scene.passed)
        if journey is None:
            return
        found = self._gone(journey.steps)
        for outcome in found[1:]:  # how rows are made is shown where they are
            if outcome.moving or self._counting.of(outcome):
                role = self.plan.case(self.plan.bases[0]).role
                self.records.append(Record(Case(outcome.request, role, JOURNEY), outcome))
        if len(found) > journey.own:
            self._journeys = [*journey.methods[: len(found)]]

    def _gone(self, steps: Sequence[Step]) -> list[Outcome]:
        """A journey; once more where both sides differ in it, to see whether legacy repeats itself."""
        found = self.lockstep.journey(steps)
        if not found or not self._counting.of(found[-1]):
            return found
        by_order = any(map(of_order, found[-1].differences))
        self.lockstep.renew()  # rows that were put back lie elsewhere on the disk
        again = self.lockstep.journey(steps)
        if not all(same(a.legacy, b.legacy) for a, b in zip(found, again, strict=False)):
            return [*found[:-1], replace(found[-1], moving=True)]
        return again if by_order else found

    def _burst(self) -> None:
        """Where requests are throttled: as many as it takes, without forgetting in between."""
        numbers = [_allowed(each.rate) for each in self.endpoint.throttles]
        allowed = [number for number in numbers if number is not None]
        if not allowed or not self.plan.bases or min(allowed) >= _LONGEST_BURST:
            return
        base = self.plan.bases[0]
        request = self.plan.case(base).request
        outcome = self.lockstep.burst(request, min(allowed) + 1)[-1]
        self.records.append(Record(self.plan.case(base, "throttled"), outcome))

    def _requirements(self) -> Requirements:
        lists = self.plan.lists()
        sends = self.plan.asks or self.plan.method in {"POST", "PUT", "PATCH"}
        writer: Writer = self.plan.writer
        declared = self.endpoint.serializer is not None
        return Requirements(
            self.plan.method,
            self.plan.roles(),
            [field.name for field in writer.fields] if sends and declared else [],
            self.plan.required_parameters(),
            self.plan.parameters.page_tags() if lists else [],
            self.scene.roster.unknown(self.endpoint.authenticators)
            if not self.plan.authenticators
            else [],
            lists,
            writer.envelope,
            self._silent(),
            [field.name for field in writer.fields if takes_all(field)],
        )

    def _silent(self) -> bool:
        """Whether DRF or a package answers by a serializer that shows none of its fields."""
        action = self.endpoint.methods.get(self.endpoint.action or "")
        found = self.scene.world.serializers.get(self.endpoint.serializer or "")
        if found is None or (action is not None and action.package is None):
            return False
        return bool(found.fields) and all(each.write_only for each in found.fields)


def _shuffled(cases: list[Case], seed: int) -> list[Case]:
    """Bases first, then rows in every state, the others in an order that the seed decides."""
    bases = [case for case in cases if "base" in case.tags]
    states = [case for case in cases if any(tag.startswith("state:") for tag in case.tags)]
    told = {id(case) for case in (*bases, *states)}
    rest = [case for case in cases if id(case) not in told]
    random.Random(seed).shuffle(rest)
    return bases + states + rest


def _allowed(rate: str | None) -> int | None:
    number = (rate or "").partition("/")[0]
    return int(number) if number.isdigit() else None
