"""`list(map(f, values))` of the project's own functions."""

from pathlib import Path

import pytest

from tests.codemods.project import Converted, legacy_project

VIEWS = """
import re

from rest_framework.response import Response
from rest_framework.views import APIView


def snake(name):
    return re.sub("([A-Z])", r"_\\\\1", name).lower()


def snaked(labels):
    return {{snake(key): value for key, value in labels.items()}}


class Snakes(APIView):
    def post(self, request):
        rows = request.data["rows"]
        return Response({expression})
"""
URLS = """
from django.urls import path
from things import views

urlpatterns = [path("snakes/", views.Snakes.as_view())]
"""


def _converted(folder: Path, expression: str) -> Converted:
    views = VIEWS.format(expression=expression)
    files = {"things/models.py": "", "things/views.py": views, "urls.py": URLS}
    return legacy_project(folder, files, "").convert()


def test_a_function_over_values_is_a_comprehension(tmp_path: Path) -> None:
    written = _converted(tmp_path, "list(map(snaked, rows))").module("app.things.routers")
    assert "return [snaked(each) for each in rows_]" in written


@pytest.mark.parametrize("expression", ["list(map(snaked, rows, rows))", "set(map(snaked, rows))"])
def test_other_calls_of_map_stay_on_legacy(expression: str, tmp_path: Path) -> None:
    assert [r.code for r in _converted(tmp_path, expression).reasons("POST /snakes/")] == ["B102"]
