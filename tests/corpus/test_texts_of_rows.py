"""Rows are shown by their text: written by the project or Django's own, with queries or without."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "urls.py": """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("shelves", views.Shelves, basename="shelf")
router.register("books", views.Books, basename="book")
router.register("plain", views.Plain, basename="plain")
urlpatterns = [path("api/", include(router.urls))]
""",
    "things/models.py": """
from django.contrib.auth.models import Group, Permission
from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=20)
    owners = models.ManyToManyField(Group, related_name="shelves")
    rights = models.ManyToManyField(Permission, related_name="shelves")

    def __str__(self):
        return f"{self.name}: {self.books.filter(title__gt='a').count()} books"


class Author(models.Model):
    name = models.CharField(max_length=20)


class Guest(Author):
    until = models.DateField(null=True)


class Book(models.Model):
    title = models.CharField(max_length=20)
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="books")
    authors = models.ManyToManyField(Author, related_name="books")
    guests = models.ManyToManyField(Guest, related_name="visits")

    class Meta:
        ordering = ["-title", "id"]

    def __str__(self):
        return f"{self.title} ({self.shelf.name})"
""",
    "things/views.py": """
from rest_framework import serializers as s
from rest_framework import viewsets

from things.models import Book, Shelf


class ShelfSerializer(s.ModelSerializer):
    books = s.StringRelatedField(many=True)
    owners = s.StringRelatedField(many=True)
    titles = s.SlugRelatedField(many=True, slug_field="title", source="books", read_only=True)

    class Meta:
        model = Shelf
        fields = ["id", "name", "books", "titles", "owners"]


class BookSerializer(s.ModelSerializer):
    shelf = s.StringRelatedField()
    authors = s.StringRelatedField(many=True, read_only=True)
    guests = s.StringRelatedField(many=True)
    text = s.SerializerMethodField()

    class Meta:
        model = Book
        fields = ["id", "title", "shelf", "authors", "guests", "text"]

    def get_text(self, obj):
        return f"{obj} of {obj.shelf}"


class PlainSerializer(s.ModelSerializer):
    rights = s.StringRelatedField(many=True)

    class Meta:
        model = Shelf
        fields = ["id", "rights"]


class Shelves(viewsets.ReadOnlyModelViewSet):
    queryset = Shelf.objects.order_by("id")
    serializer_class = ShelfSerializer


class Books(viewsets.ReadOnlyModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer


class Plain(viewsets.ReadOnlyModelViewSet):
    queryset = Shelf.objects.order_by("id")
    serializer_class = PlainSerializer
""",
}


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_rows_are_shown_by_their_texts(server: str, tmp_path: Path, postgres: Cluster) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/books.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_texts_of_rows")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"][0]["code"] for e in conversion["endpoints"] if e["reasons"]}
    # the text of a permission is written by Django's own class
    assert left == {"GET /api/plain/": "S107", "GET /api/plain/{pk}/": "S107"}
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
