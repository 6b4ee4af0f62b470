"""Middleware in the forms that projects write: what it adds, refuses and tells is the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=80)

    class Meta:
        ordering = ["id"]
"""

AROUND = '''
import logging
import time
import uuid

from django.conf import settings
from django.http import HttpResponse, HttpResponseForbidden, JsonResponse
from django.utils.deprecation import MiddlewareMixin

logger = logging.getLogger(__name__)


def client_ip(request):
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR")
    if forwarded:
        return forwarded.split(",")[0].strip()
    return request.META.get("REMOTE_ADDR")


def stamped(get_response):
    """Says which release answered."""

    def middleware(request):
        response = get_response(request)
        response["X-Release"] = "7"
        response.headers["X-Path"] = request.path
        return response

    return middleware


class Timing(MiddlewareMixin):
    """How long it took."""

    def process_request(self, request):
        request._started = time.time()

    def process_response(self, request, response):
        if hasattr(request, "_started"):
            took = time.time() - request._started
            response["X-Slow"] = "yes" if took > 1000 else "no"
        return response


class Blocked(MiddlewareMixin):
    """Some paths are closed."""

    CLOSED = ("/closed/", "/api/secret/1/")
    status = 429

    def process_request(self, request):
        if request.path.startswith(self.CLOSED):
            return HttpResponseForbidden("closed")
        agent = request.META.get("HTTP_X_AGENT", "")
        if agent == "evil" or agent.startswith("bot"):
            return JsonResponse({"detail": "go away", "agent": agent}, status=self.status)
        return None


class Security:
    """Headers for browsers."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.age = 7200
        self.policy = getattr(settings, "POLICY", "default-src 'self'")

    def __call__(self, request):
        response = self.get_response(request)
        self._add(response)
        if "X-Frame-Options" not in response:
            response["X-Frame-Options"] = "DENY"
        if response.status_code >= 400 and request.method != "GET":
            response["X-Failed"] = response.status_code
        response.setdefault("X-Policy", self.policy)
        return response

    def _add(self, response):
        response["Access-Control-Max-Age"] = self.age
        response["Cache-Control"] = "no-store"


class Correlated:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.correlation = request.headers.get("X-Correlation", "none")
        logger.info("%s %s from %s", request.method, request.get_full_path(), client_ip(request))
        response = self.get_response(request)
        response["X-Correlation"] = request.correlation
        return response

    def process_view(self, request, view_func, view_args, view_kwargs):
        return None


class KeyRequired:
    """Writing needs a key."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.refused(request) or self.get_response(request)

    def refused(self, request):
        if request.method in ("POST", "PUT", "PATCH", "DELETE") and "key" in request.GET:
            if request.GET.get("key") != settings.WRITE_WORD:
                return JsonResponse({"error": "wrong key"}, status=401)
        return None


class CookieToken:
    """The token may come as a cookie."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = request.COOKIES.get("token")
        if token and "HTTP_AUTHORIZATION" not in request.META:
            request.META["HTTP_AUTHORIZATION"] = f"Token {token}"
        return self.get_response(request)


class NoCsrf(MiddlewareMixin):
    def process_request(self, request):
        setattr(request, "_dont_enforce_csrf_checks", True)


class Maintenance:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.MAINTENANCE and not request.path.startswith("/health"):
            return HttpResponse("Back soon", status=503)
        return self.get_response(request)
'''

AROUND_USERS = '''
import logging

from django.http import HttpResponseForbidden, JsonResponse
from django.contrib.auth.models import update_last_login
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.timezone import localtime

from .models import Ban, Seen, Visit

logger = logging.getLogger(__name__)


class Named:
    """Who asked, before and after."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        before = request.user.username if request.user.is_authenticated else "nobody"
        response = self.get_response(request)
        response["X-Before"] = before
        user = getattr(request, "user", None)
        if user and user.is_authenticated:
            response["X-After"] = str(user.pk)
        else:
            response["X-After"] = "nobody"
        return response


class Banned(MiddlewareMixin):
    def process_request(self, request):
        if request.user.is_authenticated and Ban.objects.filter(user=request.user).exists():
            return HttpResponseForbidden("banned")
        return None


class Visits:
    """Each request is a row."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith("/api/"):
            Visit.objects.create(path=request.path[:60], method=request.method)
        response = self.get_response(request)
        if response.status_code == 404:
            Visit.objects.filter(path=request.path[:60]).update(missing=True)
        return response


class LastLogin:
    """Whoever asks was there."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            local_time = localtime(timezone.now())
            request.user.last_login = local_time
            request.user.save(update_fields=["last_login"])
            if request.headers.get("X-Note") == "login":
                update_last_login(None, request.user)
        return response


class LastSeen(MiddlewareMixin):
    def process_response(self, request, response):
        user = request.user
        if user.is_authenticated:
            self.note(user)
            logger.info("%s was here", user)
        return response

    def note(self, user):
        seen, created = Seen.objects.get_or_create(user=user)
        if not created:
            seen.times += 1
            seen.save(update_fields=["times"])
'''

