"""The acts of the demo, one after the other, and the figures that they leave."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from strangler.convert.run import run
from strangler.demo import planting
from strangler.demo.planting import Caught
from strangler.demo.scene import Scene, prepared
from strangler.demo.shift import Control, Shift, shift
from strangler.demo.traffic import Refusal, Tally, Traffic
from strangler.errors import EnvironmentProblem
from strangler.facts import Facts
from strangler.legacy import read_facts, root_of, walked
from strangler.schema.check import Outcome, Tables, check
from strangler.serving import programs
from strangler.serving.processes import Group, Printer
from strangler.verify.project import Project
from strangler.verify.report import Report
from strangler.verify.session import Options, verify
from strangler_proxy.asking import proxy_of
from strangler_proxy.editing import RouteState
from strangler_proxy.state import StateFolder, file_of

_CASES = 12  # of each endpoint; `strangler verify` asks more

#: Called with the title of an act, or with a line about the one that is on.
Announce = Callable[[str], object]


@dataclass(slots=True)
class Figures:
    """What the acts came to."""

    seconds: dict[str, float] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    schema: Outcome | None = None
    verified: Report | None = None
    moved: Shift = field(default_factory=Shift)
    tally: Tally = field(default_factory=Tally)
    caught: Caught | None = None

    @property
    def good(self) -> bool:
        """Whether everything went as the demo promises."""
        schema, verified = self.schema, self.verified
        return (
            schema is not None
            and not schema.differences
            and verified is not None
            and all(each.verdict != "different" for each in verified.endpoints)
            and self.tally.failed == 0
            and not self.moved.held
            and self.caught is not None
        )

    def json(self) -> dict[str, Any]:
        """As `--report` writes it."""
        tally, verified = self.tally, self.verified
        return {
            "version": 1,
            "good": self.good,
            "seconds": {**self.seconds, "all": round(sum(self.seconds.values()), 1)},
            "converted": self.report.get("totals", {}).get("endpoints", {}),
            "schema": asdict(self.schema) if self.schema else None,
            "verify": verified.json()["totals"] if verified else None,
            "traffic": {
                "requests": tally.requests,
                "failed": tally.failed,
                "failures": tally.failures,
                "methods": dict(tally.calls),
                "p50": round(tally.percentile(0.5), 4),
                "p99": round(tally.percentile(0.99), 4),
            },
            "shift": [asdict(phase) for phase in self.moved.phases],
            "compared": self.moved.verdicts,
            "held": self.moved.held,
            "planted": asdict(self.caught) if self.caught else None,
        }


class Play:
    """One performance in a folder."""

    def __init__(self, folder: Path, title: Announce, note: Announce, printer: Printer) -> None:
        self.figures = Figures()
        self.scene: Scene
        self._folder = folder
        self._title = title
        self._note = note
        self._group = Group(printer)

    def perform(self) -> Figures:
        """All acts; afterwards both applications and the proxy still run. `close` ends them."""
        with self._act("Seed the shop"):
            self.scene = prepared(self._folder)
        with self._act("Convert it to FastAPI"):
            facts = self._convert()
        project = programs.project_of(self.scene.config, facts.settings_module)
        hello = programs.hello_of(project)
        with self._act("Compare the schema with the live database"):
            tables = Tables.of(facts, frozenset(self._converted("models")))
            environment = programs.secrets_of(project, hello)
            self.figures.schema = outcome = check(project, environment, tables)
            self._note(f"{outcome.tables} tables, {len(outcome.differences)} differences")
        with self._act("Verify: both applications, request by request, on twin databases"):
            self.figures.verified = self._verify(project, facts)
        with self._act("Start legacy, new and proxy"):
            key = StateFolder.of(self.scene.config).key()
            self._start_all(project, hello, key)
        control = self._control()
        try:
            self._under_traffic(control, facts, project, hello, key)
        except Refusal as error:
            raise EnvironmentProblem(f"the shop refuses its visitors: {error}") from error
        return self.figures

    def close(self) -> None:
        """Stop everything."""
        self._group.__exit__()

    @property
    def group(self) -> Group:
        """What runs."""
        return self._group

    # --- acts

    @contextmanager
    def _act(self, title: str) -> Iterator[None]:
        self._title(title)
        started = time.monotonic()
        try:
            yield
        finally:
            self.figures.seconds[title] = round(time.monotonic() - started, 1)

    def _convert(self) -> Facts:
        config = self.scene.config
        facts = read_facts(config)
        out = config.at(config.new.path)
        result = run(root_of(config), out, facts, walked(config))
        self.figures.report = result.report
        drf = [each for each in result.report["endpoints"] if each["kind"] == "drf"]
        done = sum(each["status"] != "legacy" for each in drf)
        self._note(f"{done} of {len(drf)} DRF endpoints; the others stay on Django, with reasons")
        return facts

    def _converted(self, kind: str) -> list[str]:
        key = "id" if kind == "endpoints" else "name"
        listed = self.figures.report[kind]
        return [each[key] for each in listed if each["status"] != "legacy"]

    def _verify(self, project: Project, facts: Facts) -> Report:
        wanted = set(self._converted("endpoints"))
        endpoints = [each for each in facts.endpoints if each.id in wanted]

        def progress(name: str, done: int, total: int) -> None:
            self._note(f"{done} of {total}: {name}" if name else "")

        report = verify(project, facts, endpoints, Options(cases=_CASES), progress)
        verdicts = [each.verdict for each in report.endpoints]
        shown = {name: verdicts.count(name) for name in ("equal", "different", "insufficient")}
        self._note(", ".join(f"{count} {name}" for name, count in shown.items()))
        return report

    def _start_all(self, project: Project, hello: Any, key: str) -> None:
        config = self.scene.config
        self._group.start(
            programs.legacy_program(config, project),
            programs.new_program(config, project, hello, key),
        )
        self._group.start(programs.proxy_program(config, "--config", str(self.scene.file)))

    def _control(self) -> Control:
        config = self.scene.config
        proxy = proxy_of(config)
        assert proxy is not None  # the one that just began to listen has made its token
        state = RouteState(
            file_of(config, config.proxy.routes, "routes"),
            StateFolder.of(config).path,
            frozenset(each["id"] for each in self.figures.report["endpoints"]),
            frozenset(self._converted("endpoints")),
        )
        return Control(state, proxy, file_of(config, config.proxy.store, "store"))

    def _under_traffic(
        self,
        control: Control,
        facts: Facts,
        project: Project,
        hello: Any,
        key: str,
    ) -> None:
        traffic = Traffic(f"http://{self.scene.config.proxy.listen}")
        self.figures.tally = traffic.tally
        moving = [name for name in self._movable() if name != planting.ENDPOINT]
        with self._act("Shift endpoints while visitors come and go"), traffic:
            self.figures.moved = shift(control, moving, self._note)
            self._note(f"{traffic.tally.requests} requests, {traffic.tally.failed} failed")
        with self._act("Plant a mistake in the last endpoint, catch it, roll back"):
            self._plant(control, facts, project, hello, key, traffic)

    def _movable(self) -> list[str]:
        """Endpoints that `verify` found no difference in."""
        assert self.figures.verified is not None
        verdicts = {each.id: each.verdict for each in self.figures.verified.endpoints}
        return [name for name in self._converted("endpoints") if verdicts.get(name) == "equal"]

    def _plant(
        self, control: Control, facts: Facts, project: Project, hello: Any, key: str,
        traffic: Traffic,
    ) -> None:  # fmt: skip
        out = project.out
        mistake = planting.plant(out)
        try:
            self._restart_new(project, hello, key)
            endpoint = next(each for each in facts.endpoints if each.id == planting.ENDPOINT)
            serializer = str(endpoint.serializer)
            legacy = planting.place(self.figures.report, serializer, project.path)
            sources = (legacy, mistake.shown(out))
            with traffic:
                self.figures.caught = planting.catch(control, sources)
        finally:
            mistake.mend()
        self._restart_new(project, hello, key)

    def _restart_new(self, project: Project, hello: Any, key: str) -> None:
        """Deploy the new application again; no visitor is there meanwhile."""
        children = self._group.children
        old = next(child for child in children if child.program.name == "new")
        old.stop()
        children.remove(old)
        self._group.start(programs.new_program(self.scene.config, project, hello, key))
