"""A viewset at the root of what is included has its format behind the slash: `/shelf/.json`."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project

pytestmark = pytest.mark.slow

FILES = {
    "urls.py": """
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from things import views

router = DefaultRouter()
router.include_root_view = False
router.register("", views.Books, basename="book")
usual = DefaultRouter()
usual.include_root_view = False
usual.register("volumes", views.Books, basename="volume")
urlpatterns = [path("shelf/", include(router.urls)), path("", include(usual.urls))]
""",
    "things/models.py": """
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=20)

    class Meta:
        ordering = ["id"]
""",
    "things/views.py": """
from rest_framework import serializers, viewsets

from things.models import Book


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["id", "title"]


class Books(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
""",
}


def test_the_format_stands_behind_the_slash(tmp_path: Path) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/books.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    text = (tmp_path / "api/app/things/routers.py").read_text()
    assert text.count('format_suffix="/."') == 2
    evidence = verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)
    assert not_equal(evidence) == []
    told = {str(each["id"]) for each in evidence["endpoints"]}
    assert {"GET /shelf/", "POST /shelf/", "GET /volumes/"} <= told
