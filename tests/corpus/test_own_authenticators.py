"""Authenticators below DRF's own: tokens, passwords and sessions that a project judges in its way."""

import base64
from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    used = models.IntegerField(default=0)


class LooseToken(models.Model):
    key = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
"""

AUTHENTICATION = '''
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import (
    BaseAuthentication, BasicAuthentication, SessionAuthentication, TokenAuthentication,
    get_authorization_header,
)

from .models import ApiToken, LooseToken

User = get_user_model()


class ModelToken(TokenAuthentication):
    model = ApiToken


class GivenModel(TokenAuthentication):
    """Says which model in a method."""

    keyword = "Bearer"
    model = LooseToken

    def get_model(self):
        return ApiToken


class Expiring(TokenAuthentication):
    def authenticate_credentials(self, key):
        user, token = super().authenticate_credentials(key)
        if token.created < timezone.now() - timedelta(hours=24):
            token.delete()
            raise exceptions.AuthenticationFailed("Token has expired")
        return user, token


class Counted(ModelToken):
    keyword = "Count"

    def authenticate_credentials(self, key):
        model = self.get_model()
        try:
            token = model.objects.select_related("user").get(key=key)
        except model.DoesNotExist:
            raise exceptions.AuthenticationFailed(_("Invalid token."))
        if not token.user.is_active:
            raise exceptions.AuthenticationFailed({"detail": "gone", "code": 7})
        if token.used > 1:
            raise exceptions.NotAuthenticated("used up")
        token.used += 1
        token.save(update_fields=["used"])
        return (token.user, token)


class CookieToken(TokenAuthentication):
    def authenticate(self, request):
        if "auth_token" in request.COOKIES:
            return self.authenticate_credentials(request.COOKIES.get("auth_token"))
        if request.query_params.get("token"):
            return self.authenticate_credentials(request.query_params["token"])
        return super().authenticate(request)


class Words(TokenAuthentication):
    """Several keywords."""

    keyword = "Token"
    other = "Bearer"

    def authenticate(self, request):
        auth = get_authorization_header(request).split()
        if not auth or auth[0].lower() not in (self.keyword.lower().encode(), b"bearer"):
            return None
        if len(auth) == 1:
            msg = _("Invalid token header. No credentials provided.")
            raise exceptions.AuthenticationFailed(msg)
        elif len(auth) > 2:
            raise exceptions.AuthenticationFailed("Too many words.")
        try:
            token = auth[1].decode()
        except UnicodeError:
            raise exceptions.AuthenticationFailed("Odd letters.") from None
        return self.authenticate_credentials(token)

    def authenticate_header(self, request):
        return self.other


class Keyed(BaseAuthentication):
    header_name = "X-Api-Key"
    meta_name = "HTTP_X_SECOND_KEY"

    def get_key(self, request):
        return request.headers.get(self.header_name) or request.META.get(self.meta_name)

    def authenticate(self, request):
        key = self.get_key(request)
        if not key:
            return None
        try:
            token = ApiToken.objects.get(key=key)
        except ApiToken.DoesNotExist:
            raise exceptions.AuthenticationFailed("No such key.")
        return token.user, key


class OtherKeyed(Keyed):
    header_name = "X-Other-Key"


class Guest(BaseAuthentication):
    """Strangers are let in as such, and nobody else is asked."""

    def authenticate(self, request):
        name = request.headers.get("X-Api-Key")
        if name is None:
            return (AnonymousUser(), None)
        user, created = User.objects.get_or_create(username=name)
        return (user, None)


class QuietBasic(BasicAuthentication):
    def authenticate_header(self, request):
        return 'x%s, %s' % (super().authenticate_header(request), self.www_authenticate_realm)


class RealmBasic(BasicAuthentication):
    www_authenticate_realm = "things"


class StrictBasic(BasicAuthentication):
    def authenticate(self, request):
        pair = super().authenticate(request)
        user = pair[0] if pair else None
        if user and user.is_staff:
            raise exceptions.AuthenticationFailed("Not like this.")
        return pair


class EmailBasic(BasicAuthentication):
    def authenticate_credentials(self, userid, password, request=None):
        try:
            user = User.objects.get(email=userid)
        except User.DoesNotExist:
            raise exceptions.AuthenticationFailed("Nobody")
        if not user.check_password(password) or not user.is_active:
            raise exceptions.PermissionDenied("Wrong")
        return (user, None)


class HeaderSession(SessionAuthentication):
    def authenticate_header(self, request):
        return "Session"


class LooseSession(SessionAuthentication):
    def enforce_csrf(self, request):
        return

    def authenticate(self, request):
        result = super().authenticate(request)
        if result is None:
            return None
        user, _ = result
        if not user.is_staff:
            raise exceptions.PermissionDenied("staff only")
        return (user, None)
'''

NAMES = (
    *("ModelToken", "GivenModel", "Expiring", "Counted", "CookieToken", "Words"),
    *("Keyed", "OtherKeyed", "Guest"),
    *("QuietBasic", "RealmBasic", "StrictBasic", "EmailBasic", "HeaderSession", "LooseSession"),
)

VIEWS = """
from rest_framework import permissions
from rest_framework.response import Response
from rest_framework.views import APIView

