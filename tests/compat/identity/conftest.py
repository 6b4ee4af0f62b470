"""Both sides with the same users, on one database."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from strangler.compat import settings as ours
from strangler.compat.throttling import SimpleRateThrottle
from tests.compat.identity import legacy, new
from tests.compat.identity.twins import Twins
from tests.compat.identity.users import HASH, HASHERS, NAMES


@pytest.fixture(scope="session")
def _tables(_django_may_use_its_database: None) -> None:
    legacy.make_tables()


@pytest.fixture(scope="session")
def shared(_tables: None) -> Iterator[Twins]:
    twins = Twins()
    with twins.runner:
        yield twins
        twins.runner.run(new.database.dispose())


@pytest.fixture
def both(shared: Twins, monkeypatch: pytest.MonkeyPatch) -> Twins:
    """Both sides with fast hashes; ann, staff and root, and gone who is inactive."""
    monkeypatch.setattr(ours, "PASSWORD_HASHERS", HASHERS, raising=False)
    legacy.empty_tables()
    for name in NAMES:
        legacy.User.objects.create(
            username=name,
            password=HASH,
            is_staff=name == "staff",
            is_superuser=name == "root",
            is_active=name != "gone",
        )
    cache.clear()
    SimpleRateThrottle.cache.clear()
    shared.options = {}
    return shared
