"""Several login backends: who finds users, who knows passwords, and what Django's tables grant then."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Paper(models.Model):
    title = models.CharField(max_length=30)

    class Meta:
        ordering = ["id"]
"""

BACKENDS = '''
from django.contrib.auth.backends import BaseBackend, ModelBackend


class Quiet(ModelBackend):
    """As Django's own, with something that nobody asks for."""

    colour = "grey"

    def describe(self):
        return self.colour


class Silent(BaseBackend):
    """Knows nobody."""


class ByCode(ModelBackend):
    """Lets in by a code."""

    def authenticate(self, request, code=None, **kwargs):
        if request is not None and request.META.get("HTTP_X_CODE") == code:
            return None
        return None
'''

PERMISSIONS = '''
import copy

from rest_framework.permissions import DjangoModelPermissions, DjangoModelPermissionsOrAnonReadOnly


class Reading(DjangoModelPermissions):
    """Who reads needs a permission, too."""

    perms_map = {
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "OPTIONS": [],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
        "POST": ["%(app_label)s.add_%(model_name)s"],
        "PUT": ["%(app_label)s.change_%(model_name)s"],
        "PATCH": ["%(app_label)s.change_%(model_name)s"],
        "DELETE": ["%(app_label)s.delete_%(model_name)s"],
    }


class Copied(DjangoModelPermissionsOrAnonReadOnly):
    def __init__(self):
        self.perms_map = copy.deepcopy(self.perms_map)
        self.perms_map["POST"] = ["%(app_label)s.change_%(model_name)s"]
'''

VIEWS = """
from django.contrib.auth import authenticate, login
from rest_framework import authentication, permissions, serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Paper
from .permissions import Copied, Reading


class PaperSerializer(serializers.ModelSerializer):
    class Meta:
        model = Paper
        fields = ["id", "title"]


class Papers(viewsets.ModelViewSet):
    queryset = Paper.objects.all()
    serializer_class = PaperSerializer
    permission_classes = [Reading]


class Copies(viewsets.ModelViewSet):
    queryset = Paper.objects.all()
    serializer_class = PaperSerializer
    permission_classes = [Copied]


class Basics(viewsets.ReadOnlyModelViewSet):
    queryset = Paper.objects.all()
    serializer_class = PaperSerializer
    authentication_classes = [authentication.BasicAuthentication]
    permission_classes = [permissions.IsAuthenticated]


class LogIn(APIView):
    authentication_classes = []

    def post(self, request):
        user = authenticate(
            request, username=request.data.get("username"), password=request.data.get("password")
        )
        if user is None:
            return Response({"detail": "No."}, status=400)
        login(request, user)
        return Response({"user": user.pk})
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("papers", views.Papers)
router.register("copies", views.Copies, basename="copy")
router.register("basics", views.Basics, basename="basic")
urlpatterns = [path("api/", include(router.urls)), path("login/", views.LogIn.as_view())]
"""

AROUND = """
INSTALLED_APPS += ["django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"]
}
"""


def project_with(tmp_path: Path, *backends: str) -> Path:
    settings = f"{SETTINGS}{AROUND}AUTHENTICATION_BACKENDS = {list(backends)!r}\n"
    files = {"settings.py": settings, "urls.py": URLS, "things/models.py": MODELS}
    files |= {"things/backends.py": BACKENDS, "things/permissions.py": PERMISSIONS}
    files["things/views.py"] = VIEWS
    return small_project(tmp_path / "legacy", files)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_backends_that_do_as_django_are_those_of_the_new_app(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/papers.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_login_backends")
    django = "django.contrib.auth.backends.ModelBackend"
    project = project_with(tmp_path, "things.backends.Silent", "things.backends.Quiet", django)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert not [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"]
    found = not_equal(verified(project, tmp_path, "--cases", "40", DATABASE_URL=url))
    # which of two backends knew the user shows in the session, whose key is one of chance
    assert {endpoint for endpoint, *_ in found} <= {"POST /login/"}


def test_a_backend_that_asks_for_something_else_holds_back_who_asks_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/papers.db"
    project = project_with(tmp_path, "things.backends.ByCode")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert {name: {r["code"] for r in reasons} for name, reasons in left.items()} == {
        "POST /login/": {"A104"},
        "GET /api/basics/": {"A104"},
        "GET /api/basics/{pk}/": {"A104"},
    }
    evidence = verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)
    assert not_equal(evidence) == []
