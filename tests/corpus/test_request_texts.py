"""A request that code prints, or puts into a text."""

import json
from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted
from tests.corpus.small_project import SETTINGS, small_project

pytestmark = pytest.mark.slow

URLS = """
from django.urls import path

from things import views

urlpatterns = [path("texts/<str:name>/", views.Texts.as_view())]
"""
VIEWS = """
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView


class Printing(BasePermission):
    def has_permission(self, request, view):
        print("asked", request)
        return request.method != "DELETE"


class Texts(APIView):
    permission_classes = [Printing]

    def get(self, request, name):
        return Response({"text": f"{request}", "more": f'of "{self.request}" by {name}'})

    def delete(self, request, name):
        return Response(status=204)
"""


def test_a_request_is_shown_as_drf_does(tmp_path: Path) -> None:
    files = {
        "settings.py": SETTINGS, "urls.py": URLS, "things/models.py": "", "things/views.py": VIEWS,
    }  # fmt: skip
    legacy = small_project(tmp_path / "legacy", files)
    conversion = converted(legacy, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/texts.db")
    assert [e["id"] for e in conversion["endpoints"] if e["reasons"]] == []
    with asked(legacy, tmp_path, None, "") as both:
        for path in ("/texts/a/", "/texts/a/?b=1&c=%20d", "/texts/it's/", "/texts/%C3%A4%22/?x='"):
            answer = both.agree("GET", path)
            assert json.loads(answer.body)["text"].startswith("<rest_framework.request.Request")
        both.agree("DELETE", "/texts/a/")
