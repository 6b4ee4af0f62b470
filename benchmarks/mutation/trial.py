"""One mutant after the other in a copy of the application, `verify` on the endpoints it reaches."""

import ast
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mutation.operators import Module, Mutant
from mutation.reach import Reach
from mutation.remembering import Remembering
from mutation.unseen import Whole, deleting
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


def _function(tree: ast.Module, line: int) -> ast.stmt:
    """The top-level definition that a line is in, its decorators included."""
    return next(each for each in tree.body if line <= (each.end_lineno or each.lineno))


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
        whole = self._whole(places)
        for module in self.modules:
            module.whole = whole
        self.reach = Reach(project.out, [each.name for each in self.modules], places)

    def _whole(self, places: Mapping[str, str]) -> Whole:
        """What the modules do together; `places`: `file:line` of each endpoint's function."""
        tables = {model.name: model.db_table for model in self.facts.models}
        trees = {each.name: each.tree for each in self.modules}
        functions = {
            name: _function(trees[file], int(line))
            for name, place in places.items()
            for file, _, line in [place.rpartition(":")]
        }
        models = {
            name: each.queryset.model for name, each in self.endpoints.items() if each.queryset
        }
        deleted = self._cascaded(
            {tables[models[name]] for name in deleting(functions) if name in models}
        )
        support = (self.original / "app" / "compat").glob("*.py")
        others = [ast.parse(path.read_bytes()) for path in support]
        return Whole.of([*trees.values(), *others], deleted)

    def _cascaded(self, deleted: set[str]) -> set[str]:
        """Tables whose rows go with rows of these."""
        found, more = set(deleted), True
        while more:
            pointing = {
                model.db_table
                for model in self.facts.models
                for each in model.fields
                if each.relation
                and each.relation.on_delete == "CASCADE"
                and self._table(each.relation.model) in found
            }
            more = not pointing <= found
            found |= pointing
        return found

    def _table(self, label: str) -> str:
        return next((model.db_table for model in self.facts.models if model.name == label), "")

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
            remembering = Remembering.of(lockstep)
            for mutant in mutants:
                remembering.begin()
                tell(self._one(mutant, scene, remembering))

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
