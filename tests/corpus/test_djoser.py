"""Tokens of djoser are given and taken away as by the package."""

from pathlib import Path

import pytest

from tests import notes
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

DJOSER = SETTINGS.replace(
    '"things",', '"django.contrib.sessions", "rest_framework.authtoken", "djoser", "things",'
).replace(
    '"DEFAULT_AUTHENTICATION_CLASSES": []',
    '"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"]',
)
URLS = """
from django.urls import include, path

urlpatterns = [
    path("auth/", include("djoser.urls.authtoken")),
    path("auth/", include("djoser.urls.jwt")),
]
"""
SENT = {"POST /auth/token/login/", "POST /auth/token/logout/"}
JWT = {f"POST /auth/jwt/{name}/" for name in ("create", "refresh", "verify")}


def project(folder: Path, settings: str = "") -> Path:
    files = {"settings.py": DJOSER + settings, "urls.py": URLS, "things/models.py": notes.MODELS}
    return small_project(folder / "legacy", files)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_tokens_are_given_and_taken_away(server: str, tmp_path: Path, postgres: Cluster) -> None:
    url = f"sqlite:///{tmp_path}/tokens.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_djoser")
    legacy = project(tmp_path)
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    done = {e["id"] for e in conversion["endpoints"] if e["status"] == "converted"}
    assert done == SENT | JWT
    assert not_equal(verified(legacy, tmp_path, "--cases", "40", DATABASE_URL=url)) == []


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ('DJOSER = {"CREATE_SESSION_ON_LOGIN": True}', "A105"),
        ('DJOSER = {"SERIALIZERS": {"token_create": "things.forms.Login"}}', "S101"),
    ],
)
def test_settings_without_a_rule_keep_tokens_on_legacy(
    settings: str, code: str, tmp_path: Path
) -> None:
    legacy = project(tmp_path, f"\n{settings}\n")
    text = "from djoser.serializers import TokenCreateSerializer\n\n\n"
    text += "class Login(TokenCreateSerializer):\n    pass\n"
    (legacy / "things/forms.py").write_text(text)
    conversion = converted(legacy, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/tokens.db")
    found = {e["id"]: [r["code"] for r in e["reasons"]] for e in conversion["endpoints"]}
    assert found["POST /auth/token/login/"] == [code]
