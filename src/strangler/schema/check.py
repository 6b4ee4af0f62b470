"""Asks whether the tables of the generated application are those of the live database."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strangler import compat
from strangler.errors import EnvironmentProblem, UsageError
from strangler.facts import Facts
from strangler.schema.catalogue import Comparison, Difference, Tolerance, compare
from strangler.schema.ci import known_migrations
from strangler.schema.databases import Live, live_database
from strangler.verify.project import Project

_SCRIPT = Path(__file__).with_name("new_schema.py")
_REFLECTION = Path(compat.__file__).with_name("reflection.py")
_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was compared, and what differs. `notes` say what is not alike and makes no difference."""

    tables: int
    dialect: str
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that models describe."""

    #: Those that the new application should have a model of.
    wanted: frozenset[str]
    #: The kind of database that they were made for: "postgresql", "sqlite".
    vendor: str
    #: Those that Django neither makes nor changes.
    unmanaged: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, facts: Facts, converted: frozenset[str]) -> "Tables":
        """From the facts of a project and the names of the models that were converted."""
        managed = {model.db_table for model in facts.models if model.managed}
        every = {model.db_table for model in facts.models}
        mine = {model.db_table for model in facts.models if model.name in converted}
        vendor = facts.databases["default"].vendor
        return cls(frozenset(mine & managed), vendor, frozenset(every - managed))


def check(
    project: Project, environment: Mapping[str, str], tables: Tables, scratch: str | None = None
) -> Outcome:
    """Compare the models of the new application with the database in `environment`.

    Other tables of the database are left out. The catalogue of a scratch database, in which the
    application made its tables, is compared with the live one's by name and definition, and
    Alembic is asked what it would do. scratch: URL of a server for that database, the live one's
    by default.

    Raises EnvironmentProblem where the comparison cannot be made.
    """
    return examined(project, environment, tables, scratch)[0]


def examined(
    project: Project, environment: Mapping[str, str], tables: Tables, scratch: str | None = None
) -> tuple[Outcome, Mapping[str, Any]]:
    """The same, with what the application says of its tables."""
    with live_database(environment["DATABASE_URL"], scratch) as live:
        if live.vendor != tables.vendor:
            raise UsageError(
                f"the settings name a {tables.vendor} database, this one is {live.vendor}",
                hint="convert and check with the settings that production uses",
            )
        application = described(project, environment, tables)
        strict = strict_comparison(live, application, tables)
        differences = (*strict.differences, *_unnamed(application["differences"], strict))
        behind = _behind(live, project, differs=bool(differences))
        outcome = Outcome(
            len(application["tables"]),
            application["dialect"],
            differences,
            (*behind, *strict.notes),
        )
        return outcome, application


def _behind(live: Live, project: Project, *, differs: bool) -> list[str]:
    """What database and application lack of each other's migrations."""
    applied = live.applied()
    if not applied:
        made_by_django = "alembic_version" not in live.catalogue()
        return ["no migration is applied: manage.py migrate"] if differs and made_by_django else []
    made_from = [".".join(migration) for migration in known_migrations(project)]
    notes = [
        f"{name} is not applied: manage.py migrate" for name in made_from if name not in applied
    ]
    later = [name for name in applied if name not in made_from] if differs else []
    return [*notes, *(f"{name} came after the conversion: strangler convert" for name in later)]


def strict_comparison(live: Live, application: Mapping[str, Any], tables: Tables) -> Comparison:
    """What the catalogues differ in."""
    found = live.catalogue()
    made = live.scratch(application["statements"], application["names"])
    names = {*application["tables"], *tables.wanted} - tables.unmanaged
    return compare(found, made, names, Tolerance(frozenset(application["through"])))


def _unnamed(proposed: list[dict[str, str]], strict: Comparison) -> list[Difference]:
    """What Alembic alone sees: tables of which the catalogues have told nothing yet."""
    told = {each.table for each in strict.differences}
    return [Difference(**each) for each in proposed if each["table"] not in told]


def described(project: Project, environment: Mapping[str, str], tables: Tables) -> dict[str, Any]:
    """What the new application says of its tables: statements, names, Alembic's operations.

    Raises EnvironmentProblem where it cannot be read, or does not reach the database.
    """
    boot = {
        "path": str(project.out),
        "app": project.app,
        "environment": dict(environment),
        "wanted": sorted(tables.wanted),
        "unmanaged": sorted(tables.unmanaged),
        "reflection": str(_REFLECTION),
    }
    try:
        done = subprocess.run(
            [project.new_python, str(_SCRIPT)],
            input=json.dumps(boot).encode(),
            capture_output=True,
            timeout=_SECONDS,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise EnvironmentProblem(f"the database did not answer within {_SECONDS:g} s") from None
    except OSError as error:
        raise EnvironmentProblem(
            f"the interpreter {project.new_python} does not start: {error.strerror}"
        ) from error
    except ValueError:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise EnvironmentProblem(f"the new application cannot be read: {last[:300]}") from None
    if "problem" in answer:
        raise EnvironmentProblem(f"the new application: {answer['problem']}")
    return answer
