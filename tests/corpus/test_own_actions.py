"""Actions that make their own serializers, in views that have none for them."""

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
router.register("notes", views.Notes)
router.register("whole", views.Whole, basename="whole")
router.register("handing", views.Handing, basename="handing")
urlpatterns = [path("", include(router.urls))]
""",
    "things/models.py": """
from django.db import models


class Note(models.Model):
    title = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        ordering = ["id"]
""",
    "things/views.py": """
from rest_framework import mixins, serializers, viewsets
from rest_framework.response import Response

from things.models import Note


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "title", "text"]


class NoteInput(serializers.Serializer):
    title = serializers.CharField(max_length=20)
    text = serializers.CharField()


class Notes(viewsets.ModelViewSet):
    queryset = Note.objects.all()

    def get_serializer_class(self):
        return {"retrieve": NoteSerializer, "list": NoteSerializer}[self.action]

    def create(self, request, *args, **kwargs):
        given = NoteInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        note = Note.objects.create(title=data["title"], text=data["text"])
        return Response(NoteSerializer(note, context=self.get_serializer_context()).data, 201)

    def update(self, request, *args, **kwargs):
        partial = kwargs.pop("partial", True)
        note = self.get_object()
        given = NoteSerializer(note, data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        given.save()
        return Response(given.data)

    def destroy(self, request, *args, **kwargs):
        return super().destroy(request, *args, **kwargs)


class Whole(mixins.UpdateModelMixin, viewsets.GenericViewSet):
    queryset = Note.objects.all()
    serializer_class = NoteSerializer

    def partial_update(self, request, *args, **kwargs):
        partial = kwargs.pop("partial", False)
        note = self.get_object()
        given = self.get_serializer(note, data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        self.perform_update(given)
        return Response(given.data)


class Handing(mixins.CreateModelMixin, viewsets.GenericViewSet):
    queryset = Note.objects.all()

    def get_serializer_class(self):
        return {"list": NoteSerializer}[self.action]

    def create(self, request, *args, **kwargs):
        return super().create(request, *args, **kwargs)
""",
}


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_actions_answer_without_a_serializer_of_the_view(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/notes.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_own_actions")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left.keys() == {"POST /handing/"}, left  # legacy always fails
    evidence = verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)
    assert not_equal(evidence) == []
