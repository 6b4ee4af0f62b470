"""Views whose `filter_queryset` narrows the rows, and then asks the filter backends or nobody."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "settings.py": SETTINGS.replace('"rest_framework", ', '"rest_framework", "django_filters", '),
    "urls.py": """
from django.urls import path

from things import views

urlpatterns = [
    path("shelves/<int:shelf>/notes/", views.Notes.as_view()),
    path("shelves/<int:shelf>/notes/<int:pk>/", views.Note.as_view()),
    path("by-name/<slug:shelf_name>/", views.ByName.as_view()),
    path("unasked/<int:shelf>/", views.Unasked.as_view()),
    path("after/<int:shelf>/", views.After.as_view()),
    path("late/<int:shelf>/", views.Late.as_view()),
    path("written/<int:shelf>/", views.Written.as_view()),
    path("sometimes/<int:shelf>/", views.Sometimes.as_view()),
    path("shut/<int:pk>/", views.Shut.as_view()),
    path("below/<int:shelf>/", views.Below.as_view()),
    path("counted/<int:shelf>/", views.Counted.as_view()),
]
""",
    "things/models.py": """
from django.db import models


class Shelf(models.Model):
    name = models.SlugField(unique=True)


class Note(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="notes")
    text = models.CharField(max_length=20)
    kind = models.IntegerField(default=1)

    class Meta:
        ordering = ["text", "id"]
""",
    "things/views.py": """
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters, generics, serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.response import Response

from things import models


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Note
        fields = ["id", "text", "kind"]


class OfShelf:
    queryset = models.Note.objects.all()
    serializer_class = NoteSerializer

    def filter_queryset(self, queryset):
        queryset = queryset.filter(shelf=self.kwargs["shelf"])
        return super().filter_queryset(queryset)


class Notes(OfShelf, generics.ListAPIView):
    filter_backends = [DjangoFilterBackend, filters.SearchFilter, filters.OrderingFilter]
    filterset_fields = ["kind"]
    search_fields = ["text"]
    ordering_fields = ["text", "kind"]
    pagination_class = LimitOffsetPagination


class Note(OfShelf, generics.RetrieveUpdateDestroyAPIView):
    pass


class ByName(generics.ListAPIView):
    queryset = models.Note.objects.select_related("shelf")
    serializer_class = NoteSerializer
    lookup_field = "shelf__name"
    lookup_url_kwarg = "shelf_name"

    def filter_queryset(self, queryset):
        # the rows of one shelf
        filters = {self.lookup_field: self.kwargs[self.lookup_url_kwarg]}

        return queryset.filter(**filters)


class Unasked(generics.ListAPIView):
    queryset = models.Note.objects.all()
    serializer_class = NoteSerializer
    filter_backends = [filters.SearchFilter]
    search_fields = ["text"]

    def filter_queryset(self, queryset):
        return queryset.filter(shelf_id=self.kwargs["shelf"])


class After(generics.ListAPIView):
    queryset = models.Note.objects.all()
    serializer_class = NoteSerializer

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        kind = self.request.query_params.get("kind")
        if kind == "2":
            return queryset.filter(shelf_id=self.kwargs["shelf"], kind=2)
        return queryset.exclude(shelf_id=self.kwargs["shelf"])


class Late(After):
    filter_backends = [filters.SearchFilter]
    search_fields = ["text"]


class Written(OfShelf, generics.GenericAPIView):
    filter_backends = [filters.SearchFilter]
    search_fields = ["text"]

    def get(self, request, shelf):
        notes = self.filter_queryset(self.get_queryset())
        return Response(self.get_serializer(notes, many=True).data)


class Sometimes(generics.ListAPIView):
    queryset = models.Note.objects.all()
    serializer_class = NoteSerializer
    filter_backends = [filters.SearchFilter]
    search_fields = ["text"]

    def filter_queryset(self, queryset):
        if self.request.query_params.get("kind") == "2":
            return queryset.filter(kind=2)
        return super().filter_queryset(queryset)


class Shut(generics.GenericAPIView):
    queryset = models.Note.objects.all()
    serializer_class = NoteSerializer
    filter_backends = [filters.SearchFilter]
    search_fields = ["text"]
    filter_queryset = Sometimes.filter_queryset

    def post(self, request, pk):
        return Response(self.get_serializer(self.get_object()).data)


class Below(Notes):
    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset.filter(kind=2))


class Counted(OfShelf, generics.ListAPIView):
    def get_queryset(self):
        return models.Note.objects.exclude(text="").order_by("-id")

    def list(self, request, *args, **kwargs):
        response = super().list(request, *args, **kwargs)
        response.data = {"all": self.get_queryset().count(), "notes": response.data}
        return response
""",
}
LEFT = {
    "GET /late/{shelf}/": ["E101"],
    "GET /sometimes/{shelf}/": ["E101"],
    "GET /below/{shelf}/": ["E101"],
    "POST /shut/{pk}/": ["E101"],
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_rows_are_narrowed_before_the_backends_look(
    database: str, tmp_path: Path, postgres: Cluster
) -> None:
    url = (
        f"sqlite:///{tmp_path}/notes.db"
        if database == "sqlite"
        else postgres.new_database("corpus_own_filtering")
    )
    project = small_project(tmp_path / "legacy", FILES)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: [r["code"] for r in e["reasons"]] for e in conversion["endpoints"]}
    assert {i: codes for i, codes in left.items() if codes} == LEFT
    evidence = verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)
    assert not_equal(evidence) == []
    assert len(evidence["endpoints"]) == len(left) - len(LEFT)
