"""The report: its totals, its order, its shape, and that it agrees with the URL resolver."""

import json
from collections import Counter
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from strangler.convert.report import build_report, check_totals, dumps
from strangler.convert.run import Choices, run
from strangler.errors import InternalError
from tests.codemods import library
from tests.codemods.project import Legacy, legacy_project


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> Legacy:
    """The library, with Django's admin and a plain view beside its own."""
    settings = library.SETTINGS + (
        'INSTALLED_APPS += ["django.contrib.admin", "django.contrib.messages"]\n'
        'TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]\n'
    )
    urls = library.URLS.replace(
        "urlpatterns = [",
        "from django.contrib import admin\nfrom django.views.generic import View\n\n"
        'urlpatterns = [path("admin/", admin.site.urls), path("plain/", View.as_view()), ',
    )
    return legacy_project(
        tmp_path_factory.mktemp("library"), {**library.FILES, "urls.py": urls}, settings
    )


@pytest.fixture(scope="module")
def report(legacy: Legacy) -> dict[str, Any]:
    """A run's report in which two rules are left out."""
    skip = ["queryset_select_related", "endpoint_destroy"]
    choices, out = Choices(skip=skip), legacy.folder / "new"
    done = run(legacy.folder, out, legacy.facts, legacy.walk, choices=choices, dry=True)
    return done.report


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The JSON Schema of the report."""
    text = files("strangler.convert").joinpath("report.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_schema_is_one_and_the_report_follows_it(
    report: dict[str, Any], schema: dict[str, Any]
) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(dumps(report)), schema)


@pytest.mark.parametrize(
    "damage",
    [
        {"status": "done"},
        {"status": "legacy"},
        {"reasons": [{"code": "E101", "message": "m", "source": "a.py:1"}]},
        {"id": "/api/tags/"},
        {"extra": 1},
    ],
)
def test_the_schema_refuses_what_is_no_report(
    damage: dict[str, Any], report: dict[str, Any], schema: dict[str, Any]
) -> None:
    wrong = deepcopy(report)
    entry = next(e for e in wrong["endpoints"] if e["status"] == "converted")
    entry.update(damage)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


def test_totals_count_every_entry_once(report: dict[str, Any]) -> None:
    for name, totals in report["totals"].items():
        assert {s: n for s, n in totals.items() if n} == Counter(e["status"] for e in report[name])


def test_every_endpoint_of_the_inventory_is_there(report: dict[str, Any], legacy: Legacy) -> None:
    assert [e["id"] for e in report["endpoints"]] == [e.id for e in legacy.facts.endpoints]


def test_what_legacy_does_not_keep_says_where_it_is_now(
    report: dict[str, Any], legacy: Legacy
) -> None:
    entry = next(e for e in report["endpoints"] if e["id"] == "GET /api/tags/{pk}/")
    path, _, line = entry["new_source"].rpartition(":")
    written = run(legacy.folder, legacy.folder / "new", legacy.facts, legacy.walk, dry=True)
    assert path == "app/books/routers.py"
    assert int(line) > 0
    assert "def retrieve_tag" in written.files[path]


def test_blockers_count_the_projects_own_endpoints_the_worst_first(report: dict[str, Any]) -> None:
    blockers = report["blockers"]
    counts = [b["endpoints"] for b in blockers]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    assert {b["code"] for b in blockers} == {"R001"}
    own = [e for e in report["endpoints"] if e["kind"] == "drf" and e["status"] == "legacy"]
    assert sum(counts) == sum(len(e["reasons"]) for e in own)


def test_admin_and_plain_views_stay_with_a_reason_and_hold_nothing_back(
    report: dict[str, Any],
) -> None:
    kinds = {e["kind"]: e["reasons"][0]["code"] for e in report["endpoints"] if e["reasons"]}
    assert kinds["admin"] == "K103"
    assert kinds["django"] == "K102"


def test_an_endpoint_that_only_the_resolver_knows_is_an_error(
    legacy: Legacy, report: dict[str, Any]
) -> None:
    check_totals(legacy.facts, report, legacy.walk)
    with pytest.raises(InternalError, match="GET /api/secret"):
        check_totals(legacy.facts, report, [*legacy.walk, ("GET", "/api/secret/")])


def test_an_endpoint_that_the_resolver_does_not_know_is_an_error(
    legacy: Legacy, report: dict[str, Any]
) -> None:
    walk = [pair for pair in legacy.walk if pair != ("DELETE", "/api/tags/{pk}/")]
    assert len(walk) < len(legacy.walk)
    with pytest.raises(InternalError, match="DELETE /api/tags"):
        check_totals(legacy.facts, report, walk)


def test_an_endpoint_that_stands_there_twice_is_an_error(
    legacy: Legacy, report: dict[str, Any]
) -> None:
    twice = {**report, "endpoints": [*report["endpoints"], report["endpoints"][-1]]}
    with pytest.raises(InternalError):
        check_totals(legacy.facts, twice, legacy.walk)


def test_what_is_called_converted_must_be_written(legacy: Legacy) -> None:
    conversion = legacy.convert().conversion
    without = {p: t for p, t in conversion.files.items() if p != "app/books/routers.py"}
    with pytest.raises(InternalError, match="is called converted"):
        build_report(legacy.facts, conversion, without, {})


def test_a_run_writes_the_tree_and_the_next_one_changes_nothing(legacy: Legacy) -> None:
    out: Path = legacy.folder / "new"
    first = run(legacy.folder, out, legacy.facts, legacy.walk)
    assert first.written is not None
    assert (out / ".strangler/ledger.json").read_text() == dumps(first.report)
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    second = run(legacy.folder, out, legacy.facts, legacy.walk)
    assert second.written is not None
    assert second.written.changed == []
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
