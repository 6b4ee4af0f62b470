"""Fixtures of the compat tests."""

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.compat import oracle  # noqa: F401 - configures Django before any test imports DRF


@pytest.fixture(scope="session", autouse=True)
def _django_may_use_its_database(django_db_blocker: DjangoDbBlocker) -> None:
    """The oracle's database is a file of ours, not pytest-django's."""
    django_db_blocker.unblock()
