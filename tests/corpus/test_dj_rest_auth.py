"""The user of dj-rest-auth is shown and changed as by the package."""

from pathlib import Path

import pytest

from tests import notes
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

REST_AUTH = SETTINGS.replace(
    '"things",',
    '"django.contrib.sessions", "rest_framework.authtoken", "dj_rest_auth", "things",',
).replace(
    '"DEFAULT_AUTHENTICATION_CLASSES": []',
    '"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"]',
)
URLS = """
from django.urls import include, path

urlpatterns = [path("auth/", include("dj_rest_auth.urls"))]
"""
OWN = """
REST_AUTH = {"USER_DETAILS_SERIALIZER": "things.forms.Me"}
"""
FORMS = """
from dj_rest_auth.serializers import UserDetailsSerializer
from rest_framework import serializers


class Me(UserDetailsSerializer):
    @staticmethod
    def validate_first_name(given):
        if given.startswith("a"):
            raise serializers.ValidationError("Not this one.")
        return given.upper()
"""
USER = {f"{method} /auth/user/" for method in ("GET", "PUT", "PATCH")}


@pytest.mark.parametrize(("server", "own"), [("sqlite", False), ("postgresql", True)])
def test_users_are_shown_and_changed(
    server: str, own: bool, tmp_path: Path, postgres: Cluster
) -> None:
    """own: with a serializer of the project below the package's."""
    url = f"sqlite:///{tmp_path}/users.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_dj_rest_auth")
    files = {
        "settings.py": REST_AUTH + OWN * own, "urls.py": URLS, "things/models.py": notes.MODELS,
        "things/forms.py": FORMS,
    }  # fmt: skip
    legacy = small_project(tmp_path / "legacy", files)
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    done = {e["id"] for e in conversion["endpoints"] if e["status"] == "converted"}
    assert done == USER
    for each in conversion["endpoints"]:
        if each["id"] not in USER:
            assert each["reasons"][0]["source"].startswith("dj_rest_auth/"), each
    assert not_equal(verified(legacy, tmp_path, "--cases", "25", DATABASE_URL=url)) == []
