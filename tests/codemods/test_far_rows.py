"""Rows that hold the key to another are shown with it, but not given: Django moves them, or fails to."""

from pathlib import Path

from tests.codemods.project import legacy_project

_MODELS = """
from django.db import models


class Item(models.Model):
    name = models.CharField(max_length=9)


class Page(models.Model):
    item = models.ForeignKey(Item, models.CASCADE, related_name="pages")


class Shelf(models.Model):
    items = models.ManyToManyField(Item, related_name="shelves")


class Special(Item):
    pass


class Cover(models.Model):
    item = models.OneToOneField(Item, models.CASCADE, related_name="cover")
"""
_VIEWS = """
from rest_framework import serializers, viewsets

from things.models import Cover, Item, Page, Shelf, Special


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["name", "cover"]


class SpecialSerializer(ItemSerializer):
    class Meta(ItemSerializer.Meta):
        model = Special


class PagesSerializer(serializers.ModelSerializer):
    pages = serializers.PrimaryKeyRelatedField(many=True, queryset=Page.objects.all())

    class Meta:
        model = Item
        fields = ["name", "pages"]


class ShelvesSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["name", "shelves"]


class CoverSerializer(serializers.ModelSerializer):
    class Meta:
        model = Cover
        fields = ["item"]


class ItemViewSet(viewsets.ModelViewSet):
    queryset = Item.objects.order_by("id")
    serializer_class = ItemSerializer


class SpecialViewSet(viewsets.ModelViewSet):
    queryset = Special.objects.order_by("id")
    serializer_class = SpecialSerializer


class PagesViewSet(ItemViewSet):
    serializer_class = PagesSerializer


class ShelvesViewSet(ItemViewSet):
    serializer_class = ShelvesSerializer


class CoverViewSet(viewsets.ModelViewSet):
    queryset = Cover.objects.order_by("id")
    serializer_class = CoverSerializer
"""
_URLS = """
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("items", views.ItemViewSet)
router.register("specials", views.SpecialViewSet)
router.register("pages", views.PagesViewSet, basename="pages")
router.register("shelves", views.ShelvesViewSet, basename="shelves")
router.register("covers", views.CoverViewSet)
urlpatterns = router.urls
"""


def test_only_the_end_that_holds_the_key_is_written(tmp_path: Path) -> None:
    files = {"things/models.py": _MODELS, "things/views.py": _VIEWS, "urls.py": _URLS}
    converted = legacy_project(tmp_path, files).convert()
    for kept in ("items", "specials", "pages"):
        assert converted.converted(f"GET /{kept}/")
        for method, path in (("POST", ""), ("PUT", "{pk}/"), ("PATCH", "{pk}/")):
            assert converted.codes(f"{method} /{kept}/{path}") == ["S119"]
    assert converted.converted("POST /covers/")
    assert converted.converted("POST /shelves/")
