"""`perform_create` and its like that save in branches, in a `try`, or through `super()`."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "urls.py": """
from django.urls import path

from things import views

urlpatterns = [
    path("shelves/<int:shelf>/notes/", views.Notes.as_view()),
    path("notes/<int:pk>/", views.OneNote.as_view()),
    path("kinds/", views.Kinds.as_view()),
    path("maybe/", views.Maybe.as_view()),
    path("swallowed/", views.Swallowed.as_view()),
    path("below/", views.Below.as_view()),
]
""",
    "things/models.py": """
from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=20)


class Note(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)
    text = models.CharField(max_length=20)
    kind = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shelf", "text"], name="one_of_each")]


class Mark(models.Model):
    text = models.CharField(max_length=20, unique=True)
    kind = models.IntegerField(default=1)
""",
    "things/views.py": """
from django.db import IntegrityError
from rest_framework import generics, serializers
from rest_framework.exceptions import APIException, ValidationError

from things.models import Mark, Note


class Known(APIException):
    status_code = 409
    default_detail = "This is known."


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "text", "kind"]


class MarkSerializer(serializers.ModelSerializer):
    class Meta:
        model = Mark
        fields = ["id", "text", "kind"]


class Notes(generics.ListCreateAPIView):
    queryset = Note.objects.order_by("id")
    serializer_class = NoteSerializer

    def filter_queryset(self, queryset):
        return queryset.filter(shelf=self.kwargs["shelf"])

    def perform_create(self, serializer):
        try:
            serializer.save(shelf_id=self.kwargs["shelf"])
        except IntegrityError:
            raise Known


class OneNote(generics.RetrieveUpdateDestroyAPIView):
    queryset = Note.objects.all()
    serializer_class = NoteSerializer

    def perform_update(self, serializer):
        if serializer.validated_data.get("kind") == 77:
            raise ValidationError("77 is no kind")
        try:
            super().perform_update(serializer)
        except IntegrityError:
            raise Known

    def perform_destroy(self, instance):
        if instance.kind == 2:
            raise Known
        super().perform_destroy(instance)


class Kinds(generics.CreateAPIView):
    queryset = Mark.objects.all()
    serializer_class = MarkSerializer

    def perform_create(self, serializer):
        kind = self.request.query_params.get("kind")
        if kind == "2":
            serializer.save(kind=2)
        elif kind == "3":
            raise Known
        else:
            serializer.save()


class Maybe(generics.CreateAPIView):
    queryset = Mark.objects.all()
    serializer_class = MarkSerializer

    def perform_create(self, serializer):
        if self.request.query_params.get("kind") == "2":
            serializer.save(kind=2)


class Swallowed(generics.CreateAPIView):
    queryset = Mark.objects.all()
    serializer_class = MarkSerializer

    def perform_create(self, serializer):
        try:
            serializer.save()
        except IntegrityError:
            pass


class Below(Kinds):
    def perform_create(self, serializer):
        super().perform_create(serializer)
""",
}
LEFT = {"POST /maybe/": ["B305"], "POST /swallowed/": ["B305"], "POST /below/": ["B302"]}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_hooks_that_always_save_are_carried(
    database: str, tmp_path: Path, postgres: Cluster
) -> None:
    server = database == "postgresql"
    url = postgres.new_database("corpus_saving_hooks") if server else f"sqlite:///{tmp_path}/n.db"
    project = small_project(tmp_path / "legacy", FILES)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: [r["code"] for r in e["reasons"]] for e in conversion["endpoints"]}
    assert {i: codes for i, codes in left.items() if codes} == LEFT
    assert not_equal(verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)) == []
