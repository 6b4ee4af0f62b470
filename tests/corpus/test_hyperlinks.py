"""Rows that requests name by their addresses, whatever the project's patterns make of those."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "urls.py": """
from django.urls import include, path, re_path
from rest_framework.routers import DefaultRouter

from things import views

router = DefaultRouter()
router.include_root_view = False
router.register("people", views.People, basename="person")
router.register("books", views.Books, basename="book")
shelves = DefaultRouter()
shelves.include_root_view = False
shelves.register("shelves", views.Shelves, basename="shelf")
urlpatterns = [
    path("api/people/777/", views.plain),
    path("api/", include(router.urls)),
    path("move/", views.Move.as_view()),
    path("api/<int:floor>/", include((shelves.urls, "shelves"), namespace="on")),
    re_path("^genres/(?P<code>[a-z0-9]+)/?$", views.GenreDetail.as_view(), name="genre"),
    re_path("^old/", views.plain, name="old"),
]
""",
    "things/models.py": """
from django.db import models


class Person(models.Model):
    name = models.CharField(max_length=20)


class Genre(models.Model):
    code = models.CharField(max_length=20, unique=True)


class Shelf(models.Model):
    number = models.IntegerField(unique=True)


class Book(models.Model):
    title = models.CharField(max_length=20)
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="books")
    editor = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)
    genres = models.ManyToManyField(Genre, blank=True)

    class Meta:
        ordering = ["id"]
""",
    "things/views.py": """
from django.http import HttpResponse
from rest_framework import generics, serializers, viewsets
from rest_framework.response import Response

from things.models import Book, Genre, Person, Shelf


def plain(request):
    return HttpResponse("plain")


class PersonSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = Person
        fields = ["url", "name"]


class GenreSerializer(serializers.ModelSerializer):
    class Meta:
        model = Genre
        fields = ["code"]


class BookSerializer(serializers.HyperlinkedModelSerializer):
    genres = serializers.HyperlinkedRelatedField(
        many=True, view_name="genre", lookup_field="code", queryset=Genre.objects.all(),
        required=False,
    )

    class Meta:
        model = Book
        fields = ["url", "title", "author", "editor", "genres"]
        extra_kwargs = {"editor": {"error_messages": {"no_match": "Nobody is there."}}}


class ShelfSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shelf
        fields = ["number"]


class MoveSerializer(serializers.Serializer):
    book = serializers.HyperlinkedRelatedField(
        view_name="book-detail", queryset=Book.objects.filter(title__gt="b"), allow_null=True
    )
    shelves = serializers.HyperlinkedRelatedField(
        view_name="on:shelf-list", lookup_field="number", lookup_url_kwarg="floor", many=True,
        allow_empty=False, queryset=Shelf.objects.all(),
    )


class Move(generics.GenericAPIView):
    serializer_class = MoveSerializer

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        book = serializer.validated_data["book"]
        shelves = serializer.validated_data["shelves"]
        numbers = [shelf.number for shelf in shelves]
        return Response({"title": book.title if book is not None else None, "to": numbers})


class People(viewsets.ModelViewSet):
    queryset = Person.objects.order_by("id")
    serializer_class = PersonSerializer


class Books(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer


class Shelves(viewsets.ModelViewSet):
    queryset = Shelf.objects.order_by("id")
    serializer_class = ShelfSerializer


class GenreDetail(generics.RetrieveAPIView):
    queryset = Genre.objects.all()
    serializer_class = GenreSerializer
    lookup_field = "code"
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path / "legacy", FILES)


def test_rows_are_found_by_addresses(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/books.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {"ANY /api/people/777/", "ANY /old/"}
    assert not_equal(verified(project, tmp_path, "--cases", "60", DATABASE_URL=url)) == []


def test_rows_are_found_by_addresses_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_hyperlinks")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "60", DATABASE_URL=url)) == []


def test_addresses_begin_with_the_prefix_of_the_application(tmp_path: Path) -> None:
    settings = f'{SETTINGS}FORCE_SCRIPT_NAME = "/under/here"\n'
    project = small_project(tmp_path / "legacy", {**FILES, "settings.py": settings})
    url = f"sqlite:///{tmp_path}/books.db"
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)) == []


def test_patterns_of_which_more_than_the_expression_decides_are_refused(tmp_path: Path) -> None:
    converters = FILES["urls.py"].replace(
        "urlpatterns = [",
        """
class Year:
    regex = "[0-9]{4}"

    def to_python(self, value):
        if value < "1900":
            raise ValueError(value)
        return value

    def to_url(self, value):
        return value


register_converter(Year, "year")
urlpatterns = [
    path("<year:year>/", views.plain),""",
    )
    urls = converters.replace("import include,", "import include, register_converter,")
    project = small_project(tmp_path / "legacy", {**FILES, "urls.py": urls})
    conversion = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/books.db")
    found = {e["id"]: {r["code"] for r in e["reasons"]} for e in conversion["endpoints"]}
    assert found["POST /api/books/"] == {"S108"}
    assert found["GET /api/books/"] == set()
