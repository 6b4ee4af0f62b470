"""The whole way on a whole project: what converts answers as before and writes the same rows.

On SQLite the demo's test says it of the shop.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.postgres import Cluster
from tests.scramble import scramble

pytestmark = pytest.mark.slow
_LEAST_SHARE = 0.85
#: Reads with filters and orders, writes, a cascade, an action.
_CHOSEN = (
    "GET /api/products/", "POST /api/products/", "GET /api/reviews/", "PATCH /api/reviews/{pk}/",
    "DELETE /api/categories/{pk}/", "POST /api/orders/{pk}/pay/",
)  # fmt: skip


def _statuses(report: dict[str, Any]) -> Counter[str]:
    return Counter(e["status"] for e in report["endpoints"] if e["kind"] == "drf")


def _check(conversion: dict[str, Any], evidence: dict[str, Any]) -> None:
    statuses = _statuses(conversion)
    assert statuses["converted"] >= _LEAST_SHARE * statuses.total()
    assert not_equal(evidence) == []
    assert evidence["totals"]["equal"] == conversion["totals"]["endpoints"]["converted"]


@pytest.fixture(scope="module")
def shop(repository: Path) -> Path:
    return repository / "sample_django_app"


def test_the_shop_answers_as_before_on_mariadb(
    shop: Path, tmp_path: Path, new_mariadb_database: Callable[[str], str]
) -> None:
    url = new_mariadb_database("corpus_shop")
    converted(shop, tmp_path, DATABASE_URL=url)
    evidence = verified(shop, tmp_path, *_CHOSEN, "--cases", "12", DATABASE_URL=url)
    assert not_equal(evidence) == []
    assert (evidence["database"], evidence["totals"]["equal"]) == ("mariadb", len(_CHOSEN))


def test_a_shop_under_other_names_converts_as_much_and_answers_as_before(
    shop: Path, tmp_path: Path, postgres: Cluster
) -> None:
    other = tmp_path / "other"
    scramble(shop, other, 11)
    url = postgres.new_database("corpus_shop")
    conversion = converted(other, tmp_path, DATABASE_URL=url)
    (tmp_path / "plain").mkdir()
    plain = converted(shop, tmp_path / "plain", DATABASE_URL=url)
    assert conversion["totals"]["endpoints"] == plain["totals"]["endpoints"]
    _check(conversion, verified(other, tmp_path, "--cases", "30", DATABASE_URL=url))
