"""The whole way on a whole project: what converts answers as before and writes the same rows."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Cluster
from tests.scramble import scramble

pytestmark = pytest.mark.slow
_LEAST_SHARE = 0.45


def _strangler(environment: dict[str, str], *arguments: str | Path) -> None:
    command = Path(sys.executable).with_name("strangler")
    done = subprocess.run(
        [command, *map(str, arguments)],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stdout[-4000:] + done.stderr[-4000:]


def _converted(project: Path, folder: Path, **environment: str) -> dict[str, Any]:
    report = folder / "convert.json"
    python = ("--python", sys.executable)
    _strangler(
        environment, "convert", project, *python, "--out", folder / "api", "--report", report
    )
    return json.loads(report.read_text())


def _verified(project: Path, folder: Path, *options: str, **environment: str) -> dict[str, Any]:
    report = folder / "verify.json"
    python = ("--python", sys.executable)
    _strangler(
        environment,
        "verify",
        project,
        *python,
        "--out",
        folder / "api",
        "--report",
        report,
        *options,
    )
    return json.loads(report.read_text())


def _statuses(report: dict[str, Any]) -> Counter[str]:
    return Counter(e["status"] for e in report["endpoints"] if e["kind"] == "drf")


def _check(converted: dict[str, Any], verified: dict[str, Any]) -> None:
    statuses = _statuses(converted)
    assert statuses["converted"] >= _LEAST_SHARE * statuses.total()
    assert [e["id"] for e in verified["endpoints"] if e["verdict"] != "equal"] == []
    assert verified["totals"]["equal"] == converted["totals"]["endpoints"]["converted"]


@pytest.fixture(scope="module")
def shop(repository: Path) -> Path:
    return repository / "sample_django_app"


def test_the_shop_answers_as_before_on_sqlite(shop: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    converted = _converted(shop, tmp_path, DATABASE_URL=url)
    _check(converted, _verified(shop, tmp_path, "--seed", "3", DATABASE_URL=url))


def test_the_shop_answers_as_before_on_postgresql(
    shop: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_shop")
    converted = _converted(shop, tmp_path, DATABASE_URL=url)
    _check(converted, _verified(shop, tmp_path, "--cases", "30", DATABASE_URL=url))


def test_a_shop_under_other_names_converts_as_much(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    scramble(shop, other, 11)
    url = f"sqlite:///{tmp_path}/shop.db"
    converted = _converted(other, tmp_path, DATABASE_URL=url)
    (tmp_path / "plain").mkdir()
    plain = _converted(shop, tmp_path / "plain", DATABASE_URL=url)
    assert converted["totals"]["endpoints"] == plain["totals"]["endpoints"]
    _check(converted, _verified(other, tmp_path, DATABASE_URL=url))
