"""Lists that clients send: each item is checked, each makes a row, as one serializer says."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Box(models.Model):
    label = models.CharField(max_length=20, unique=True)


class Thing(models.Model):
    box = models.ForeignKey(Box, on_delete=models.CASCADE)
    name = models.CharField(max_length=10)
    size = models.IntegerField(default=1)

    class Meta:
        ordering = ["id"]
"""

VIEWS = """
from rest_framework import generics, mixins, serializers, status, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Box, Thing


class BoxSerializer(serializers.ModelSerializer):
    class Meta:
        model = Box
        fields = ["id", "label"]


class ThingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "box", "name", "size"]

    def validate_name(self, value):
        if value == "no":
            raise serializers.ValidationError("Not this one.")
        return value

    def create(self, validated_data):
        validated_data["size"] = validated_data.get("size", 1) + 1
        return super().create(validated_data)


class LooseSerializer(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "name"]


class SizedSerializer(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "box", "name"]

    def create(self, validated_data):
        return Thing.objects.create(size=self.context["size"], **validated_data)


class Sized(APIView):
    def post(self, request):
        serializer = SizedSerializer(data=request.data, many=True, context={"size": 7})
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)


class Boxes(mixins.CreateModelMixin, viewsets.GenericViewSet):
    queryset = Box.objects.all()
    serializer_class = BoxSerializer

    def create(self, request, *args, **kwargs):
        serializer = self.get_serializer(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        return Response(serializer.data, status=status.HTTP_201_CREATED)


class Things(APIView):
    def post(self, request):
        serializer = ThingSerializer(data=request.data, many=True)
        if not serializer.is_valid():
            return Response(serializer.errors, status=422)
        things = serializer.save()
        return Response({"count": len(things), "things": serializer.data}, status=201)


class ThingsOfBox(generics.GenericAPIView):
    queryset = Box.objects.all()
    serializer_class = LooseSerializer

    def post(self, request, pk):
        box = self.get_object()
        serializer = LooseSerializer(data=request.data.get("things"), many=True)
        serializer.is_valid(raise_exception=True)
        serializer.save(box=box, size=3)
        return Response(serializer.data, status=201)
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("boxes", views.Boxes)
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/things/", views.Things.as_view()),
    path("api/sized/", views.Sized.as_view()),
    path("api/boxes/<int:pk>/things/", views.ThingsOfBox.as_view()),
]
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_lists_are_taken_as_they_were(server: str, tmp_path: Path, postgres: Cluster) -> None:
    files = {"settings.py": SETTINGS, "urls.py": URLS, "things/models.py": MODELS}
    project = small_project(tmp_path / "legacy", {**files, "things/views.py": VIEWS})
    url = f"sqlite:///{tmp_path}/things.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_lists_sent")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    evidence = verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)
    assert [found for found in not_equal(evidence) if found[1] == "different"] == []
    assert not_equal(evidence) == []
