"""Views that say what went wrong: with callers who are nobody, and with rows that lead nowhere."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

LOGINS = SETTINGS.replace(
    '"DEFAULT_AUTHENTICATION_CLASSES": []',
    '"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"]',
)

MODELS = """
from django.conf import settings
from django.db import models


class Paper(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    title = models.CharField(max_length=30)

    def shout(self):
        return self.title.upper()
"""

VIEWS = """
from django.shortcuts import get_object_or_404
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Paper


class Mine(APIView):
    def get(self, request):
        try:
            return Response({"mail": request.user.email, "since": request.user.date_joined})
        except Exception as error:
            return Response({"error": str(error)}, status=500)


class Named(APIView):
    def get(self, request):
        try:
            return Response({"name": request.user.get_full_name()})
        except AttributeError as error:
            return Response({"error": str(error)}, status=400)


class Owner(APIView):
    def get(self, request, pk):
        paper = get_object_or_404(Paper, pk=pk)
        try:
            return Response({"owner": paper.owner.username, "title": paper.shout()})
        except AttributeError as error:
            return Response({"error": str(error)}, status=404)
"""

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("api/mine/", views.Mine.as_view()),
    path("api/named/", views.Named.as_view()),
    path("api/papers/<int:pk>/owner/", views.Owner.as_view()),
]
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_what_is_missing_is_told_as_it_was(server: str, tmp_path: Path, postgres: Cluster) -> None:
    files = {"settings.py": LOGINS, "urls.py": URLS, "things/models.py": MODELS}
    project = small_project(tmp_path / "legacy", {**files, "things/views.py": VIEWS})
    url = f"sqlite:///{tmp_path}/papers.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_strangers")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    evidence = verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)
    assert not_equal(evidence) == []
