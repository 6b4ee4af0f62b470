"""One schema seen twice: as Django models and as compat models, on the same database."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from sqlalchemy.orm import Session

from strangler.compat import settings
from tests.compat.twin import django_models as dj
from tests.compat.twin.databases import Twin, mariadb_twin, postgresql_twin, sqlite_twin

VENDORS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgres),
    pytest.param("mariadb", marks=pytest.mark.mariadb),
]


@pytest.fixture(scope="session")
def twins() -> Iterator[dict[str, Twin]]:
    """Those made so far, by vendor: one of each is enough for all tests."""
    made: dict[str, Twin] = {}
    yield made
    for twin in made.values():
        connections[twin.alias].close()


@pytest.fixture(params=VENDORS)
def twin(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    twins: dict[str, Twin],
) -> Iterator[Twin]:
    """An empty database of the twin schema, on each kind."""
    if request.param not in twins:
        if request.param == "sqlite":
            made = sqlite_twin(tmp_path_factory.mktemp("twin"))
        elif request.param == "mariadb":
            new_mariadb: Callable[..., str] = request.getfixturevalue("new_mariadb_database")
            made = mariadb_twin(new_mariadb("twin"))
        else:
            new_database: Callable[..., str] = request.getfixturevalue("new_database")
            made = postgresql_twin(new_database("twin"))
        twins[request.param] = made
    twin = twins[request.param]
    twin.empty()
    dj.Owner.twin_alias = twin.alias
    yield twin
    if "sync_engine" in twin.database.__dict__:
        twin.database.sync_engine.dispose()


@pytest.fixture
def session(twin: Twin) -> Iterator[Session]:
    """A session of compat on the twin."""
    with twin.database.sync_sessions() as session:
        yield session


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Both sides live in a zone with summer time."""
    from django.utils import timezone

    name = "Europe/Berlin"
    monkeypatch.setattr(settings, "TIME_ZONE", name)
    with timezone.override(name):
        yield name
