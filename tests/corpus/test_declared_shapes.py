"""Shapes that are only declared, and answers of kinds that DRF does not write, are as before."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from things import views

router = DefaultRouter()
router.register("crates", views.Crates)
router.register("boxes", views.Boxes)
urlpatterns = [
    path("api/", include(router.urls)),
    path("echo/", views.Echo.as_view()),
    path("boxed/", views.Boxed.as_view()),
    path("cookies/", views.cookies),
    path("memory/", views.memory),
]
"""

MODELS = """
from django.db import models


class Place(models.Model):
    name = models.CharField(max_length=20)


class Label(models.Model):
    text = models.CharField(max_length=20)

    class Meta:
        ordering = ["id"]


class Box(models.Model):
    place = models.ForeignKey(Place, null=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=20)
    labels = models.ManyToManyField(Label, blank=True)


class Crate(models.Model):
    box = models.ForeignKey(Box, on_delete=models.CASCADE)
    weight = models.DecimalField(max_digits=5, decimal_places=2, null=True)
"""

VIEWS = """
from datetime import timedelta

from django.http import HttpResponse
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Box, Crate


class CrateSerializer(serializers.ModelSerializer):
    class Meta:
        model = Crate
        fields = "__all__"
        depth = 2


class BoxSerializer(serializers.ModelSerializer):
    class Meta:
        model = Box
        fields = "__all__"


class Crates(viewsets.ReadOnlyModelViewSet):
    queryset = Crate.objects.order_by("id")
    serializer_class = CrateSerializer


class Boxes(viewsets.ModelViewSet):
    queryset = Box.objects.order_by("id")
    serializer_class = BoxSerializer


class InnerSerializer(serializers.Serializer):
    size = serializers.IntegerField(max_value=9)
    unit = serializers.CharField(required=False)
    kind = serializers.CharField(default="plain")


class EchoSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=9)
    note = serializers.CharField(required=False)
    when = serializers.DateField(required=False, allow_null=True)
    sizes = serializers.ListField(child=serializers.IntegerField(), required=False)
    inner = InnerSerializer(required=False)
    inners = InnerSerializer(required=False, many=True)


class Echo(APIView):
    def post(self, request):
        serializer = EchoSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.data, status=202)


class BoxedSerializer(serializers.Serializer):
    box = BoxSerializer()


class Boxed(APIView):
    def post(self, request):
        serializer = BoxedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.data)


@api_view()
def cookies(request):
    response = Response({"a": 1})
    response.set_cookie("kept", "b", max_age=timedelta(days=1, seconds=2.5))
    return response


@api_view()
def memory(request):
    return HttpResponse(memoryview(b"abc"), content_type="application/octet-stream")
"""


@pytest.fixture
def depot(tmp_path: Path) -> Path:
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "depot", {**texts, "settings.py": SETTINGS})


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_declared_shapes_are_those_of_before(
    server: str, depot: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/depot.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_declared_shapes")
    conversion = converted(depot, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left.keys() == {"POST /boxed/"}
    assert left["POST /boxed/"][0]["code"] == "S105"  # shown from what was sent, not from a row
    text = (tmp_path / "api/app/things/schemas.py").read_text()
    assert "class CrateBoxPlaceRead(ReadSchema)" in text
    evidence = verified(depot, tmp_path, "--cases", "30", DATABASE_URL=url)
    assert not_equal(evidence) == []
