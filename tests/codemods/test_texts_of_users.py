"""A column of texts compared with the user: legacy compares it with the user's `__str__`."""

from pathlib import Path

import pytest

from tests.codemods.project import legacy_project

FILES = {
    "urls.py": """
from django.urls import path
from things import views

urlpatterns = [path("mine/", views.Mine.as_view())]
""",
    "things/models.py": """
from django.contrib.auth.models import AbstractUser
from django.db import models
from {base}


class Person(Named):
    pass


class Thing(models.Model):
    by = models.CharField(max_length=20)
""",
    "things/views.py": """
from rest_framework import permissions
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Thing


class Mine(APIView):
    permission_classes = [permissions.IsAuthenticated]

    def get(self, request):
        return Response({"number": Thing.objects.filter(by=request.user).count()})
""",
}
BASE = """
from django.contrib.auth.models import AbstractUser


class Named(AbstractUser):
    class Meta:
        abstract = True
{text}
"""
TEXT = """
    def __str__(self):
        return "somebody"
"""
NAME = TEXT.replace("__str__", "get_username")


@pytest.mark.parametrize(("text", "code"), [("", None), (TEXT, "B120"), (NAME, "B120")])
def test_a_text_that_a_package_gives_users_is_not_known(
    text: str, code: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "named_users"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text(BASE.format(text=text))
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    models = FILES["things/models.py"].format(base="named_users.base import Named")
    folder = tmp_path / "legacy"
    folder.mkdir()
    settings = 'AUTH_USER_MODEL = "things.Person"'
    done = legacy_project(folder, {**FILES, "things/models.py": models}, settings).convert()
    assert done.codes("GET /mine/") == ([code] if code else [])
