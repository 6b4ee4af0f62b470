"""A Django project and the application converted from it, started on databases of their own."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from strangler.verify.executor import Executor
from strangler.verify.project import Project
from strangler.verify.twins import Place
from tests.postgres import Cluster

from .environments import Oracle
from .http_project import make_http_project
from .running import converted, output

Sides = tuple[Executor, Executor, Callable[[], None]]


class Databases:
    """The databases of one project: one made by its own commands, and two copies."""

    def __init__(self, folder: Path, server: Cluster | None) -> None:
        self.folder, self.server = folder, server

    def url(self, name: str) -> str:
        """Where one is."""
        if self.server is not None:
            return self.server.database_url(f"wire_{name}")
        return f"sqlite:///{self.folder / name}.db"

    def make(self) -> None:
        """An empty one to fill."""
        if self.server is not None:
            self.server.new_database("wire_made")
        else:
            (self.folder / "made.db").unlink(missing_ok=True)

    def copy(self) -> None:
        """Both copies anew."""
        for name in ("legacy", "new"):
            if self.server is not None:
                self.server.new_database(f"wire_{name}", "wire_made")
                continue
            for suffix in ("-wal", "-shm"):
                (self.folder / f"{name}.db{suffix}").unlink(missing_ok=True)
            shutil.copy(self.folder / "made.db", self.folder / f"{name}.db")

    def place(self, name: str) -> Place:
        """For an executor."""
        url = self.url(name)
        if self.server is None:
            return Place("sqlite3", {"NAME": str(self.folder / f"{name}.db")}, url)
        told = psycopg.conninfo.conninfo_to_dict(url)
        settings = {
            "NAME": told["dbname"],
            "HOST": told["host"],
            "PORT": told["port"],
            "USER": told["user"],
        }
        return Place("postgresql", {key: str(value) for key, value in settings.items()}, url)


@dataclass(frozen=True)
class Pair:
    """What was made of a seed: both applications, their rows, the choices, the report."""

    project: Project
    databases: Databases
    folder: Path
    chosen: dict[str, str]
    credentials: dict[str, dict[str, str]]
    report: dict[str, Any]

    @contextmanager
    def started(self, *, shared: bool = False) -> Iterator[Sides]:
        """Both, and what gives them fresh databases. shared: they work on one."""
        self.databases.copy()
        media = {side: self.folder / f"media-{side}" for side in ("legacy", "new")}

        def fresh() -> None:
            for place in media.values():
                shutil.rmtree(place, ignore_errors=True)
                (place / "papers").mkdir(parents=True)
                (place / "papers" / "there.txt").write_text("there")

        fresh()
        theirs = self.databases.place("legacy")
        ours = theirs if shared else self.databases.place("new")
        with (
            self.project.legacy(theirs, "none", media=str(media["legacy"])) as legacy,
            self.project.new(ours, "none", legacy.hello, str(media["new"])) as new,
        ):

            def renew() -> None:
                for side in (legacy, new):
                    side.ask({"op": "reset", "connections": True})
                self.databases.copy()
                fresh()

            yield legacy, new, renew


def pair(oracle: Oracle, seed: int, variant: str, folder: Path, server: Cluster | None) -> Pair:
    """Make the project, its rows, and convert it."""
    folder.mkdir(parents=True, exist_ok=True)
    root, api = folder / variant, folder / f"{variant}-api"
    chosen = make_http_project(root, seed, variant)
    databases = Databases(folder, server)
    databases.make()
    made = databases.url("made")
    script = folder / f"{variant}-seed.py"
    command = [oracle.python, "-W", "ignore", script, str(seed)]
    told = output(command, root, {"DATABASE_URL": made})
    credentials = json.loads(told.strip().rpartition("\n")[2])
    shutil.rmtree(api, ignore_errors=True)
    report = converted(root, api, oracle.python, made)
    project = Project(root, "settings", oracle.python, api, "app.main:app", sys.executable)
    environment = dict(project.environment) | {"DATABASE_URL": made}
    project = replace(project, environment=environment)
    return Pair(project, databases, folder, chosen, credentials, report)
