"""drf-jwt's login, its views that check and renew tokens, and handlers that hand on to them."""

import json
import time
from pathlib import Path

import jwt
import pytest

from strangler.diff.exchange import Exchange
from tests.corpus.asked import asked
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

KEY = "only-for-tests-and-long-enough-to-sign-with"
WITH_TOKENS = (
    SETTINGS.replace("only-for-tests", KEY)
    + """
import datetime

INSTALLED_APPS += ["rest_framework_jwt"]
AUTH_USER_MODEL = "things.Member"
REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = [
    "rest_framework_jwt.authentication.JSONWebTokenAuthentication",
]
JWT_AUTH = {"JWT_EXPIRATION_DELTA": datetime.timedelta(hours=1, seconds=0.5), "JWT_AUTH_COOKIE": "jwt"}
"""
)

OWN_KEYS = """
JWT_AUTH |= {
    "JWT_GET_USER_SECRET_KEY": "things.tokens.key_of",
    "JWT_RESPONSE_PAYLOAD_HANDLER": "things.tokens.told",
    "JWT_ALLOW_REFRESH": False, "JWT_TOKEN_ID": "off", "JWT_AUTH_COOKIE_SAMESITE": "Strict",
    "JWT_AUTH_COOKIE_SECURE": False, "JWT_AUTH_HEADER_PREFIX": "JWT",
}
"""

TOKENS = """
def key_of(user):
    return f"a key that is long enough to be one, of {user.pk}"


def told(token, user=None, request=None, issued_at=None):
    return {"token": token, "user": {"id": user.pk, "name": user.username}}
"""

MODELS = """
from django.contrib.auth.models import AbstractUser
from django.db import models


class Member(AbstractUser):
    points = models.IntegerField(default=0)
"""

VIEWS = """
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_jwt.views import (
    ObtainJSONWebTokenView, RefreshJSONWebTokenView, VerifyJSONWebTokenView,
)


class LogIn(ObtainJSONWebTokenView):
    def post(self, request, *args, **kwargs):
        response = super().post(request, *args, **kwargs)
        if response.status_code == 201:
            response.status_code = 200
        return response


class CheckToken(VerifyJSONWebTokenView):
    pass


class RenewToken(RefreshJSONWebTokenView):
    pass


class Me(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response({"name": request.user.username})
"""

URLS = """
from django.urls import path
from rest_framework_jwt.views import obtain_jwt_token

from things import views

urlpatterns = [
    path("tokens/", obtain_jwt_token),
    path("login/", views.LogIn.as_view()),
    path("check/", views.CheckToken.as_view()),
    path("renew/", views.RenewToken.as_view()),
    path("me/", views.Me.as_view()),
]
"""


def project(folder: Path, settings: str) -> Path:
    files = {
        "settings.py": settings, "urls.py": URLS, "things/models.py": MODELS,
        "things/views.py": VIEWS, "things/tokens.py": TOKENS,
    }  # fmt: skip
    return small_project(folder, files)


SEED = """
from things.models import Member

Member.objects.create_user("ann", password="pass word")
Member.objects.create_user("bob", password="pass word", is_active=False)
"""
NOW = int(time.time())


def token(key: str = KEY, **claims: object) -> str:
    return jwt.encode({"username": "ann", "exp": NOW + 86_400, **claims}, key, "HS256")


CHECKED = [
    {}, {"token": ""}, {"token": "x.y"}, {"token": token(KEY * 2)}, {"token": token(exp=1)},
    {"token": token(aud="x")}, {"token": token(username="")}, {"token": token(username="cid")},
    {"token": token(username="bob")}, {"token": token(orig_iat=1)},
]  # fmt: skip


@pytest.mark.parametrize(("own", "vendor"), [("", "sqlite"), (OWN_KEYS, "postgresql")])
def test_tokens_are_given_checked_and_renewed_as_by_the_package(
    own: str, vendor: str, tmp_path: Path, postgres: Cluster
) -> None:
    legacy = project(tmp_path / "legacy", WITH_TOKENS + own)
    url = f"sqlite:///{tmp_path}/tokens.db"
    if vendor == "postgresql":
        url = postgres.new_database("corpus_drf_jwt")
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    found = not_equal(verified(legacy, tmp_path, "--cases", "15", DATABASE_URL=url))
    assert [each[0] for each in found] == (["POST /renew/"] if own else [])


def test_tokens_that_do_not_count_are_refused_in_the_same_words(tmp_path: Path) -> None:
    legacy = project(tmp_path / "legacy", WITH_TOKENS)
    converted(legacy, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/tokens.db")
    with asked(legacy, tmp_path, None, SEED) as both:
        for body in CHECKED:
            for path in ("/check/", "/renew/"):
                theirs, ours = both.each("POST", path, body)
                assert (ours.status, ours.body) == (theirs.status, theirs.body), (path, body)
        for name in ("ann", "bob", "cid", ""):
            login = {"username": name, "password": "pass word"}
            theirs, ours = both.each("POST", "/login/", login)
            assert ours.status == theirs.status == (200 if name == "ann" else 400)
        good = {"token": token(orig_iat=NOW, jti="one", user_id=1)}
        for path in ("/check/", "/renew/"):
            theirs, ours = both.each("POST", path, good)
            assert ours.status == theirs.status == 201
            shapes = [_shape(each) for each in (theirs, ours)]
            assert shapes[0] == shapes[1]


def _shape(exchange: Exchange) -> object:
    """What an answer says, and the token in it, without moments and random numbers."""
    data = json.loads(exchange.body)
    claims = jwt.decode(data["token"], KEY, ["HS256"])
    moments = [type(claims.pop(name)).__name__ for name in ("iat", "exp", "jti") if name in claims]
    cookies = [v.partition(";")[2] for k, v in exchange.headers if k.lower() == "set-cookie"]
    dated = [part for each in cookies for part in each.split("; ") if "expires" not in part]
    return sorted(data), claims, moments, dated
