"""What views do where requests are let in: `initial`, `check_permissions`, `permission_denied`."""

from pathlib import Path

import pytest

from tests import notes
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

GATED = SETTINGS.replace('"things",', '"django.contrib.sessions", "things",').replace(
    '"DEFAULT_AUTHENTICATION_CLASSES": []',
    '"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"]',
)
URLS = """
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from things import views

router = DefaultRouter()
for name in ("open", "closed", "hidden", "versioned", "counted"):
    router.register(name, getattr(views, name.title()), basename=name)
urlpatterns = [path("", include(router.urls)), path("<slug:shelf>/plain/", views.Plain.as_view())]
"""
VIEWS = (
    notes.VIEWS.replace(
        "rest_framework import serializers", "rest_framework import permissions, serializers"
    )
    + """

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView


class Open(Notes):
    def initial(self, request, *args, **kwargs):
        if "X-Stop" in request.headers:
            raise ValidationError({"stopped": request.method})
        super().initial(request, *args, **kwargs)
        if self.action == "destroy" and not request.user.is_staff:
            self.permission_denied(request, message="Only staff.", code="staff")


class Late:
    def check_permissions(self, request):
        super().check_permissions(request)
        if request.method == "POST" and Note.objects.count() > 200:
            raise NotFound("full")


class Closed(Late, Notes):
    permission_classes = [permissions.IsAuthenticatedOrReadOnly]

    def check_permissions(self, request):
        if request.headers.get("X-Closed"):
            self.permission_denied(request)
        super().check_permissions(request)


class Hidden(Notes):
    permission_classes = [permissions.IsAdminUser]

    def permission_denied(self, request, message=None, code=None):
        if request.user.is_authenticated and self.action in ("list", "retrieve"):
            raise NotFound()
        super().permission_denied(request, message=message, code=code)


class Versioned(Notes):
    permission_classes = [permissions.IsAuthenticated]

    def permission_denied(self, request, **kwargs):
        if request.method == "GET":
            return
        super().permission_denied(request, **kwargs)


class Counted(Notes):
    def check_throttles(self, request):
        if request.user.is_staff:
            return
        super().check_throttles(request)


class Plain(APIView):
    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if kwargs["shelf"] == "a":
            raise NotFound()

    def get(self, request, shelf):
        return Response({"shelf": shelf})
"""
)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_views_let_requests_in_as_before(server: str, tmp_path: Path, postgres: Cluster) -> None:
    url = f"sqlite:///{tmp_path}/gates.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_gates")
    files = {"settings.py": GATED, "urls.py": URLS, "things/models.py": notes.MODELS}
    legacy = small_project(tmp_path / "legacy", {**files, "things/views.py": VIEWS})
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    assert not_equal(verified(legacy, tmp_path, "--cases", "25", DATABASE_URL=url)) == []


REFUSED = {
    "asks who it is before": """
    def initial(self, request, *args, **kwargs):
        if request.user.is_staff:
            raise ValidationError({})
        super().initial(request, *args, **kwargs)
""",
    "hands on something else": """
    def initial(self, request, *args, **kwargs):
        super().initial(request)
""",
    "says it in its own words": """
    def permission_denied(self, request, message=None, code=None):
        super().permission_denied(request, message="No.", code=code)
""",
    "keeps something": """
    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.shelf = request.query_params.get("shelf")
""",
}


@pytest.mark.parametrize("hook", REFUSED.values(), ids=REFUSED)
def test_what_such_a_method_does_otherwise_stays_on_legacy(hook: str, tmp_path: Path) -> None:
    text = VIEWS + f"\n\nclass Odd(Notes):{hook}"
    files = {"settings.py": GATED, "things/models.py": notes.MODELS, "things/views.py": text}
    files["urls.py"] = URLS.replace('"counted"', '"counted", "odd"')
    legacy = small_project(tmp_path / "legacy", files)
    conversion = converted(legacy, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/gates.db")
    odd = [e for e in conversion["endpoints"] if e["id"].startswith("GET /odd/")]
    assert len(odd) == 2
    assert all(e["status"] == "legacy" for e in odd), odd
    assert all(r["source"].startswith("things/views.py:") for e in odd for r in e["reasons"])
