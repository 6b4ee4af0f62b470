"""A difference is told with a line of each source and the rules that wrote the new one."""

import sys
from pathlib import Path

import pytest

from strangler.cli import main
from strangler.convert.ledger import read_ledger
from strangler.verify.origins import Origin, Origins

ROOT = Path(__file__).parents[2] / "sample_django_app"
PRODUCTS, PUBLISH = "GET /api/products/", "POST /api/products/{pk}/publish/"


@pytest.fixture(scope="module")
def origins(tmp_path_factory: pytest.TempPathFactory) -> Origins:
    """Of the shop, converted."""
    out = tmp_path_factory.mktemp("origins") / "newapp"
    given = ["--python", sys.executable, "--out", str(out)]
    assert main(["convert", str(ROOT), *given]) == 0
    ledger = read_ledger(out)
    places = {each.id: (each.source, each.new_source) for each in ledger.endpoints.values()}
    return Origins(ROOT, out, places)


def said(root: Path, place: str) -> str:
    file, _, line = place.rpartition(":")
    return (root / file).read_text().splitlines()[int(line) - 1].strip()


def test_a_value_comes_from_the_fields_of_both_sides(origins: Origins) -> None:
    found = origins.of(PRODUCTS, "value", "/results/0/price")
    assert said(ROOT, found.source) == '"price",'
    assert found.new_source.startswith("app/catalog/schemas.py:")
    assert found.rules == ("read_schema",)


def test_a_column_comes_from_its_model(origins: Origins) -> None:
    found = origins.of(PUBLISH, "row-value", "row:catalog_product/1/status")
    assert said(ROOT, found.source).startswith("status = models.CharField(")
    assert (found.new_source.rpartition(":")[0], found.rules) == (
        "app/catalog/models.py",
        ("model_class",),
    )


def test_a_status_comes_from_the_handler_and_the_rules_of_its_lines(origins: Origins) -> None:
    found = origins.of(PUBLISH, "status", "status")
    assert said(ROOT, found.source).startswith("def publish")
    assert found.rules[0] == "endpoint_handler"
    assert {"response", "view_objects"} <= set(found.rules)


def test_what_nobody_converted_has_no_origin(origins: Origins) -> None:
    assert origins.of("GET /elsewhere/", "status", "status") == Origin()
