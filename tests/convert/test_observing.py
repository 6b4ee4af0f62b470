"""`strangler observe`: what tests show of types is used where nothing else says it, and marked."""

import ast
import json
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from strangler.cli import main
from strangler.convert.observing import FILE, read_observed
from strangler.convert.run import Choices, run
from strangler.errors import ConfigError, ExitCode
from strangler.testing import Legacy, legacy_project
from strangler_codemods import observed

FILES = {
    "shops/models.py": """
        from django.conf import settings
        from django.db import models


        class Item(models.Model):
            title = models.CharField(max_length=30)
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
        """,
    "shops/views.py": """
        from django.shortcuts import get_object_or_404
        from rest_framework import permissions
        from rest_framework.response import Response
        from rest_framework.views import APIView

        from shops.models import Item


        class Owns(permissions.BasePermission):
            def has_object_permission(self, request, view, obj):
                return obj.owner == request.user


        class Card(APIView):
            permission_classes = [permissions.IsAuthenticated, Owns]

            def get(self, request, pk):
                return Response({"title": get_object_or_404(Item, pk=pk).title})


        class Plain(APIView):
            def get(self, request):
                return Response({"fine": True})
        """,
    "shops/tests.py": """
        from django.contrib.auth.models import User
        from django.test import RequestFactory, TestCase

        from shops.models import Item
        from shops.views import Owns


        class OwnsTests(TestCase):
            def test_owner(self):
                user = User.objects.create(username="ann")
                request = RequestFactory().get("/")
                request.user = user
                item = Item.objects.create(title="x", owner=user)
                self.assertTrue(Owns().has_object_permission(request, None, item))
        """,
    "urls.py": """
        from django.urls import path

        from shops import views

        urlpatterns = [
            path("card/<int:pk>/", views.Card.as_view()),
            path("plain/", views.Plain.as_view()),
        ]
        """,
}
MANAGE = """\
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""
NAME = "shops.views.Owns.has_object_permission"


@pytest.fixture
def legacy(tmp_path: Path) -> Legacy:
    legacy = legacy_project(tmp_path / "project", FILES)
    (legacy.folder / "manage.py").write_text(MANAGE)
    return legacy


def observe(legacy: Legacy, *command: str) -> int:
    options = ["--project", str(legacy.folder), "--python", sys.executable]
    return main(["observe", *options, "--", *command])


def endpoints(legacy: Legacy) -> dict[str, dict[str, object]]:
    choices = Choices(folder=legacy.folder)
    done = run(
        legacy.folder, legacy.folder / "new", legacy.facts, legacy.walk, choices=choices, dry=True
    )
    return {each["id"]: each for each in done.report["endpoints"]}


def test_what_tests_showed_is_used_and_marked(
    legacy: Legacy, capfd: pytest.CaptureFixture[str]
) -> None:
    """The permission's object is of a model that only the tests name; endpoints without it have no mark."""
    (before,) = endpoints(legacy)["GET /card/{pk}/"]["reasons"]  # type: ignore[misc]
    assert before["code"] == "P106"
    (legacy.folder / "strangler.toml").write_text("[convert]\n")
    assert observe(legacy, "python", "manage.py", "test") == ExitCode.DONE
    streams = capfd.readouterr()
    assert "OK" in streams.err
    assert "Error" not in streams.err
    assert f"types of 2 functions and 0 classes: {legacy.folder / FILE}" in streams.out
    after = endpoints(legacy)
    assert after["GET /card/{pk}/"]["status"] == "converted"
    assert after["GET /card/{pk}/"]["hypotheses"] == [f"{NAME} obj: row:shops.Item"]
    assert "hypotheses" not in after["GET /plain/"]


@pytest.mark.parametrize(
    "kinds", [["row:shops.Item", "row:auth.User"], ["row:shops.Item", "None"], []]
)
def test_what_was_seen_as_several_things_says_nothing(kinds: list[str], legacy: Legacy) -> None:
    """Rows of two models, or None among them: the endpoint stays."""
    file = legacy.folder / FILE
    file.parent.mkdir()
    file.write_text(json.dumps({"version": 1, "functions": {NAME: {"obj": kinds}}}))
    assert endpoints(legacy)["GET /card/{pk}/"]["status"] == "legacy"


def test_a_failing_command_is_said_and_what_it_showed_is_kept(
    legacy: Legacy, capfd: pytest.CaptureFixture[str]
) -> None:
    (legacy.folder / "strangler.toml").write_text("[convert]\n")
    text = (legacy.folder / "shops" / "tests.py").read_text()
    (legacy.folder / "shops" / "tests.py").write_text(text.replace("assertTrue", "assertFalse"))
    assert observe(legacy, "python", "manage.py", "test") == ExitCode.FINDINGS
    assert "exit code 1" in capfd.readouterr().out
    assert NAME in read_observed(legacy.folder)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["python", "-c", "pass"], "no function of the project ran"),
        (["no-such-command"], "strangler observe -- python manage.py test"),
    ],
)
def test_what_shows_nothing_is_an_error(
    command: list[str], says: str, legacy: Legacy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert observe(legacy, *command) == ExitCode.USAGE
    assert says in capfd.readouterr().err
    assert not (legacy.folder / FILE).exists()


def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text('{"version": 9}')
    with pytest.raises(ConfigError, match="strangler observe"):
        read_observed(tmp_path)


def test_the_tracer_and_its_reader_name_the_same_plain_types() -> None:
    """The tracer stands alone in the legacy interpreter, so both have the list."""
    tree = ast.parse((files("strangler.legacy") / "observer.py").read_text())
    sets = {ast.unparse(n.targets[0]): n.value for n in tree.body if isinstance(n, ast.Assign)}
    assert ast.literal_eval(sets["PLAIN"]) == observed.PLAIN
