"""Defaults that run a query are asked when a row is made, as in Django, however it is made."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=20, unique=True)
    weight = models.IntegerField(default=0)


def fallback():
    shelf, _ = Shelf.objects.get_or_create(name="fallback")
    return shelf


def lightest():
    return Shelf.objects.get_or_create(name="light", defaults={"weight": -1})[0].pk


def place():
    return Thing.objects.count() + 1


class Thing(models.Model):
    name = models.CharField(max_length=20)
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, default=fallback)
    other = models.ForeignKey(
        Shelf, on_delete=models.SET_DEFAULT, default=lightest, related_name="others"
    )
    place = models.IntegerField(default=place)

    class Meta:
        ordering = ["id"]

    def save(self, *args, **kwargs):
        self.name = f"{self.name} {self.place}"[:20]
        super().save(*args, **kwargs)
"""

VIEWS = """
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from things.models import Shelf, Thing


class ThingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "name", "shelf", "other", "place"]


class ShelfSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shelf
        fields = ["id", "name", "weight"]


class Things(viewsets.ModelViewSet):
    queryset = Thing.objects.all()
    serializer_class = ThingSerializer

    @action(detail=True, methods=["post"])
    def copy(self, request, pk=None):
        thing = Thing.objects.create(name=self.get_object().name)
        return Response(ThingSerializer(thing).data, status=status.HTTP_201_CREATED)


class Shelves(viewsets.ModelViewSet):
    queryset = Shelf.objects.order_by("id")
    serializer_class = ShelfSerializer
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("things", views.Things)
router.register("shelves", views.Shelves)
urlpatterns = [path("api/", include(router.urls))]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "legacy", files)


def test_rows_get_what_the_database_says_on_sqlite(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)) == []


def test_rows_get_what_the_database_says_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_asked_defaults")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