WITH_USERS = """


class Ban(models.Model):
    user = models.ForeignKey("auth.User", on_delete=models.CASCADE)


class Seen(models.Model):
    user = models.OneToOneField("auth.User", on_delete=models.CASCADE)
    times = models.IntegerField(default=1)


class Visit(models.Model):
    path = models.CharField(max_length=60)
    method = models.CharField(max_length=10)
    missing = models.BooleanField(default=False)
"""

VIEWS = """
from rest_framework import permissions, serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.response import Response

from .models import Note


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "text"]


class NoteViewSet(viewsets.ModelViewSet):
    queryset = Note.objects.all()
    serializer_class = NoteSerializer


class SecretViewSet(NoteViewSet):
    permission_classes = [permissions.IsAuthenticated]


@api_view(["GET", "POST"])
def echo(request):
    return Response({"header": request.headers.get("Authorization"), "path": request.path, "ip": request.META["REMOTE_ADDR"]})
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from things import views

router = DefaultRouter()
router.register("notes", views.NoteViewSet)
router.register("secret", views.SecretViewSet, basename="secret")
urlpatterns = [path("api/", include(router.urls)), path("echo/", views.echo)]
"""

OWN = """
MAINTENANCE = False
WRITE_WORD = "k"
MIDDLEWARE = [
    "things.around.CookieToken",
    "things.around.stamped",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "things.around.Security",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "things.around.Timing",
    "things.around.Blocked",
    "things.around.Correlated",
    "things.around.KeyRequired",
    "things.around.NoCsrf",
    "things.around.Maintenance",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ]
}
INSTALLED_APPS += ["rest_framework.authtoken", "django.contrib.sessions"]
"""


USERS = """
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "things.around.Named",
    "things.around.Banned",
    "things.around.Visits",
    "things.around.LastLogin",
    "things.around.LastSeen",
]
"""


def _notes(folder: Path, settings: str, around: str, models: str = "") -> Path:
    files = {
        "settings.py": SETTINGS + OWN + settings,
        "urls.py": URLS,
        "things/models.py": MODELS + models,
        "things/views.py": VIEWS,
        "things/around.py": around,
    }
    return small_project(folder / "notes", files)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kind", ["plain", "users"])
def test_middleware_answers_as_it_did(
    tmp_path: Path, postgres: Cluster, kind: str, database: str
) -> None:
    if kind == "users":
        notes = _notes(tmp_path, USERS, AROUND_USERS, WITH_USERS)
    else:
        notes = _notes(tmp_path, "", AROUND)
    server = postgres if database == "postgresql" else None
    url = f"sqlite:///{tmp_path}/none.db" if server is None else server.new_database("around")
    report = converted(notes, tmp_path, DATABASE_URL=url)
    stays = {e["id"]: e["reasons"] for e in report["endpoints"] if e["status"] != "converted"}
    assert not stays
    assert not_equal(verified(notes, tmp_path, DATABASE_URL=url)) == []


LEGACY = """
import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
sys.path.insert(0, os.getcwd())
import django

django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from rest_framework.authtoken.models import Token

call_command("migrate", run_syncdb=True, verbosity=0)
user = User.objects.create_user("anna", password="x")
Token.objects.create(user=user, key="k" * 40)
client = Client(enforce_csrf_checks=True)
client.force_login(user)
session = client.cookies["sessionid"].value
found = []
for method, path, cookies in json.loads(sys.argv[1]):
    asking = Client(enforce_csrf_checks=True)
    for name in cookies:
        asking.cookies[name] = {"token": "k" * 40, "sessionid": session}[name]
    answer = asking.generic(method, path, b'{"text": "a"}', content_type="application/json")
    found.append([answer.status_code, answer.content.decode()])
print(json.dumps([session, found]))
"""

NEW = """
import asyncio
import json
import sys

import httpx

from app.main import app

session, requests = json.loads(sys.argv[1])


async def main():
    found = []
    for method, path, cookies in requests:
        known = {"token": "k" * 40, "sessionid": session}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://testserver",
            cookies={name: known[name] for name in cookies},
        ) as client:
            answer = await client.request(
                method, path, content=b'{"text": "a"}',
                headers={"Content-Type": "application/json"},
            )
            found.append([answer.status_code, answer.text])
    print(json.dumps(found))


asyncio.run(main())
"""

ASKED = [
    ("GET", "/echo/", ["token"]),
    ("GET", "/echo/", []),
    ("GET", "/api/secret/", ["token"]),
    ("GET", "/api/secret/", []),
    ("POST", "/api/secret/", ["sessionid"]),
]


def test_tokens_of_cookies_and_requests_without_csrf_tokens(tmp_path: Path) -> None:
    """What `verify` does not send: the same requests to both, on one database."""
    notes = _notes(tmp_path, "", AROUND)
    url = f"sqlite:///{tmp_path}/both.db"
    converted(notes, tmp_path, DATABASE_URL=url)
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "only-for-tests"}

    def ran(folder: Path, text: str, given: object) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", text, json.dumps(given)],
            cwd=folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    session, legacy = ran(notes, LEGACY, ASKED)
    new = ran(tmp_path / "api", NEW, [session, ASKED])
    assert [status for status, _ in legacy] == [200, 200, 200, 403, 201]
    assert "Token kkkk" in legacy[0][1]
    assert [status for status, _ in new] == [status for status, _ in legacy]
    assert new[:2] == legacy[:2]  # the list has a row more by then
