"""One mutant after the other in a copy of the application, `verify` on the endpoints it reaches."""

import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mutation.operators import Module, Mutant
from mutation.reach import Reach
from strangler.convert.ledger import read_ledger
from strangler.errors import StranglerError
from strangler.facts import Endpoint, Facts
from strangler.verify.executor import ExecutorFailure
from strangler.verify.lockstep import Lockstep
from strangler.verify.preparation import Scene
from strangler.verify.project import Project
from strangler.verify.session import EndpointRun, Options
from strangler.verify.stage import staged


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one mutant. `found`: the endpoint it was found at, and the first difference."""

    mutant: Mutant
    name: str
    asked: int
    found: str | None = None
    difference: str = ""


def modules(out: Path) -> Iterator[Module]:
    """The generated modules that are a project's own: not the support package, not Alembic's."""
    for path in sorted((out / "app").rglob("*.py")):
        name = path.relative_to(out).as_posix()
        if not name.startswith("app/compat/") and path.stat().st_size:
            yield Module(name, path.read_bytes())


class Trial:
    """Runs mutants; every public call leaves the copy as it was."""

    def __init__(self, project: Project, facts: Facts, options: Options) -> None:
        self.original = project.out
        copy = project.out.with_name(project.out.name + "-mutant")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(project.out, copy, ignore=shutil.ignore_patterns("__pycache__"))
        # Files that change within a second must not be taken from a compiled one.
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        self.project = replace(project, out=copy)
        self.facts, self.options = facts, options
        self.modules = list(modules(project.out))
        ledger = read_ledger(project.out)
        known = {each.id: each for each in facts.endpoints}
        places = {
            each.id: each.new_source
            for each in ledger.endpoints.values()
            if each.id in known and each.new_source and each.status == "converted"
        }
        self.endpoints: dict[str, Endpoint] = {name: known[name] for name in places}
        made = frozenset(name for module in self.modules for name in module.makes())
        tables = {model.name: model.db_table for model in facts.models}
        deleted = frozenset(
            tables[each.queryset.model]
            for each in self.endpoints.values()
            if each.method == "DELETE" and each.queryset
        )
        for module in self.modules:
            module.made, module.deleted = made, deleted
        self.reach = Reach(project.out, [each.name for each in self.modules], places)

    def sampled(self, count: int, seed: int) -> list[Mutant]:
        """Mutants by chance, of what some endpoint uses."""
        sites = [
            mutant
            for module in self.modules
            for mutant in module.mutants()
            if self.reach.endpoints(mutant.file, mutant.definition)
        ]
        random.Random(seed).shuffle(sites)
        return sites[:count]

    def run(self, mutants: Sequence[Mutant], tell: Callable[[Result], None]) -> None:
        """Try each; those with which the application does not start are told as not asked."""
        with staged(
            self.project, self.facts, list(self.endpoints.values()),
            isolation=self.options.isolation,
        ) as (scene, lockstep):  # fmt: skip
            for mutant in mutants:
                tell(self._one(mutant, scene, lockstep))

    def _one(self, mutant: Mutant, scene: Scene, lockstep: Lockstep) -> Result:
        source = (self.original / mutant.file).read_bytes()
        file = self.project.out / mutant.file
        file.write_bytes(mutant.applied(source))
        named = mutant.named(source)
        lockstep.stop("new")
        try:
            lockstep.start()
            return self._asked(mutant, named, scene, lockstep)
        except (ExecutorFailure, StranglerError) as failure:
            return Result(mutant, named, 0, difference=str(failure).strip()[-200:])
        finally:
            file.write_bytes(source)
            lockstep.stop("new")

    def _asked(self, mutant: Mutant, named: str, scene: Scene, lockstep: Lockstep) -> Result:
        names = self.reach.endpoints(mutant.file, mutant.definition)
        for number, name in enumerate(names, 1):
            run = EndpointRun(
                self.project, self.facts, scene, lockstep, self.endpoints[name], self.options
            )
            report = run.run()
            if report.differences:
                first = report.differences[0]
                told = f"{first.category} at {first.pointer}"
                return Result(mutant, named, number, name, told)
        return Result(mutant, named, len(names))
