"""Rows of several classes, as django-polymorphic reads them: a column that only one class has."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    # what the package does with rows when they are read, and no more
    "polymorphic/__init__.py": "",
    "polymorphic/managers.py": """
from django.db import models


def real(row):
    for relation in row._meta.related_objects:
        if relation.one_to_one and relation.parent_link:
            found = getattr(row, relation.get_accessor_name(), None)
            if found is not None:
                return found
    return row


class PolymorphicQuerySet(models.QuerySet):
    def _fetch_all(self):
        super()._fetch_all()
        self._result_cache = [real(r) if isinstance(r, models.Model) else r for r in self._result_cache]


class PolymorphicManager(models.Manager):
    _queryset_class = PolymorphicQuerySet
    use_for_related_fields = True

    def get_queryset(self):
        return PolymorphicQuerySet(self.model, using=self._db)
""",
    "polymorphic/models.py": """
from django.db import models

from .managers import PolymorphicManager


class PolymorphicModel(models.Model):
    objects = PolymorphicManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def pre_save_polymorphic(self):
        pass
""",
    "things/models.py": """
from django.db import models
from polymorphic.models import PolymorphicModel


class Thing(PolymorphicModel):
    name = models.CharField(max_length=20)


class Box(Thing):
    width = models.IntegerField()
    note = models.CharField(max_length=20, blank=True)


class Bag(Thing):
    note = models.CharField(max_length=20)

    @property
    def heavy(self):
        return True


class Label(models.Model):
    thing = models.ForeignKey(Thing, models.CASCADE)

    @property
    def width(self):
        return getattr(self.thing, "width", -1)
""",
    "things/views.py": """
from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view
from rest_framework.response import Response

from .models import Label, Thing


class Copying:
    def copy(self, rows):
        def one(row, changes=None):
            if changes is None:
                changes = {}
            for name, value in changes.items():
                setattr(row, name, value)

        for row in rows:
            one(row, changes={"name": "copy", "size": 1})


@api_view(["GET"])
def width(request, pk):
    thing = get_object_or_404(Thing, pk=pk)
    return Response({"name": thing.name, "width": getattr(thing, "width", 0)})


@api_view(["GET"])
def label(request, pk):
    found = get_object_or_404(Label, pk=pk)
    return Response({"width": found.width})


@api_view(["GET"])
def note(request, pk):
    thing = get_object_or_404(Thing, pk=pk)
    return Response({"note": getattr(thing, "note", None)})


@api_view(["GET"])
def size(request, pk):
    thing = get_object_or_404(Thing, pk=pk)
    return Response({"size": getattr(thing, "size", None)})


@api_view(["GET"])
def heavy(request, pk):
    thing = get_object_or_404(Thing, pk=pk)
    return Response({"heavy": getattr(thing, "heavy", False)})
""",
    "urls.py": """
from django.urls import path

from things import views

urlpatterns = [
    path("width/<int:pk>/", views.width),
    path("label/<int:pk>/", views.label),
    path("note/<int:pk>/", views.note),
    path("size/<int:pk>/", views.size),
    path("heavy/<int:pk>/", views.heavy),
]
""",
}  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_column_of_one_class_is_read_as_before(
    tmp_path: Path, postgres: Cluster, database: str
) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    if database == "postgresql":
        url = postgres.new_database("several_classes")
    project = small_project(tmp_path / "legacy", FILES)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert {name: reasons[0]["code"] for name, reasons in left.items()} == {
        f"GET /{name}/{{pk}}/": "B153" for name in ("note", "size", "heavy")
    }
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
