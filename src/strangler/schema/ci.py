"""Judges Django migrations that the running new application was not made from."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from strangler.errors import UsageError
from strangler.verify.executor import Executor
from strangler.verify.project import Project

LEGACY_MIGRATIONS = Path(__file__).with_name("legacy_migrations.py")
_SECONDS = 300.0

Migration = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Break:
    """What one operation takes away; `source` is `path:line` of it, relative to the project."""

    migration: str
    source: str
    what: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Migrations since the conversion, in order, and what the running application breaks on."""

    new: tuple[str, ...]
    breaks: tuple[Break, ...]


def judge(project: Project, tables: Iterable[str]) -> Judgement:
    """Judge the project's migrations without any database.

    tables: those of the new application. Raises UsageError where it does not say what it was made
    from, EnvironmentProblem where the project does not start.
    """
    known = known_migrations(project)
    question = {"op": "judge", "known": known, "tables": sorted(tables)}
    with executor(project) as legacy:
        answer = legacy.ask(question, seconds=_SECONDS)
    breaks = tuple(Break(**each) for each in answer["breaks"])
    return Judgement(tuple(answer["new"]), breaks)


def executor(project: Project) -> Executor:
    """The legacy project without a database, with the operations on migrations."""
    return project.extended(project.legacy(None, "namespace", stays=True), LEGACY_MIGRATIONS)


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
