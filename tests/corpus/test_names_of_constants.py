"""Names of columns that managers and views put together of constants of their classes."""

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
    path("shares/", views.Shares.as_view()),
    path("marks/", views.Marks.as_view()),
    path("sorted/", views.Sorted.as_view()),
    path("changed/", views.Changed.as_view()),
    path("asked/", views.Asked.as_view()),
    path("looped/", views.Looped.as_view()),
    path("module/", views.OfModule.as_view()),
    path("one/<int:pk>/", views.OneMark.as_view()),
]
""",
    "things/models.py": """
from django.db import models
from django.db.models import Count


class KindManager(models.Manager):
    kind_field = "kind"

    def shares(self, notes):
        found = {note.text: {} for note in notes}
        rows = (
            self.filter(note__in=notes)
            .values("note__text", f"{self.kind_field}__name")
            .annotate(count=Count(f"{self.kind_field}__name"))
        )
        for row in rows:
            found[row["note__text"]][row[f"{self.kind_field}__name"] or "-"] = row["count"]
        return found


class MarkManager(KindManager):
    kind_field = "sort"


class ChangedManager(KindManager):
    def __init__(self):
        super().__init__()
        self.kind_field = "sort"


class Kind(models.Model):
    name = models.CharField(max_length=20, null=True)


class Note(models.Model):
    text = models.SlugField(unique=True)


class Share(models.Model):
    note = models.ForeignKey(Note, on_delete=models.CASCADE)
    kind = models.ForeignKey(Kind, null=True, on_delete=models.CASCADE)

    objects = KindManager()


class Mark(models.Model):
    note = models.ForeignKey(Note, on_delete=models.CASCADE)
    sort = models.ForeignKey(Kind, on_delete=models.CASCADE)

    objects = MarkManager()
    changed = ChangedManager()
""",
    "things/views.py": """
from django.db.models.functions import Upper
from django.shortcuts import get_object_or_404
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Kind, Mark, Note, Share


class MarkSerializer(serializers.ModelSerializer):
    class Meta:
        model = Mark
        fields = ["id", "note", "sort"]


class Shares(APIView):
    def get(self, request):
        return Response(Share.objects.shares(Note.objects.all()))


class Marks(APIView):
    def get(self, request):
        return Response(Mark.objects.shares(Note.objects.order_by("id")))


class Sorted(generics.ListAPIView):
    serializer_class = MarkSerializer
    first = "sort"

    def get_queryset(self):
        return Mark.objects.order_by(f"-{self.first}__name", "id")


class Changed(APIView):
    def get(self, request):
        return Response(Mark.changed.shares(Note.objects.all()))


class Asked(APIView):
    def get(self, request):
        name = request.query_params.get("by", "name")
        found = Kind.objects.annotate(n=Upper(name)).order_by("id").first()
        return Response({"n": found.n if found else None})


name = "note__text"


class Looped(APIView):
    def get(self, request):
        found = 0
        for name in ["note__text", "sort__name"]:
            found += Mark.objects.filter(**{name: "a"}).count()
        return Response({"found": found})


class OfModule(APIView):
    def get(self, request):
        return Response({"found": Mark.objects.exclude(**{name: "a", "sort__name": "b"}).count()})


class OneMark(generics.RetrieveAPIView):
    queryset = Mark.objects.all()
    serializer_class = MarkSerializer

    def get_object(self):
        kwargs = {"pk": self.kwargs["pk"], "note__isnull": False}
        return get_object_or_404(self.queryset, **kwargs)
""",
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_names_are_what_the_classes_say(database: str, tmp_path: Path, postgres: Cluster) -> None:
    server = database == "postgresql"
    url = postgres.new_database("corpus_names") if server else f"sqlite:///{tmp_path}/names.db"
    project = small_project(tmp_path / "legacy", FILES)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: [r["code"] for r in e["reasons"]] for e in conversion["endpoints"]}
    assert {i: codes for i, codes in left.items() if codes} == {
        "GET /changed/": ["Q106"],
        "GET /asked/": ["Q104"],
        "GET /looped/": ["Q101"],
    }
    text = (tmp_path / "api/app/things/services.py").read_text()
    assert "count=func.count(Kind.name)" in text
    evidence = verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)
    assert not_equal(evidence) == []
