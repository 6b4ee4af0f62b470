"""Objects inside bodies, `{"book": {...}}`, unique fields without their validator, and handlers that
know nothing of the format behind a path.
"""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "urls.py": """
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from things import views

router = DefaultRouter()
router.include_root_view = False
router.register("books", views.Books, basename="book")
urlpatterns = [path("", include(router.urls)), path("first/", views.First.as_view())]
""",
    "things/models.py": """
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=20)
    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ["id"]
""",
    "things/views.py": """
from rest_framework import generics, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from things.models import Book


class BookSerializer(serializers.ModelSerializer):
    slug = serializers.SlugField()

    class Meta:
        model = Book
        fields = ["id", "title", "slug"]


class Books(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer

    def retrieve(self, request, pk):
        return Response(BookSerializer(self.get_object()).data)

    def create(self, request):
        serializer = BookSerializer(data=request.data.get("book", {}))
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response({"book": serializer.data}, status=201)

    @action(detail=False)
    def count(self, request):
        return Response({"books": Book.objects.count()})

    @action(detail=False)
    def total(self, request, format=None):
        return Response({"books": Book.objects.count()})


class First(generics.RetrieveUpdateAPIView):
    serializer_class = BookSerializer

    def retrieve(self, request, *args, **kwargs):
        return Response(BookSerializer(get_object_or_404(Book, pk=1)).data)

    def update(self, request, *args, **kwargs):
        given = request.data.get("book", {})
        book = get_object_or_404(Book, pk=1)
        data = {"title": given.get("title", book.title), "slug": given.get("slug", book.slug)}
        serializer = BookSerializer(book, data=data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response({"book": serializer.data})
""",
}


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_what_is_handed_on_is_taken_or_refused_as_before(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/books.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_handed_objects")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    text = (tmp_path / "api/app/things/routers.py").read_text()
    assert text.count("takes_format=False") == 3
    evidence = verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)
    assert not_equal(evidence) == []
