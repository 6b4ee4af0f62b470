"""Endpoints of one view share its query function, whoever may ask them."""

from pathlib import Path

from tests.codemods.project import legacy_project

MODELS = """
from django.db import models


class NoteQuerySet(models.QuerySet):
    def short(self, length=5):
        return self.filter(number__lt=length)


class Note(models.Model):
    title = models.CharField(max_length=20)
    hidden = models.BooleanField(default=False)
    number = models.IntegerField(default=0)

    objects = NoteQuerySet.as_manager()
"""
VIEWS = """
from rest_framework import permissions, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from left.models import Note


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "title"]


class NoteViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = NoteSerializer
    queryset = Note.objects.order_by("id")

    def get_permissions(self):
        if self.action in ("list", "retrieve"):
            return [permissions.AllowAny()]
        return [permissions.IsAuthenticated()]

    def get_queryset(self):
        notes = super().get_queryset()
        if not self.request.user.is_staff:
            notes = notes.filter(hidden=False)
        if word := self.request.query_params.get("word"):
            notes = notes.filter(title__contains=word)
        return notes

    @action(detail=False)
    def short(self, request):
        return Response([note.title for note in Note.objects.short()])

    @action(detail=True, methods=["post"])
    def sign(self, request, pk=None):
        note = self.get_object()
        return Response({"title": note.title, "by": request.user.pk})
"""
URLS = """
from rest_framework.routers import SimpleRouter

from left.views import NoteViewSet

router = SimpleRouter()
router.register("notes", NoteViewSet)
urlpatterns = router.urls
"""


def test_those_who_must_log_in_use_what_answers_strangers(tmp_path: Path) -> None:
    files = {"left/models.py": MODELS, "left/views.py": VIEWS, "urls.py": URLS}
    done = legacy_project(tmp_path, files).convert()
    assert done.converted("GET /notes/{pk}/")
    assert done.converted("POST /notes/{pk}/sign/")
    queries = done.generated["app/left/queries.py"]
    assert queries.count("user is not None and user.is_staff") == 1
    assert "_notes_2" not in queries
    routers = done.generated["app/left/routers.py"]
    assert routers.count("def note_by_pk(") == 1
    assert "note_by_pk_2" not in routers
    assert "user: CurrentUser, session: Session, note: FoundNote" in routers


def test_a_function_of_statements_has_the_names_of_its_annotations(tmp_path: Path) -> None:
    files = {"left/models.py": MODELS, "left/views.py": VIEWS, "urls.py": URLS}
    done = legacy_project(tmp_path, files).convert()
    assert done.converted("GET /notes/short/")
    queries = done.generated["app/left/queries.py"]
    assert "length: Any = 5" in queries
    assert "from typing import Any\n" in queries
