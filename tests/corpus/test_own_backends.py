"""Login backends that a project wrote below Django's: by e-mail, by either name, with more than a password."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Paper(models.Model):
    title = models.CharField(max_length=30)
"""

BACKENDS = '''
import logging

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import MultipleObjectsReturned, PermissionDenied
from django.db.models import Q

UserModel = get_user_model()
logger = logging.getLogger(__name__)


class EmailBackend(ModelBackend):
    """By e-mail."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        if username is None:
            username = kwargs.get(UserModel.USERNAME_FIELD)
        if username is None or password is None:
            return None
        try:
            user = UserModel.objects.get(email=username)
        except UserModel.DoesNotExist:
            UserModel().set_password(password)
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            return user
        return None


class EitherBackend(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        identifier = username or kwargs.get("identifier")
        if identifier is None or password is None:
            return
        try:
            user = UserModel.objects.get(
                Q(username__iexact=identifier) | Q(email__iexact=identifier)
            )
        except UserModel.DoesNotExist:
            return None
        except MultipleObjectsReturned:
            return UserModel.objects.filter(email=identifier).order_by("id").first()
        else:
            if user.check_password(password):
                return user


class ByEmailName(ModelBackend):
    """Takes no name, but an e-mail."""

    def authenticate(self, request, email, password, remember=False):
        user = UserModel.objects.filter(email__iexact=email).first()
        if user and user.check_password(password):
            return user
        return None


class Closed(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is not None and user.first_name == "closed":
            logger.info("%s is closed out", user.username)
            raise PermissionDenied
        return user


class Looking(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        if request.META.get("HTTP_X_WORD") != "please":
            return None
        return super().authenticate(request, username, password)


class Finding(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        return UserModel.objects.first()

    def get_user(self, user_id):
        return UserModel.objects.last()
'''

VIEWS = """
from django.contrib.auth import authenticate, login
from rest_framework import authentication, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.views import TokenObtainPairView


class Basics(APIView):
    authentication_classes = [authentication.BasicAuthentication]
    permission_classes = [permissions.IsAuthenticated]

    def get(self, request):
        return Response({"name": request.user.username})


class LogIn(APIView):
    def post(self, request):
        user = authenticate(
            request, username=request.data.get("username"), password=request.data.get("password")
        )
        if user is None:
            return Response({"detail": "No."}, status=400)
        login(request, user)
        return Response({"user": user.pk})


class ByEmail(APIView):
    authentication_classes = []

    def post(self, request):
        user = authenticate(
            email=request.data.get("username"), password=request.data.get("password")
        )
        if user is not None:
            return Response({"user": user.pk})
        return Response({"detail": "No."}, status=400)


class LoginSerializer(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField()

    def validate(self, attrs):
        user = authenticate(**attrs)
        if not user:
            raise serializers.ValidationError("Unknown.")
        attrs["user"] = user
        return attrs


class Checked(APIView):
    authentication_classes = []

    def post(self, request):
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"name": serializer.validated_data["user"].username})


class Pairs(TokenObtainPairView):
    pass
"""

URLS = """
from django.urls import path
from rest_framework.authtoken.views import obtain_auth_token

from things import views

urlpatterns = [
    path("basic/", views.Basics.as_view()),
    path("login/", views.LogIn.as_view()),
    path("email/", views.ByEmail.as_view()),
    path("checked/", views.Checked.as_view()),
    path("token/", obtain_auth_token),
    path("pair/", views.Pairs.as_view()),
]
"""

AROUND = """
INSTALLED_APPS += ["django.contrib.sessions", "rest_framework.authtoken", "rest_framework_simplejwt"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"]
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""
SEED = """
from django.contrib.auth.models import User
for name, email in (
    ("ann", "Ann@example.org"), ("bob", "bob@example.org"), ("twin", "bob@example.org"),
    ("bob@example.org", "x@example.org"), ("gone", "gone@example.org"), ("shut", "shut@example.org"),
):
    User.objects.create_user(
        name, email, name + " word", is_active=name != "gone",
        first_name="closed" if name == "shut" else "",
    )
"""
DJANGO = "django.contrib.auth.backends.ModelBackend"


def _project(tmp_path: Path, *names: str) -> Path:
    backends = [name if "." in name else f"things.backends.{name}" for name in names]
    files = {
        "settings.py": f"{SETTINGS}{AROUND}AUTHENTICATION_BACKENDS = {backends!r}\n",
        "urls.py": URLS, "things/models.py": MODELS, "things/backends.py": BACKENDS,
        "things/views.py": VIEWS,
    }  # fmt: skip
    return small_project(tmp_path / "legacy", files)


def _asks() -> list[tuple[Any, Any]]:
    names = ("ann", "ANN", "bob", "twin", "gone", "shut")
    found: list[tuple[Any, Any]] = [(name, f"{name.lower()} word") for name in names]
    found += [(f"{name.title()}@example.org", f"{name} word") for name in names]
    found += [(f"{name}@example.org", f"{name} word") for name in names]
    found += [("bob@example.org", "twin word"), ("bob@example.org", "bob@example.org word")]
    return [
        *found,
        ("ann", "no"),
        ("", "x"),
        (None, "x"),
        ("ann", None),
        (7, 8),
        ("\u00e4", "\u00e4"),
    ]


SETS = {
    "email": ("EmailBackend",),
    "either": ("EitherBackend", DJANGO),
    "named": ("ByEmailName", DJANGO),
    "closed": ("Closed", "EmailBackend"),
}


@pytest.mark.parametrize(
    ("chosen", "server"),
    [("email", "postgresql"), ("either", "postgresql"), ("named", "sqlite"), ("closed", "sqlite")],
)
def test_those_are_known_whom_the_project_knows(
    chosen: str, server: str, tmp_path: Path, postgres: Cluster
) -> None:
    project = _project(tmp_path, *SETS[chosen])
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert not [e["reasons"] for e in report["endpoints"] if e["status"] != "converted"]
    cluster = postgres if server == "postgresql" else None
    with asked(project, tmp_path, cluster, SEED) as both:
        statuses = set()
        for name, password in _asks():
            data = {"username": name, "password": password}
            for path in ("/email/", "/checked/", "/token/"):
                theirs, ours = both.each("POST", path, data)
                assert theirs.status == ours.status, (path, data)
                assert path == "/token/" or theirs.body == ours.body
                statuses.add(theirs.status)
            for path in ("/pair/", "/login/"):
                theirs, ours = both.each("POST", path, data)
                assert theirs.status == ours.status, (path, data)
                assert theirs.status == 200 or theirs.body == ours.body
            coded = base64.b64encode(f"{name}:{password}".encode()).decode()
            both.agree("GET", "/basic/", None, ("Authorization", f"Basic {coded}"))
        assert {200, 400} <= statuses


def test_verify_finds_them_equal(tmp_path: Path) -> None:
    project = _project(tmp_path, "EitherBackend", DJANGO)
    url = f"sqlite:///{tmp_path / 'none.db'}"
    converted(project, tmp_path, DATABASE_URL=url)
    found = not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url))
    # sessions have keys of chance, and no form is known to give an e-mail as `username`
    assert {endpoint for endpoint, *_ in found} <= {"POST /login/", "POST /email/"}


@pytest.mark.parametrize("name", ["Looking", "Finding"])
def test_what_looks_at_requests_or_finds_others_stays(name: str, tmp_path: Path) -> None:
    project = _project(tmp_path, name)
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert {r["code"] for e in report["endpoints"] for r in e["reasons"]} == {"A104"}
    assert {e["status"] for e in report["endpoints"]} == {"legacy"}