from things import authentication as own


class Who(APIView):
    permission_classes = [permissions.IsAuthenticated]

    def get(self, request):
        return Response({"name": request.user.username})


class Open(APIView):
    def post(self, request):
        if request.user.is_authenticated:
            return Response({"name": request.user.username})
        return Response({"name": None})


class Both(Who):
    authentication_classes = [own.LooseSession, own.Words, own.EmailBasic]


class GuestFirst(Who):
    authentication_classes = [own.Guest, own.Words]
"""


def _views(names: tuple[str, ...]) -> str:
    classes = (
        f"class {name}{kind}({kind}):\n    authentication_classes = [own.{name}]\n"
        for name in names
        for kind in ("Who", "Open")
    )
    return VIEWS + "\n\n" + "\n\n".join(classes)


def _urls(names: tuple[str, ...]) -> str:
    lines = [
        f"    path('{kind.lower()}/{name}/', views.{name}{kind}.as_view()),"
        for name in names
        for kind in ("Who", "Open")
    ]
    lines += [
        f"    path('who/{name}/', views.{name}.as_view())," for name in ("Both", "GuestFirst")
    ]
    start = "from django.urls import path\nfrom things import views\n\nurlpatterns = [\n"
    return start + "\n".join(lines) + "\n]\n"


AROUND = """
INSTALLED_APPS += ["django.contrib.sessions", "rest_framework.authtoken"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
"""
FILES = {
    "settings.py": SETTINGS + AROUND, "things/models.py": MODELS,
    "things/authentication.py": AUTHENTICATION, "things/views.py": _views(NAMES),
    "urls.py": _urls(NAMES),
}  # fmt: skip
SEED = """
from datetime import timedelta
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from rest_framework.authtoken.models import Token
from things.models import ApiToken
for name in ("ann", "boss", "gone"):
    user = User.objects.create_user(
        name, f"{name}@example.org", "pass word", is_staff=name == "boss", is_active=name != "gone"
    )
    Token.objects.create(key=name[0] * 40, user=user)
    ApiToken.objects.create(key=name[0] * 30, user=user)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session._session_key = name[0] * 32
    session.save(must_create=True)
ApiToken.objects.create(key="\\u00e4" * 5, user=user)
Token.objects.filter(key__startswith="b").update(created=timezone.now() - timedelta(days=3))
"""


def _headers(name: str) -> list[tuple[str, str]]:
    """What callers send; passwords are slow, and only sent where they are looked at."""
    words = ["", "{}", "{} ", "{} x y", "{} nobody", "Other " + "a" * 40, "{} \xff", "{} \xc3\xa4"]
    words += [f"{{}} {letter * count}" for letter in "abg" for count in (30, 40)]
    words += [f"{{}} {chr(0xC3) + chr(0xA4)}" + (chr(0xC3) + chr(0xA4)) * 4]
    tokens = [word.format(kind) for word in words for kind in ("token", "Bearer", "COUNT")]
    end = "@example.org" if name in ("EmailBasic", "Both") else ""
    raw = [f"{user}{end}:pass word" for user in ("ann", "boss", "gone", "none")]
    raw += [f"ann{end}:wrong", "ann", "\xe4:x", ":", "ann:b:c"]
    if not name.endswith(("Basic", "Both")):
        raw = raw[:1]
    coded = [base64.b64encode(text.encode("latin-1")).decode() for text in raw]
    basics = [f"Basic {text}" for text in [*coded, "", "!", "a b", "\xff", "YQ"]]
    found = [("Authorization", value) for value in [*tokens, *basics]]
    for key in (*(letter * 32 for letter in "abgx"), "short", ""):
        found.append(("Cookie", f"sessionid={key}"))
    found += [("Cookie", f"auth_token={letter * 40}") for letter in "abgx"]
    keys = ("a" * 30, "g" * 30, "none", "", "\xe4")
    found += [(f"X-{word}-Key", key) for word in ("Api", "Other", "Second") for key in keys]
    return [*found, ("Cookie", "auth_token="), ("Cookie", "auth_token=\xc3\xa4")]


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_callers_are_known_as_by_the_project(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    """Who is known, who is refused and how, and what is written while they are looked for."""
    project = small_project(tmp_path / "legacy", FILES)
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert not [e["reasons"] for e in report["endpoints"] if e["status"] != "converted"]
    cluster = postgres if server == "postgresql" else None
    with asked(project, tmp_path, cluster, SEED) as both:
        for name in (*NAMES, "Both", "GuestFirst"):
            statuses = set()
            for header in _headers(name):
                statuses.add(both.agree("GET", f"/who/{name}/", None, header).status)
                if name in NAMES and "asic" not in name:
                    both.agree("POST", f"/open/{name}/", {}, header)
            assert 200 in statuses, name
            assert statuses & {401, 403}, name
        for value in ("a" * 40, "nobody", "", "%C3%A4", "a&token=" + "b" * 40):
            both.agree("GET", f"/who/CookieToken/?token={value}")


def test_verify_finds_them_equal(tmp_path: Path) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path / 'none.db'}"
    converted(project, tmp_path, DATABASE_URL=url)
    found = not_equal(verified(project, tmp_path, "--cases", "8", DATABASE_URL=url))
    # keys that callers have of somebody are made by hand
    keyed = {f"GET /who/{name}/" for name in ("Keyed", "OtherKeyed", "Guest", "GuestFirst")}
    keyed |= {f"POST /open/{name}/" for name in ("Keyed", "OtherKeyed", "Guest")}
    assert {endpoint for endpoint, *_ in found} <= keyed
    assert {verdict for _, verdict, *_ in found} <= {"insufficient"}


ODD = '''


class Unsure(TokenAuthentication):
    """A key may stand for several users."""

    model = LooseToken


class Short(BasicAuthentication):
    """DRF gives more than this takes."""

    def authenticate_credentials(self, userid, password):
        return (User.objects.get(email=userid), None)


class Nothing(TokenAuthentication):
    def authenticate_credentials(self, key):
        if key == "x":
            return None
        return super().authenticate_credentials(key)


class Silent(TokenAuthentication):
    def authenticate_credentials(self, key):
        if key != "x":
            return super().authenticate_credentials(key)


class Chosen(TokenAuthentication):
    def get_model(self):
        if self.keyword:
            return ApiToken
        return LooseToken


class Half(ModelToken):
    def authenticate(self, request):
        user, token = self.authenticate_credentials("a")
        return user, token.key

    def authenticate_credentials(self, key):
        user, token = super().authenticate_credentials(key)
        return user, None


class OwnCheck(SessionAuthentication):
    def enforce_csrf(self, request):
        if request.method == "POST":
            raise exceptions.PermissionDenied("no")
'''
ODD_NAMES = ("Unsure", "Short", "Nothing", "Silent", "Chosen", "Half", "OwnCheck")


def test_what_is_not_certain_stays(tmp_path: Path) -> None:
    files = FILES | {
        "things/authentication.py": AUTHENTICATION + ODD,
        "things/views.py": _views((*NAMES, *ODD_NAMES)), "urls.py": _urls(ODD_NAMES),
    }  # fmt: skip
    project = small_project(tmp_path / "legacy", files)
    report = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    reasons = {e["id"]: [r["code"] for r in e["reasons"]] for e in report["endpoints"]}
    assert [reasons.pop(f"GET /who/{name}/") for name in ("Both", "GuestFirst")] == [[], []]
    assert {tuple(codes) for codes in reasons.values()} == {("A101",)}
