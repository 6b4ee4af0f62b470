"""Tokens of django-rest-knox are known, renewed and removed as by the package, and made for both."""

import json
from pathlib import Path

import pytest

from tests import notes
from tests.corpus.asked import Asked, asked
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

KNOX = SETTINGS.replace('"things",', '"django.contrib.sessions", "knox", "things",').replace(
    '"DEFAULT_AUTHENTICATION_CLASSES": []',
    """
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication", "rest_framework.authentication.BasicAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
""",
)
OWN = """
from datetime import timedelta

REST_KNOX = {
    "AUTO_REFRESH": True, "AUTO_REFRESH_MAX_TTL": timedelta(days=2), "TOKEN_TTL": timedelta(hours=7),
    "SECURE_HASH_ALGORITHM": "hashlib.sha3_256", "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_PREFIX": "mine_", "TOKEN_LIMIT_PER_USER": 5, "AUTH_TOKEN_CHARACTER_LENGTH": 40,
}
"""
VIEWS = f"""
from knox.models import AuthToken
{notes.VIEWS}

class TokenSerializer(serializers.ModelSerializer):
    class Meta:
        model = AuthToken
        fields = ["digest", "token_key", "user"]


class Tokens(viewsets.ReadOnlyModelViewSet):
    queryset = AuthToken.objects.order_by("digest")
    serializer_class = TokenSerializer
"""
URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things.views import Notes, Tokens

router = SimpleRouter()
router.register("notes", Notes)
router.register("tokens", Tokens)
urlpatterns = [path("api/", include(router.urls)), path("auth/", include("knox.urls"))]
"""
SEED = """
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from knox.crypto import hash_token
from knox.models import AuthToken
users = [User.objects.create_user(name, password="pass word") for name in ("ann", "bob")]
off = User.objects.create_user("off", password="pass word", is_active=False)
for user, word, hours in (
    (users[0], "a" * 60, 5), (users[0], "a" * 15 + "b" * 45, 5), (users[0], "b" * 60, -1), (users[0], "n" * 60, None),
    (users[1], "c" * 60, -2), (users[1], "d" * 60, 3), (off, "e" * 60, 1), (users[1], "umlaut \\u00e4" * 5, 1),
):
    expiry = None if hours is None else timezone.now() + timedelta(hours=hours)
    models = AuthToken(digest=hash_token(word), token_key=word[:15], user=user, expiry=expiry)
    models.save()
"""
HEADERS = [
    *("{} aaa", "{} " + "a" * 60, "{}", "{} a b", "Other " + "a" * 60, "{} " + "a" * 15 + "b" * 45),
    *("{} " + "b" * 60, "{} " + "n" * 60, "{} " + "c" * 60, "{} " + "d" * 60, "{} " + "e" * 60),
    *("{} " + "a" * 59, "{} \xc3\xa4", "{} \xff", "Basic YW5uOnBhc3Mgd29yZA==", ""),
]


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
@pytest.mark.parametrize("own", ["", OWN], ids=["usual", "own"])
def test_tokens_are_known_as_by_knox(
    own: str, vendor: str, tmp_path: Path, postgres: Cluster
) -> None:
    """Who is known, what is removed, and who is logged out; the rows that are left are the same."""
    files = {"things/models.py": notes.MODELS, "things/views.py": VIEWS, "urls.py": URLS}
    project = small_project(tmp_path / "legacy", {**files, "settings.py": KNOX + own})
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert not [e["reasons"] for e in report["endpoints"] if e["status"] != "converted"]
    scheme = "bEarer" if own else "tOken"
    server = postgres if vendor == "postgresql" else None
    with asked(project, tmp_path, server, SEED) as both:
        statuses = []
        for header in HEADERS:
            sent = ("Authorization", header.format(scheme))
            for method, path, data in (
                ("POST", "/api/notes/", {"text": "mine"}),
                ("GET", "/api/tokens/", None),
                ("OPTIONS", "/auth/logout/", None),
            ):
                statuses.append(both.agree(method, path, data, sent).status)
        assert {200, 201, 401, 500} == set(statuses)
        _logs_in_and_out(both, scheme)


def _logs_in_and_out(both: Asked, scheme: str) -> None:
    basic = ("Authorization", "Basic Ym9iOnBhc3Mgd29yZA==")
    for _ in range(4):
        theirs, ours = both.each("POST", "/auth/login/", None, basic)
        assert theirs.status == ours.status
        assert list(json.loads(theirs.body)) == list(json.loads(ours.body))
    if theirs.status == 200:
        keys = [json.loads(each.body)["token"] for each in (theirs, ours)]
        assert len(keys[0]) == len(keys[1])
        assert keys[0].partition("_")[1] == keys[1].partition("_")[1]
    for path in ("/auth/logout/", "/auth/logout/", "/auth/logoutall/", "/api/notes/"):
        for letter in "and":
            both.agree("POST", path, {"text": "x"}, ("Authorization", f"{scheme} {letter * 60}"))


def test_endpoints_of_knox_are_equal(tmp_path: Path) -> None:
    """Verify knows how to make its tokens, and finds no difference in any endpoint."""
    files = {"things/models.py": notes.MODELS, "things/views.py": VIEWS, "urls.py": URLS}
    project = small_project(tmp_path / "legacy", {**files, "settings.py": KNOX})
    url = f"sqlite:///{tmp_path / 'none.db'}"
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "15", DATABASE_URL=url)) == []


def test_tokens_with_other_rows_stay(tmp_path: Path) -> None:
    """Serializers of users and receivers of logins have no rule, and keep what they touch."""
    files = {"things/models.py": notes.MODELS, "things/views.py": VIEWS, "urls.py": URLS}
    shown = 'REST_KNOX = {"USER_SERIALIZER": "knox.serializers.UserSerializer"}\n'
    project = small_project(tmp_path / "legacy", {**files, "settings.py": KNOX + shown})
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    left = [e["id"] for e in report["endpoints"] if e["status"] != "converted"]
    assert left == ["POST /auth/login/"]
