"""FilterSets that handlers make of the request's parameters, and never ask whether they are valid."""

from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("api/listed/", views.Listed.as_view()),
    path("api/plain/", views.plain),
    path("api/paged/", views.Paged.as_view()),
    path("api/methods/", views.methods),
    path("api/alone/", views.alone),
    path("api/asking/", views.asking),
    path("api/checked/", views.checked),
    path("api/other/", views.other),
    path("api/some/", views.some),
    path("api/later/", views.later),
    path("api/dictionary/", views.dictionary),
]
"""

MODELS = """
import uuid

from django.db import models


class Room(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)


class Shelf(models.Model):
    name = models.CharField(max_length=20)


class Book(models.Model):
    title = models.CharField(max_length=20)
    price = models.IntegerField(default=1)
    sold = models.BooleanField(default=False)
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, null=True)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True)

    class Meta:
        ordering = ["-id"]
"""

VIEWS = """
import django_filters
from django_filters import rest_framework as rest
from rest_framework import generics, serializers
from rest_framework.decorators import api_view
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Book, Room, Shelf


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["id", "title", "price"]


class BookFilter(rest.FilterSet):
    least = rest.NumberFilter(field_name="price", lookup_expr="gte")

    class Meta:
        model = Book
        fields = ["sold", "shelf", "title"]


class PlainFilter(django_filters.FilterSet):
    class Meta:
        model = Book
        fields = {"sold": ["exact"], "price": ["lt", "exact"]}


class AskingFilter(rest.FilterSet):
    cheap = rest.BooleanFilter(method="only_cheap")

    class Meta:
        model = Book
        fields = ["price"]

    def only_cheap(self, queryset, name, value):
        return queryset.filter(price__lt=2) if value else queryset


class RoomFilter(rest.FilterSet):
    rooms = rest.ModelMultipleChoiceFilter(field_name="room", queryset=Room.objects.all())

    class Meta:
        model = Book
        fields = ["room", "shelf"]


class Listed(generics.ListAPIView):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
    filter_backends = [rest.DjangoFilterBackend]
    filterset_class = RoomFilter


@api_view(["GET"])
def plain(request):
    books = Book.objects.filter(price__gt=0)
    found = PlainFilter(request.GET, queryset=books).qs
    return Response(BookSerializer(found, many=True).data)


class Paged(APIView):
    def get(self, request):
        filterset = BookFilter(data=request.query_params, queryset=Book.objects.all(), request=request)
        books = filterset.qs
        paginator = PageNumberPagination()
        paginator.page_size = 2
        page = paginator.paginate_queryset(books, request, view=self)
        return paginator.get_paginated_response(BookSerializer(page, many=True).data)


@api_view(["GET"])
def methods(request):
    books = AskingFilter(request.query_params, Book.objects.order_by("id"), request=request).qs
    return Response(BookSerializer(books, many=True).data)


@api_view(["GET"])
def alone(request):
    books = AskingFilter(request.query_params, queryset=Book.objects.all()).qs
    return Response(BookSerializer(books, many=True).data)


class ReadingFilter(AskingFilter):
    def only_cheap(self, queryset, name, value):
        return queryset.filter(price__lt=2) if self.request is None else queryset


@api_view(["GET"])
def asking(request):
    books = ReadingFilter(request.query_params, queryset=Book.objects.all()).qs
    return Response(BookSerializer(books, many=True).data)


@api_view(["GET"])
def checked(request):
    filterset = BookFilter(request.GET, queryset=Book.objects.all())
    if not filterset.is_valid():
        return Response(filterset.errors, status=400)
    return Response(BookSerializer(filterset.qs, many=True).data)


@api_view(["GET"])
def other(request):
    return Response(BookFilter(request.GET, queryset=Shelf.objects.all()).qs.count())


@api_view(["GET"])
def some(request):
    books = BookFilter(request.GET, queryset=Book.objects.all()[:3]).qs
    return Response(BookSerializer(books, many=True).data)


@api_view(["GET"])
def later(request):
    books = Book.objects.filter(sold=False)
    filterset = PlainFilter(request.GET, queryset=books)
    books = Book.objects.filter(sold=True)
    return Response(BookSerializer(filterset.qs, many=True).data)


@api_view(["GET"])
def dictionary(request):
    books = PlainFilter({"price": 1}, queryset=Book.objects.all()).qs
    return Response(BookSerializer(books, many=True).data)
"""

WITH_FILTERS = SETTINGS.replace('"rest_framework", ', '"rest_framework", "django_filters", ')
STAYING = ("asking", "checked", "other", "some", "later", "dictionary")
ROOM = "3f0d1c52-1111-4222-8333-0123456789ab"
PATHS = (
    "listed/?room=x", "listed/?room=1", f"listed/?room={ROOM}", f"listed/?room={ROOM[:-1]}c",
    "listed/?rooms=x", f"listed/?rooms={ROOM}&rooms=x", f"listed/?rooms={ROOM[:-1]}c", "listed/?room=",
    "listed/?room=x&shelf=x&rooms=1", f"listed/?rooms={ROOM}", "listed/?shelf=999999999999999999999", "listed/?shelf=x", "listed/?shelf=-1",
    "plain/", "plain/?sold=true", "plain/?sold=false", "plain/?sold=2", "plain/?sold=x",
    "plain/?price=x", "plain/?price__lt=3", "plain/?price__lt=3&price=x", "plain/?price=2&sold=3",
    "paged/", "paged/?least=2", "paged/?least=x", "paged/?least=x&page=2", "paged/?shelf=1",
    "paged/?shelf=99", "paged/?shelf=99&least=2", "paged/?sold=true&title=b", "paged/?page=9",
    "methods/", "methods/?cheap=true", "methods/?cheap=x", "methods/?price=x",
    "alone/?cheap=true", "alone/?cheap=true&price=1", "alone/?cheap=x", "methods/?price=1&cheap=false", "methods/?price=x&cheap=true",
)  # fmt: skip
SEED = """
from things.models import Book, Room, Shelf
room = Room.objects.create(id="3f0d1c52-1111-4222-8333-0123456789ab")
shelf = Shelf.objects.create(name="s")
for n in range(6):
    Book.objects.create(title="abc"[n % 3], price=n % 4, sold=n == 2, shelf=shelf if n % 2 else None, room=room if n % 3 else None)
"""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "books", {**texts, "settings.py": WITH_FILTERS})


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_rows_are_narrowed_as_before(
    server: str, books: Path, tmp_path: Path, postgres: Cluster
) -> None:
    on = postgres if server == "postgresql" else None
    url = f"sqlite:///{tmp_path}/made.db" if on is None else on.new_database("filter_sets_made")
    conversion = converted(books, tmp_path, DATABASE_URL=url)
    left = [e["id"] for e in conversion["endpoints"] if e["reasons"]]
    assert left == [f"GET /api/{name}/" for name in STAYING]
    with asked(books, tmp_path, on, SEED) as both:
        for path in PATHS:
            both.agree("GET", f"/api/{path}")


@pytest.mark.slow
def test_verify_asks_by_their_filters_and_pages(books: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/made.db"
    conversion = converted(books, tmp_path, DATABASE_URL=url)
    ids = [e["id"] for e in conversion["endpoints"] if e["status"] == "converted"]
    ids.remove("GET /api/listed/")  # no row that verify makes has a room of its own
    evidence = verified(books, tmp_path, *ids, "--cases", "40", DATABASE_URL=url)
    assert not_equal(evidence) == []
