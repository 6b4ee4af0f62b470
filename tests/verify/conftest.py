"""The notes project on disk, and executors on twins of its database."""

import os
import sys
from collections.abc import Callable, Iterator

import pytest

from strangler.verify.executor import Executor
from strangler.verify.project import Project
from strangler.verify.source import prepared
from strangler.verify.twins import Twins
from tests.verify.notes_project import write_project


def plain_environment() -> dict[str, str]:
    names = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "FAULT")
    return {name: value for name, value in os.environ.items() if name not in names}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with its hand-written new application."""
    folder = write_project(tmp_path_factory.mktemp("project"))
    return Project(
        path=folder,
        settings="settings",
        python=sys.executable,
        out=folder / "newapp",
        app="app.main:app",
        new_python=sys.executable,
        environment=plain_environment(),
        seconds=20,
    )


@pytest.fixture(scope="session")
def hello(project: Project) -> dict[str, object]:
    """What the legacy side says about its settings."""
    executor = project.legacy(None, "none")
    executor.close()
    return executor.hello


@pytest.fixture(scope="session", params=["sqlite", "postgresql", "mariadb"])
def twins(
    request: pytest.FixtureRequest, project: Project, hello: dict[str, object]
) -> Iterator[Twins]:
    """Twins with six notes of three users, on each kind of database."""
    urls: dict[str, Callable[[], str]] = {
        "postgresql": lambda: request.getfixturevalue("postgres_url"),
        "mariadb": lambda: request.getfixturevalue("mariadb").url,
    }
    made = prepared(project, hello, urls[request.param]() if request.param in urls else None)
    with project.seeding(made.template(), "namespace") as executor:
        executor.ask({"op": "migrate"})
        executor.ask({"op": "users"})
        executor.ask({"op": "rows", "models": {"notes.Note": 6}})
    made.freeze()
    yield made
    made.close()


@pytest.fixture(scope="session")
def legacy(project: Project, twins: Twins) -> Iterator[Callable[[], Executor]]:
    """The legacy application on the legacy twin, booted once and again when it ended."""
    running: list[Executor] = []

    def started() -> Executor:
        if not running or running[-1].closed:
            running.append(project.legacy(twins.place("legacy"), "namespace"))
        return running[-1]

    yield started
    for executor in running:
        executor.close()
