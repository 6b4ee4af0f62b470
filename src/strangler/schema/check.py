"""Asks whether the tables of the generated application are those of the live database."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from strangler.errors import EnvironmentProblem
from strangler.verify.project import Project

_SCRIPT = Path(__file__).with_name("new_schema.py")
_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Difference:
    """One operation that Alembic would do to make the database what the models say."""

    kind: str
    table: str
    what: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was compared, and what differs."""

    tables: int
    dialect: str
    differences: tuple[Difference, ...]


def check(project: Project, environment: Mapping[str, str], tables: Iterable[str]) -> Outcome:
    """Compare the models of the new application with the database in `environment`.

    tables: those that it should have models of; others that it has none of are left out.
    Raises EnvironmentProblem where the comparison cannot be made.
    """
    boot = {
        "path": str(project.out),
        "app": project.app,
        "environment": dict(environment),
        "wanted": sorted(tables),
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
        answer = json.loads(done.stdout)
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
    found = tuple(Difference(**each) for each in answer["differences"])
    return Outcome(answer["tables"], answer["dialect"], found)
