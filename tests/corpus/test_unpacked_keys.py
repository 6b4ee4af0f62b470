"""`get_or_create(owner=..., **attrs)`: nested data names the row that is looked for."""

from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("api/dishes/", views.Dishes.as_view()),
    path("api/dishes/<int:pk>/", views.Dish.as_view()),
    path("api/others/", views.Others.as_view()),
]
"""

MODELS = """
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, null=True)
    weight = models.IntegerField(default=1)


class Dish(models.Model):
    title = models.CharField(max_length=20)
    tags = models.ManyToManyField(Tag)
"""

VIEWS = """
from rest_framework import generics, serializers

from .models import Dish as Row, Tag


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["id", "name", "kind"]


class DishSerializer(serializers.ModelSerializer):
    tags = TagSerializer(many=True, required=False)

    class Meta:
        model = Row
        fields = ["id", "title", "tags"]

    def _tagged(self, dish, tags):
        for tag in tags:
            found, made = Tag.objects.get_or_create(weight=1, **tag)
            dish.tags.add(found)

    def create(self, validated_data):
        tags = validated_data.pop("tags", [])
        dish = Row.objects.create(**validated_data)
        self._tagged(dish, tags)
        return dish

    def update(self, instance, validated_data):
        tags = validated_data.pop("tags", None)
        if tags is not None:
            instance.tags.clear()
            for tag in tags:
                found, made = Tag.objects.update_or_create(defaults={"weight": 9}, **tag)
                instance.tags.add(found)
        return super().update(instance, validated_data)


class LabelSerializer(serializers.Serializer):
    name = serializers.CharField()
    colour = serializers.CharField()


class OtherSerializer(DishSerializer):
    tags = LabelSerializer(many=True, write_only=True)


class Dishes(generics.ListCreateAPIView):
    queryset = Row.objects.order_by("id")
    serializer_class = DishSerializer


class Dish(generics.RetrieveUpdateAPIView):
    queryset = Row.objects.all()
    serializer_class = DishSerializer


class Others(generics.CreateAPIView):
    queryset = Row.objects.all()
    serializer_class = OtherSerializer
"""

SEED = """
from things.models import Dish, Tag
for name in "a", "b", "b":
    Tag.objects.create(name=name)
Tag.objects.create(name="c", kind="x")
Tag.objects.create(name="heavy", weight=7)
Dish.objects.create(title="first")
"""
TAGS = (
    [{"name": "a"}], [{"name": "a"}, {"name": "a"}], [{"name": "new"}], [{"name": "b"}], [],
    [{"name": "c", "kind": None}], [{"name": "c", "kind": "x"}], [{"name": "c"}], [{}],
    [{"name": "heavy"}], [{"name": "d", "kind": "y", "weight": 5}],
)  # fmt: skip


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_keys_of_nested_data_name_rows_as_before(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    on = postgres if server == "postgresql" else None
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    dishes = small_project(tmp_path / "dishes", texts)
    url = f"sqlite:///{tmp_path}/made.db" if on is None else on.new_database("unpacked_keys")
    conversion = converted(dishes, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"][0]["code"] for e in conversion["endpoints"] if e["reasons"]}
    assert left == {"POST /api/others/": "B133"}
    with asked(dishes, tmp_path, on, SEED) as both:
        for tags in TAGS:
            both.agree("POST", "/api/dishes/", {"title": "t", "tags": tags})
            both.agree("PUT", "/api/dishes/1/", {"title": "t", "tags": tags})
        both.agree("GET", "/api/dishes/")
