"""Paths with a format behind them: what is linked from there, and handlers without a format."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import path
from rest_framework.urlpatterns import format_suffix_patterns

from things import views

urlpatterns = format_suffix_patterns(
    [
        path("", views.root),
        path("items/", views.Items.as_view(), name="item-list"),
        path("items/<int:pk>/", views.Item.as_view(), name="item-detail"),
    ]
)
"""

VIEWS = """
from rest_framework import generics, serializers
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from .models import Thing


@api_view(["GET"])
def root(request, format=None):
    return Response(
        {
            "items": reverse("item-list", request=request, format=format),
            "first": reverse("item-detail", kwargs={"pk": 1}, request=request, format=format),
            "second": reverse("item-detail", args=[2], request=request),
            "json": reverse("item-list", request=request, format="json"),
        }
    )


class ThingSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = Thing
        fields = ["url", "name"]
        extra_kwargs = {"url": {"view_name": "item-detail"}}


class Items(APIView):
    def get(self, request, format=None, page=None):
        if page is not None:
            return Response(status=404)
        things = Thing.objects.order_by("id")
        context = {"request": request, "format": format}
        return Response(ThingSerializer(things, many=True, context=context).data)

    def post(self, request):
        serializer = ThingSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)


class Item(generics.RetrieveUpdateDestroyAPIView):
    queryset = Thing.objects.all()
    serializer_class = ThingSerializer
"""

MODELS = """
from django.db import models


class Thing(models.Model):
    name = models.CharField(max_length=30)
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_formats_behind_paths_are_as_before(
    tmp_path: Path, postgres: Cluster, database: str
) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    if database == "postgresql":
        url = postgres.new_database("format_suffixes")
    files = {
        "settings.py": SETTINGS,
        "urls.py": URLS,
        "things/__init__.py": "",
        "things/models.py": MODELS,
        "things/views.py": VIEWS,
    }
    project = small_project(tmp_path / "legacy", files)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "25", DATABASE_URL=url)) == []


CAUGHT = """
from django.urls import include, path, re_path
from rest_framework import routers

from things import views

router = routers.DefaultRouter()
router.register("items", views.Things)

urlpatterns = [re_path(r"^.*\\.(?P<format>.+)$", views.root), path("", include(router.urls))]
"""
THINGS = """

from rest_framework import viewsets


class Things(viewsets.ModelViewSet):
    queryset = Thing.objects.order_by("id")
    serializer_class = ThingSerializer
"""


def test_paths_that_an_earlier_pattern_takes_have_no_format(tmp_path: Path) -> None:
    views = VIEWS.replace('fields = ["url", "name"]', 'fields = ["id", "name"]')
    views = views.replace('        extra_kwargs = {"url": {"view_name": "item-detail"}}\n', "")
    files = {
        "settings.py": SETTINGS, "urls.py": CAUGHT, "things/__init__.py": "",
        "things/models.py": MODELS, "things/views.py": views + THINGS,
    }  # fmt: skip
    project = small_project(tmp_path / "legacy", files)
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    done = {e["id"] for e in conversion["endpoints"] if e["status"] == "converted"}
    assert {"GET /items/", "DELETE /items/{pk}/"} <= done
    assert not_equal(verified(project, tmp_path, "--cases", "25", DATABASE_URL=url)) == []
