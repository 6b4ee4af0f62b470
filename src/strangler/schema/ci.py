"""Judges Django migrations that the running new application was not made from."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strangler.errors import EnvironmentProblem, UsageError
from strangler.verify.executor import Executor, ExecutorFailure
from strangler.verify.project import Project

LEGACY_MIGRATIONS = Path(__file__).with_name("legacy_migrations.py")
_CONSTRAINTS = Path(__file__).with_name("legacy_constraints.py")
_PENDING = Path(__file__).with_name("legacy_pending.py")
_SECONDS = 300.0

Migration = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Break:
    """What one operation takes away; `source` is `path:line` of it, relative to the project."""

    migration: str
    source: str
    what: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A change of a model for which there is no migration; `source` is where the model stands.

    tables: whether a database hears of it. own: whether the model is the project's, no package's.
    """

    model: str
    source: str
    what: str
    tables: bool
    own: bool

    @property
    def missing(self) -> bool:
        """Whether the project lacks a migration that its tables need."""
        return self.tables and self.own


@dataclass(frozen=True, slots=True)
class Judgement:
    """Migrations since the conversion, in order, and what the running application breaks on.

    doubts: what it may break on, by what its rows are. pending: changes without a migration.
    """

    new: tuple[str, ...]
    breaks: tuple[Break, ...]
    doubts: tuple[Break, ...] = ()
    pending: tuple[Pending, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether nothing is to be done before the migrations run."""
        return not self.breaks and not any(each.missing for each in self.pending)


def judge(project: Project, tables: Iterable[str]) -> Judgement:
    """Judge the project's migrations without any database.

    tables: those of the new application. Raises UsageError where it does not say what it was made
    from, EnvironmentProblem where the project does not start.
    """
    known = known_migrations(project)
    question = {"op": "judge", "known": known, "tables": sorted(tables)}
    with executor(project) as legacy:
        answer = _asked(legacy, question)
        waiting = _pending(legacy)
    breaks, doubts = (tuple(Break(**each) for each in answer[n]) for n in ("breaks", "doubts"))
    return Judgement(tuple(answer["new"]), breaks, doubts, waiting)


def pending(project: Project) -> tuple[Pending, ...]:
    """What `makemigrations` would write, by model; it needs no database."""
    with executor(project) as legacy:
        return _pending(legacy)


def _pending(legacy: Executor) -> tuple[Pending, ...]:
    answer = _asked(legacy, {"op": "pending"})
    for each in answer["conflicts"]:
        raise UsageError(
            f"{each['app']} has two last migrations, {' and '.join(each['migrations'])}",
            hint="manage.py makemigrations --merge",
        )
    return tuple(Pending(**each) for each in answer["changes"])


def _asked(legacy: Executor, question: Mapping[str, Any]) -> dict[str, Any]:
    """The answer; EnvironmentProblem says that the migrations are at fault where there is none."""
    try:
        return legacy.ask(dict(question), seconds=_SECONDS)
    except ExecutorFailure as failure:
        raise EnvironmentProblem(
            f"the migrations cannot be read: {failure.message}",
            hint="manage.py makemigrations --check",
        ) from failure


def executor(project: Project) -> Executor:
    """The legacy project without a database, with the operations on migrations."""
    legacy = project.legacy(None, "namespace", stays=True)
    return project.extended(legacy, _CONSTRAINTS, LEGACY_MIGRATIONS, _PENDING)


def known_migrations(project: Project) -> list[Migration]:
    """The migrations that the new application was made from, as it says itself."""
    package = project.app.partition(":")[0].partition(".")[0]
    file = project.out / package / "migrations.py"
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        values = [node.value for node in tree.body if isinstance(node, ast.AnnAssign)]
        found = ast.literal_eval(values[0] or "") if values else {}
        return [(app, name) for app, names in found.items() for name in names]
    except FileNotFoundError:
        raise UsageError(
            f"there is no {file}: nothing says which migrations the application was made from",
            hint="strangler convert",
        ) from None
    except (OSError, SyntaxError, ValueError, AttributeError, TypeError) as error:
        raise UsageError(
            f"the migrations cannot be read: {type(error).__name__}",
            source=str(file),
            hint="strangler convert writes it",
        ) from error
