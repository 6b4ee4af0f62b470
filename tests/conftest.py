"""Fixtures for every test."""

from pathlib import Path

import pytest

pytest_plugins = [
    "tests.postgres",  # `postgres`, `postgres_url`, `new_database`
    "tests.mariadb",  # `mariadb`, `new_mariadb_database`
    "tests.converted",  # `converted`, `project`
]


#: What takes longest begins first: at the end nobody waits for it.
_LONG = ("test_demo", "corpus", "schema")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say what runs first, and what needs a server, so that `-m "not postgres"` leaves it out."""
    items.sort(key=_place)
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if {"postgres", "postgres_url", "new_database"} & names:
            item.add_marker(pytest.mark.postgres)
        if {"mariadb", "new_mariadb_database"} & names:
            item.add_marker(pytest.mark.mariadb)


def _place(item: pytest.Item) -> int:
    names = (item.path.stem, item.path.parent.name)
    return next((place for place, name in enumerate(_LONG) if name in names), len(_LONG))


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer has exported must not change a test."""
    for name in ("STRANGLER_DEBUG", "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of pyproject.toml."""
    return Path(__file__).resolve().parent.parent
