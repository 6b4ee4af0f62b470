"""Rows of models that extend several tables are read, saved and deleted as Django does."""

from pathlib import Path
from typing import Any

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Place(models.Model):
    name = models.CharField(max_length=20)


class Piece(models.Model):
    piece_id = models.AutoField(primary_key=True)
    weight = models.IntegerField(default=1)


class Article(Piece):
    article_piece = models.OneToOneField(Piece, models.CASCADE, parent_link=True)
    article_id = models.AutoField(primary_key=True)
    headline = models.CharField(max_length=20, default="none")
    place = models.ForeignKey(Place, models.CASCADE, null=True, blank=True)
    topics = models.ManyToManyField(Place, related_name="topical", blank=True)

    def shout(self):
        return self.headline.upper()


class Book(models.Model):
    book_id = models.AutoField(primary_key=True)
    title = models.CharField(max_length=20)
    price = models.DecimalField(max_digits=6, decimal_places=2)
    home = models.ForeignKey(Place, models.PROTECT, related_name="books")


class Leaflet(models.Model):
    leaflet_id = models.AutoField(primary_key=True)
    text = models.CharField(max_length=20, blank=True)
    made = models.DateTimeField(auto_now_add=True)
    place = models.ForeignKey(Place, models.CASCADE, null=True, blank=True)

    def shout(self):
        return self.text.upper() + "!"


class Review(Book, Leaflet):
    stars = models.IntegerField(default=3)

    class Meta:
        ordering = ["text", "book_id"]


class Remark(models.Model):
    leaflet = models.ForeignKey(Leaflet, models.CASCADE)
    note = models.CharField(max_length=9)


class Left(Piece):
    west = models.CharField(max_length=9)


class Right(Piece):
    right_piece = models.OneToOneField(Piece, models.CASCADE, primary_key=True, parent_link=True)
    east = models.CharField(max_length=9)


class Centre(Left, Right):
    between = models.CharField(max_length=9)


class Twice(Left, Piece):
    other_piece = models.OneToOneField(Piece, models.CASCADE, parent_link=True, related_name="twice")
    depth = models.IntegerField(default=2)
"""
VIEWS = """
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.response import Response

from things import models


class ReviewSerializer(serializers.ModelSerializer):
    shouted = serializers.SerializerMethodField()
    home_name = serializers.CharField(source="home.name", read_only=True)
    place_name = serializers.CharField(source="place.name", read_only=True, default=None)

    class Meta:
        model = models.Review
        fields = [
            "book_id", "title", "price", "text", "made", "stars", "home", "place", "home_name",
            "place_name", "shouted", "leaflet_id",
        ]

    def get_shouted(self, obj):
        return obj.shout()


class ReviewView(viewsets.ModelViewSet):
    queryset = models.Review.objects.all()
    serializer_class = ReviewSerializer


class RemarkSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Remark
        fields = "__all__"


class RemarkView(viewsets.ModelViewSet):
    queryset = models.Remark.objects.order_by("pk")
    serializer_class = RemarkSerializer


class LeafletSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Leaflet
        fields = "__all__"


class LeafletView(viewsets.ModelViewSet):
    queryset = models.Leaflet.objects.order_by("pk")
    serializer_class = LeafletSerializer


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Book
        fields = "__all__"


class BookView(viewsets.ModelViewSet):
    queryset = models.Book.objects.order_by("pk")
    serializer_class = BookSerializer


class CentreSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Centre
        fields = ["piece_id", "weight", "west", "east", "between"]


class CentreView(viewsets.ModelViewSet):
    queryset = models.Centre.objects.order_by("pk")
    serializer_class = CentreSerializer


class TwiceSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Twice
        fields = ["piece_id", "weight", "west", "depth", "other_piece_id"]


class TwiceView(viewsets.ModelViewSet):
    queryset = models.Twice.objects.order_by("pk")
    serializer_class = TwiceSerializer


class PlaceSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Place
        fields = "__all__"


class PlaceView(viewsets.ModelViewSet):
    queryset = models.Place.objects.order_by("pk")
    serializer_class = PlaceSerializer


@api_view(["POST"])
def lower(request):
    changed = models.Review.objects.filter(text__startswith="s").update(stars=1)
    found = models.Review.objects.filter(place__isnull=True, stars=1).count()
    remarks = [r.note for one in models.Review.objects.all() for r in one.remark_set.order_by("pk")]
    return Response({"changed": changed, "found": found, "remarks": remarks})
"""
URLS = """
from django.urls import include, path
from rest_framework import routers

from things import views

router = routers.SimpleRouter()
for name in ("Review", "Remark", "Leaflet", "Book", "Centre", "Twice", "Place"):
    router.register(name.lower(), getattr(views, name + "View"), name.lower())
urlpatterns = [path("", include(router.urls)), path("lower/", views.lower)]
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def answers(request: pytest.FixtureRequest, tmp_path: Path, postgres: Cluster) -> tuple[Any, Any]:
    files = {"things/models.py": MODELS, "things/views.py": VIEWS, "urls.py": URLS}
    project = small_project(tmp_path / "legacy", files)
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    if request.param == "postgresql":
        url = postgres.new_database("several_parents")
    report = converted(project, tmp_path, DATABASE_URL=url)
    return report, verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)


def test_rows_of_several_tables_answer_as_django_does(answers: tuple[Any, Any]) -> None:
    report, verify = answers
    assert [e for e in report["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verify) == []
