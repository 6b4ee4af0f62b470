"""Rows that may be missing, shown by serializers, and contexts that hold more on one path than on another."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Box(models.Model):
    label = models.CharField(max_length=20)
    size = models.IntegerField(null=True)
    made = models.DateField(null=True)
    solid = models.BooleanField(default=False)
    inner = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)


class Thing(models.Model):
    box = models.ForeignKey(Box, null=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=10)

    class Meta:
        ordering = ["id"]
"""

VIEWS = """
from django.shortcuts import get_object_or_404
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Box, Thing


class SideSerializer(serializers.Serializer):
    side = serializers.CharField(source="label", initial="left")
    sides = serializers.ListField(child=serializers.IntegerField(), write_only=True)


class BoxSerializer(serializers.ModelSerializer):
    part = SideSerializer(source="inner")
    parts = SideSerializer(many=True, write_only=True)
    kind = serializers.ChoiceField(choices=["a", "b"], source="label")
    twice = serializers.SerializerMethodField()

    class Meta:
        model = Box
        fields = ["id", "label", "size", "made", "solid", "inner", "part", "parts", "kind", "twice"]

    def get_twice(self, obj):
        return f"{obj.label}{obj.label}"


class ThingSerializer(serializers.ModelSerializer):
    shown = serializers.SerializerMethodField()
    inside = serializers.SerializerMethodField()

    class Meta:
        model = Thing
        fields = ["id", "name", "shown", "inside"]

    def get_shown(self, obj):
        return BoxSerializer(obj.box).data

    def get_inside(self, obj):
        box = self.context.get("box")
        return box.label if box is not None else None

    def validate_name(self, value):
        if "box" in value and self.context["box"].label == value:
            raise serializers.ValidationError("That is the box.")
        return value


class Things(viewsets.ModelViewSet):
    serializer_class = ThingSerializer
    queryset = Thing.objects.all()

    def get_serializer_context(self):
        context = super().get_serializer_context()
        box = self.kwargs.get("box_pk")
        if box:
            context["box"] = get_object_or_404(Box, pk=box)
        return context


class InnerOf(APIView):
    def get(self, request, pk):
        box = get_object_or_404(Box, pk=pk)
        inner, first = box.inner, Box.objects.first()
        shown = {"inner": BoxSerializer(inner).data}
        shown["first"] = BoxSerializer(first).data
        return Response(shown)


class Alone(APIView):
    def get(self, request, pk):
        thing = get_object_or_404(Thing, pk=pk)
        return Response(BoxSerializer(thing.box).data)
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("things", views.Things)
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/boxes/<int:box_pk>/", include(router.urls)),
    path("api/inner/<int:pk>/", views.InnerOf.as_view()),
    path("api/alone/<int:pk>/", views.Alone.as_view()),
]
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_what_is_missing_is_shown_as_it_was(server: str, tmp_path: Path, postgres: Cluster) -> None:
    files = {"settings.py": SETTINGS, "urls.py": URLS, "things/models.py": MODELS}
    project = small_project(tmp_path / "legacy", {**files, "things/views.py": VIEWS})
    url = f"sqlite:///{tmp_path}/things.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_shown_or_empty")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left.keys() == {"GET /api/alone/{pk}/"}  # it is read where it is shown
    evidence = verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)
    assert not_equal(evidence) == []
