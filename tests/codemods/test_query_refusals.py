"""Queries that look usual and would answer otherwise stay on Django; imports never go round."""

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
from django.db import models
from django.db.models import Count


class Soft(models.QuerySet):
    def delete(self):
        return self.update(gone=True)

    def few(self):
        return self.filter(name="few")


class Kept(models.Manager):
    def get_queryset(self):
        return Soft(self.model, using=self._db).filter(gone=False)

    def few(self):
        return self.get_queryset().few().order_by("-id")

    def first_of_few(self):
        return self.few().filter(gone=False)


class Shelf(models.Model):
    name = models.CharField(max_length=20)
    gone = models.BooleanField(default=False)
    friends = models.ManyToManyField("self")
    objects = Kept()


class Book(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="books")
    title = models.CharField(max_length=20)
    objects = models.Manager()
"""
VIEWS = """
import django_filters
from django.db.models import Count
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters, generics, serializers
from rest_framework.decorators import api_view
from rest_framework.response import Response

from shelves.models import Book, Shelf


class ShelfSerializer(serializers.ModelSerializer):
    book_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Shelf
        fields = ["id", "book_count"]


class CountFilter(django_filters.FilterSet):
    most = django_filters.NumberFilter(field_name="book_count", lookup_expr="lte")

    class Meta:
        model = Shelf
        fields = []


class Counted(generics.ListAPIView):
    serializer_class = ShelfSerializer

    def get_queryset(self):
        return Shelf.objects.annotate(book_count=Count("books")).order_by("id")


class Filtered(Counted):
    filter_backends = [DjangoFilterBackend]
    filterset_class = CountFilter


class Searched(Counted):
    filter_backends = [filters.SearchFilter]
    search_fields = ["=book_count"]


class Ordered(Counted):
    filter_backends = [filters.OrderingFilter]
    ordering_fields = ["id"]
    ordering = ["-book_count"]


class Multiplied(generics.ListAPIView):
    serializer_class = ShelfSerializer

    def get_queryset(self):
        friends = Shelf.objects.filter(friends__name="a").distinct()
        return friends.annotate(book_count=Count("books")).order_by("id")


@api_view(["DELETE"])
def clear(request):
    Shelf.objects.filter(name="").delete()
    return Response()


@api_view(["GET"])
def few(request):
    return Response([shelf.name for shelf in Shelf.objects.first_of_few()])


class BooksSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["title"]


class LibrarySerializer(serializers.ModelSerializer):
    books = BooksSerializer(many=True)

    class Meta:
        model = Shelf
        fields = ["id", "books"]

    def validate_books(self, books):
        for book in books:
            book["title"] = book["title"].title()
        return books

    def create(self, validated_data):
        validated_data.pop("books")
        return Shelf.objects.create(**validated_data)


class Library(generics.CreateAPIView):
    queryset = Shelf.objects.all()
    serializer_class = LibrarySerializer
"""
URLS = """
from django.urls import path
from shelves import views

urlpatterns = [
    path("counted/", views.Counted.as_view()),
    path("filtered/", views.Filtered.as_view()),
    path("searched/", views.Searched.as_view()),
    path("ordered/", views.Ordered.as_view()),
    path("multiplied/", views.Multiplied.as_view()),
    path("clear/", views.clear),
    path("few/", views.few),
    path("library/", views.Library.as_view()),
]
"""


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    files = {"shelves/models.py": MODELS, "shelves/views.py": VIEWS, "urls.py": URLS}
    return legacy_project(tmp_path_factory.mktemp("shelves"), files).convert()


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("GET /filtered/", "F111"),
        ("GET /searched/", "F111"),
        ("GET /ordered/", "F103"),
        ("GET /multiplied/", "Q126"),
        ("DELETE /clear/", "Q113"),
        ("POST /library/", "S110"),
    ],
)
def test_it_stays_on_django(endpoint: str, code: str, shelves: Converted) -> None:
    assert code in shelves.codes(endpoint)


@pytest.mark.parametrize("endpoint", ["GET /counted/", "GET /few/"])
def test_its_neighbour_is_converted(endpoint: str, shelves: Converted) -> None:
    assert shelves.reasons(endpoint) == []


def test_a_manager_asks_its_own_method_before_that_of_its_queries(shelves: Converted) -> None:
    text = shelves.module("app.shelves.queries")
    assert "Shelf.id.desc()" in text
