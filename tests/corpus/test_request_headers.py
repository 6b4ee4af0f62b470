"""Headers and parameters that handlers read of the request themselves, and may demand."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project

pytestmark = pytest.mark.slow

FILES = {
    "settings.py": SETTINGS,
    "things/__init__.py": "",
    "things/models.py": "",
    "urls.py": """
from django.urls import path

from things import views

urlpatterns = [path("meta/", views.meta), path("headers/", views.Headers.as_view()), path("guarded/", views.Guarded.as_view()), path("told/", views.Told.as_view()), path("counted/", views.Counted.as_view())]
""",
    "things/views.py": """
from rest_framework.decorators import api_view
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView


@api_view(["GET", "POST"])
def meta(request):
    if request.META.get("HTTP_X_SECRET") != "open sesame":
        return Response({"detail": "no", "agent": request.META.get("HTTP_USER_AGENT", "?")}, status=403)
    known = "HTTP_X_KIND" in request.META
    return Response({"kind": request.META["HTTP_X_KIND"] if known else None})


class KnowsTheWord(BasePermission):
    message = "say the word"

    def has_permission(self, request, view):
        return request.META.get("HTTP_X_WORD") in ("please", "now")


class Guarded(APIView):
    permission_classes = [KnowsTheWord]

    def get(self, request):
        return Response({"open": True})


WORD = "X-Word"


def word_of(headers):
    return (headers.get(WORD) or "none").split()[0]


class Told(APIView):
    def get(self, request):
        return Response({"word": word_of(request.headers)})


class Counted(APIView):
    def post(self, request):
        count = request.query_params.get("count")
        if count is None:
            return Response({"detail": "How many?"}, status=400)
        return Response({"count": count})


KIND = "X-Kind"


class Headers(APIView):
    def post(self, request):
        return Response({"kind": request.headers.get(KIND), "none": KIND in request.headers})

    def get(self, request):
        kind = request.headers.get("x_kind", "none")
        if kind.startswith("big"):
            return Response({"kind": kind.upper(), "secret": request.headers.get("x-secret")})
        return Response({"kind": kind, "has": "X-Secret" in self.request.headers})
""",
}


def test_requests_are_read_as_before(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    project = small_project(tmp_path / "legacy", FILES)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "25", DATABASE_URL=url)) == []
