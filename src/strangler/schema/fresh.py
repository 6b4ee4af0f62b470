"""Fresh databases of the live one's kind: Django or Alembic builds its tables there."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strangler.errors import EnvironmentProblem
from strangler.schema.databases import Live, live_database
from strangler.verify.executor import Executor
from strangler.verify.project import Project
from strangler.verify.source import empty_twins
from strangler.verify.twins import Place

LEGACY_MIGRATIONS = Path(__file__).with_name("legacy_migrations.py")
_RUNNER = Path(__file__).with_name("new_alembic.py")
_SECONDS = 600.0
# What Alembic refuses, or the first line of an exception: SQLAlchemy's have others after it.
_TOLD = re.compile(r"FAILED:|^(?:\w+\.)*\w*(?:Error|Exception)(?::|$)")


@dataclass(frozen=True)
class Fresh:
    """An empty database that is gone afterwards."""

    project: Project
    place: Place

    @contextmanager
    def legacy(self) -> Iterator[Executor]:
        """The legacy project on it, with what seeds and migrates."""
        executor = self.project.seeding(self.place, "namespace")
        with self.project.extended(executor, LEGACY_MIGRATIONS):
            yield executor

    def migrate(self) -> None:
        """Let Django make everything."""
        with self.legacy() as legacy:
            legacy.ask({"op": "migrate"}, seconds=_SECONDS)

    def alembic(self, folder: Path, *arguments: str) -> None:
        """Run Alembic on it, with the environment in a folder."""
        environment = {"DATABASE_URL": self.place.url, "SECRET_KEY": "of a scratch database"}
        run_alembic(self.project, folder, environment, arguments)

    @contextmanager
    def opened(self) -> Iterator[Live]:
        """What there is to read in it."""
        with live_database(self.place.url) as live:
            yield live


@contextmanager
def fresh(project: Project, url: str) -> Iterator[Fresh]:
    """A database beside the one at a URL; EnvironmentProblem where none may be made there."""
    twins = empty_twins(url)
    try:
        yield Fresh(project, twins.template())
    finally:
        twins.close()


def run_alembic(
    project: Project, folder: Path, environment: Mapping[str, str], arguments: Sequence[str]
) -> str:
    """Run one command of Alembic in `[new] python`, with folder/alembic.ini; what it prints.

    Raises EnvironmentProblem with the last line where it fails.
    """
    boot: dict[str, Any] = {
        "path": str(folder),
        "environment": dict(environment),
        "arguments": ["--config", str(folder / "alembic.ini"), *arguments],
    }
    try:
        done = subprocess.run(
            [project.new_python, str(_RUNNER)],
            input=json.dumps(boot).encode(),
            capture_output=True,
            timeout=_SECONDS,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentProblem(f"Alembic cannot be run: {type(error).__name__}") from error
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).decode("utf-8", "replace").strip().splitlines()
        told = [line for line in lines if _TOLD.search(line)] or lines[-1:] or ["no word"]
        raise EnvironmentProblem(f"alembic {arguments[0]}: {told[-1].strip()[:400]}")
    return done.stdout.decode("utf-8", "replace")
