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
    path("auth/", include("djoser.urls")),
    path("auth/", include("djoser.urls.authtoken")),
    path("auth/", include("djoser.urls.jwt")),
]
"""
SENT = {"POST /auth/token/login/", "POST /auth/token/logout/"}
JWT = {f"POST /auth/jwt/{name}/" for name in ("create", "refresh", "verify")}
ALL = {
    *(
        f"{method} /auth/users/{end}"
        for method in ("GET", "PUT", "PATCH", "DELETE")
        for end in ("me/", "{id}/")
    ),
    *("GET /auth/", "GET /auth/users/", "POST /auth/users/", "POST /auth/users/set_password/"),
    *(
        f"POST /auth/users/{name}/"
        for name in ("set_username", "activation", "reset_password_confirm")
    ),
    "POST /auth/users/reset_username_confirm/",
}


def project(folder: Path, settings: str = "") -> Path:
    files = {"settings.py": DJOSER + settings, "urls.py": URLS, "things/models.py": notes.MODELS}
    return small_project(folder / "legacy", files)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_tokens_and_users_are_as_with_djoser(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/tokens.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_djoser")
    legacy = project(tmp_path)
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    done = {e["id"] for e in conversion["endpoints"] if e["status"] == "converted"}
    assert done == SENT | JWT | ALL
    assert not_equal(verified(legacy, tmp_path, "--cases", "40", DATABASE_URL=url)) == []


WORDS = """
DJOSER = {
    "HIDE_USERS": False, "USER_CREATE_PASSWORD_RETYPE": False, "LOGOUT_ON_PASSWORD_CHANGE": True,
    "SET_USERNAME_RETYPE": True,
    "SERIALIZERS": {"current_user": "things.forms.Me"}, "PERMISSIONS": {"user_list": ["rest_framework.permissions.AllowAny"]},
}
"""
ME = """
from djoser.serializers import UserSerializer


class Me(UserSerializer):
    class Meta(UserSerializer.Meta):
        fields = ("id", "first_name")
"""


def test_settings_of_djoser_say_what_its_views_do(tmp_path: Path) -> None:
    legacy = project(tmp_path, WORDS)
    (legacy / "things/forms.py").write_text(ME)
    url = f"sqlite:///{tmp_path}/tokens.db"
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    done = {e["id"] for e in conversion["endpoints"] if e["status"] == "converted"}
    assert done == SENT | JWT | ALL
    left = not_equal(verified(legacy, tmp_path, DATABASE_URL=url))
    told = {("POST /auth/users/set_username/", "insufficient")}  # twice the same name
    assert {(name, verdict) for name, verdict, *_ in left} == told


def test_letters_of_djoser_stay_on_legacy(tmp_path: Path) -> None:
    """Its letters are templates of Django's, with the texts of their language."""
    legacy = project(tmp_path, '\nDJOSER = {"SEND_CONFIRMATION_EMAIL": True}\n')
    conversion = converted(legacy, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/tokens.db")
    found = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert found["POST /auth/users/"][0]["source"].startswith("djoser/views.py:")
    assert "GET /auth/users/me/" not in found


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
