"""OPTIONS of DATABASES reach the new app's driver, or keep the endpoints on legacy."""

from pathlib import Path
from typing import Any

import pytest

from strangler.facts import Database, Facts, Legacy
from strangler_codemods.database_options import carried_options, option_obstacles
from tests.codemods.project import legacy_project

VIEWS = """
from rest_framework.decorators import api_view
from rest_framework.response import Response


@api_view(["GET"])
def hello(request):
    return Response({"hello": "you"})
"""
URLS = """
from django.urls import path
from things import views

urlpatterns = [path("hello/", views.hello)]
"""


def _facts(vendor: str, options: dict[str, Any], **more: Any) -> Facts:
    database = Database(
        vendor=vendor, engine="", options=tuple(sorted(options)), option_values=options, **more
    )
    return Facts(legacy=Legacy(python="3.11", django="5.2"), databases={"default": database})


def test_how_to_talk_to_the_server_is_carried_and_where_it_is_is_not() -> None:
    facts = _facts("postgresql", {"sslmode": "require", "connect_timeout": 3, "pool": True})
    assert carried_options(facts) == {"postgresql": {"connect_timeout": 3, "sslmode": "require"}}
    assert option_obstacles(facts) == []


def test_parameters_of_a_session_go_through_options() -> None:
    given = {"options": "-c search_path=shop", "assume_role": "a clerk", "isolation_level": 4}
    words = r"-c search_path=shop -c role=a\ clerk -c default_transaction_isolation=serializable"
    carried = carried_options(_facts("postgresql", given))
    assert carried == {"postgresql": {"options": words}}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"options": {"cursor_factory": "x"}}, "OPTIONS.cursor_factory"),
        ({"options": {}, "autocommit": False}, "AUTOCOMMIT"),
        ({"options": {}, "time_zone": "Europe/Rome"}, "TIME_ZONE"),
    ],
)
def test_what_has_no_rule_is_named(given: dict[str, Any], name: str) -> None:
    assert [found for found, _ in option_obstacles(_facts("postgresql", **given))] == [name]


def test_an_option_without_a_rule_keeps_endpoints_until_it_is_accepted(tmp_path: Path) -> None:
    odd = """
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 7,
        "cached_statements": 9,
        "init_command": "PRAGMA synchronous=NORMAL",
    }
    """
    files = {"things/views.py": VIEWS, "things/models.py": "", "urls.py": URLS}
    legacy = legacy_project(tmp_path, files, settings=odd)
    kept = legacy.convert()
    assert kept.codes("GET /hello/") == ["W105"]
    done = legacy.convert(accept=["DATABASES.OPTIONS.cached_statements"])
    assert done.converted("GET /hello/")
    options = '{"sqlite": {"init_command": "PRAGMA synchronous=NORMAL", "timeout": 7}}'
    assert f"options={options}" in " ".join(done.module("app.db").split())
