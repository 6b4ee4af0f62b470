"""`Meta.ordering` of `F`, with NULLs first or last, in lists, related rows and reversed queries."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "things/models.py": """
from django.db import models
from django.db.models import F


class Place(models.Model):
    name = models.CharField(max_length=20, null=True, blank=True)

    class Meta:
        ordering = [F("name").desc(nulls_last=True), "-pk"]


class Kid(models.Model):
    place = models.ForeignKey(Place, models.CASCADE, related_name="kids")
    rank = models.IntegerField(null=True)

    class Meta:
        ordering = (F("rank").asc(nulls_first=True), F("id"))


class Far(models.Model):
    place = models.ForeignKey(Place, models.CASCADE)

    class Meta:
        ordering = [F("place__name").asc()]
""",
    "things/views.py": """
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.response import Response

from things import models


class KidSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Kid
        fields = "__all__"


class PlaceSerializer(serializers.ModelSerializer):
    kids = KidSerializer(many=True, read_only=True)

    class Meta:
        model = models.Place
        fields = ["id", "name", "kids"]


class PlaceView(viewsets.ModelViewSet):
    queryset = models.Place.objects.all()
    serializer_class = PlaceSerializer


class KidView(viewsets.ModelViewSet):
    queryset = models.Kid.objects.all()
    serializer_class = KidSerializer


@api_view(["GET"])
def ends(request):
    first, last = models.Place.objects.first(), models.Place.objects.last()
    return Response({
        "first": first.id if first else None,
        "last": last.id if last else None,
        "kids": [kid.id for kid in models.Kid.objects.reverse()],
    })


@api_view(["GET"])
def far(request):
    return Response([each.id for each in models.Far.objects.all()])
""",
    "urls.py": """
from django.urls import include, path
from rest_framework import routers

from things import views

router = routers.SimpleRouter()
router.register("place", views.PlaceView)
router.register("kid", views.KidView)
urlpatterns = [path("", include(router.urls)), path("ends/", views.ends), path("far/", views.far)]
""",
}


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_nulls_stand_where_the_model_puts_them(
    vendor: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    if vendor == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        url = cluster.new_database("default_orders")
    project = small_project(tmp_path / "legacy", FILES)
    report = converted(project, tmp_path, DATABASE_URL=url)
    legacy = {
        e["id"]: e["reasons"][0]["code"] for e in report["endpoints"] if e["status"] != "converted"
    }
    assert legacy == {"GET /far/": "Q111"}
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
