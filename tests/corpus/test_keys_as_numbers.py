"""Relations that requests give as plain keys: `category_id = serializers.IntegerField()`."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "settings.py": SETTINGS,
    "urls.py": """
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("items", views.Items)
router.register("made", views.Made, basename="made")
router.register("notes", views.Notes, basename="note")
urlpatterns = router.urls
""",
    "things/models.py": """
import uuid

from django.db import models


class Category(models.Model):
    title = models.CharField(max_length=30)


class Shelf(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=30)


class Item(models.Model):
    title = models.CharField(max_length=30)
    category = models.ForeignKey(Category, models.PROTECT)
    shelf = models.ForeignKey(Shelf, models.SET_NULL, null=True, blank=True)

    class Meta:
        ordering = ["id"]
""",
    "things/views.py": """
from rest_framework import serializers, viewsets

from .models import Category, Item, Shelf


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = "__all__"


class ItemSerializer(serializers.ModelSerializer):
    category = CategorySerializer(read_only=True)
    category_id = serializers.IntegerField(write_only=True)
    shelf_id = serializers.UUIDField(allow_null=True, required=False)

    class Meta:
        model = Item
        fields = ["id", "title", "category", "category_id", "shelf_id"]


class MadeSerializer(ItemSerializer):
    def create(self, validated_data):
        number = validated_data.pop("category_id")
        try:
            category = Category.objects.get(id=number)
        except Category.DoesNotExist:
            raise serializers.ValidationError(f"There is no category {number}.")
        return Item.objects.create(category=category, **validated_data)


class NoteSerializer(serializers.ModelSerializer):
    kind = serializers.IntegerField(source="category_id")

    class Meta:
        model = Item
        fields = ["id", "title", "kind"]


class Items(viewsets.ModelViewSet):
    queryset = Item.objects.all()
    serializer_class = ItemSerializer


class Made(viewsets.ModelViewSet):
    queryset = Item.objects.all()
    serializer_class = MadeSerializer


class Notes(viewsets.ModelViewSet):
    queryset = Item.objects.all()
    serializer_class = NoteSerializer
""",
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_keys_are_given_as_they_are(tmp_path: Path, postgres: Cluster, database: str) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    if database == "postgresql":
        url = postgres.new_database("plain_keys")
    project = small_project(tmp_path / "legacy", FILES)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "25", DATABASE_URL=url)) == []
