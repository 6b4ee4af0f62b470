"""Routes that say nothing of their end answer every path that begins as they do."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project

pytestmark = pytest.mark.slow

FILES = {
    "urls.py": """
from django.urls import include, re_path

from things import views

urlpatterns = [
    re_path("^api/", include([
        re_path("^notes/new/?", views.NewNote.as_view(), name="new-note"),
        re_path(r"^notes/(?P<pk>\\d+)/", views.OneNote.as_view(), name="note"),
        re_path("^notes/?", views.Notes.as_view(), name="notes"),
        re_path("^other/$", views.Notes.as_view(), name="other"),
        re_path("^note", views.Texts.as_view(), name="texts"),
    ])),
]
""",
    "things/models.py": """
from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=20)
""",
    "things/views.py": """
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from things.models import Note


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "text"]


class NewNote(generics.CreateAPIView):
    queryset = Note.objects.all()
    serializer_class = NoteSerializer


class OneNote(generics.RetrieveUpdateAPIView):
    queryset = Note.objects.all()
    serializer_class = NoteSerializer


class Notes(generics.ListAPIView):
    queryset = Note.objects.order_by("id")
    serializer_class = NoteSerializer


class Texts(APIView):
    def get(self, request, **kwargs):
        return Response({"texts": [note.text for note in Note.objects.order_by("id")]})
""",
}


def test_what_follows_the_route_does_not_matter(tmp_path: Path) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/notes.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    evidence = verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)
    assert not_equal(evidence) == []
    asked = {str(each["id"]) for each in evidence["endpoints"]}
    assert {"GET /api/note", "POST /api/notes/new/"} <= asked
