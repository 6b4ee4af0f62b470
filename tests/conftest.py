"""Fixtures for every test."""

from pathlib import Path

import pytest

pytest_plugins = [
    "tests.postgres",  # `postgres`, `postgres_url`, `new_database`
    "tests.mariadb",  # `mariadb`, `new_mariadb_database`
    "tests.converted",  # `converted`, `project`
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs a server carries its mark, so that `-m "not postgres"` leaves it out."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if {"postgres", "postgres_url", "new_database"} & names:
            item.add_marker(pytest.mark.postgres)
        if {"mariadb", "new_mariadb_database"} & names:
            item.add_marker(pytest.mark.mariadb)


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer has exported must not change a test."""
    for name in ("STRANGLER_DEBUG", "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of pyproject.toml."""
    return Path(__file__).resolve().parent.parent
