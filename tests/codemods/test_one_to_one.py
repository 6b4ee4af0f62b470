"""The other end of a one-to-one relation is shown, but given by nobody: Django saves none there."""

from pathlib import Path

from tests.codemods.project import legacy_project

_MODELS = """
from django.db import models


class Item(models.Model):
    name = models.CharField(max_length=9)


class Cover(models.Model):
    item = models.OneToOneField(Item, models.CASCADE, related_name="cover")
"""
_VIEWS = """
from rest_framework import serializers, viewsets

from things.models import Cover, Item


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["name", "cover"]


class CoverSerializer(serializers.ModelSerializer):
    class Meta:
        model = Cover
        fields = ["item"]


class ItemViewSet(viewsets.ModelViewSet):
    queryset = Item.objects.order_by("id")
    serializer_class = ItemSerializer


class CoverViewSet(viewsets.ModelViewSet):
    queryset = Cover.objects.order_by("id")
    serializer_class = CoverSerializer
"""
_URLS = """
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("items", views.ItemViewSet)
router.register("covers", views.CoverViewSet)
urlpatterns = router.urls
"""


def test_only_the_end_that_holds_the_key_is_written(tmp_path: Path) -> None:
    files = {"things/models.py": _MODELS, "things/views.py": _VIEWS, "urls.py": _URLS}
    converted = legacy_project(tmp_path, files).convert()
    assert converted.converted("GET /items/")
    assert converted.converted("POST /covers/")
    for method, path in (("POST", ""), ("PUT", "{pk}/"), ("PATCH", "{pk}/")):
        assert converted.codes(f"{method} /items/{path}") == ["S119"]
