"""Services that set columns by names which their callers give: all that they are given, no more."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Word(models.Model):
    text = models.CharField(max_length=30)


class Page(models.Model):
    title = models.CharField(max_length=30, unique=True)
    text = models.TextField(blank=True)
    rank = models.IntegerField(default=0)
    cover = models.ForeignKey(Word, null=True, blank=True, on_delete=models.SET_NULL)
    words = models.ManyToManyField(Word, related_name="pages")
    updated_at = models.DateTimeField(auto_now=True)


class Line(models.Model):
    text = models.CharField(max_length=30)
    rank = models.IntegerField(default=0)
"""

SERVICES = """
from django.db import models, transaction
from django.utils import timezone

RANKED = ("rank",)


def model_update(*, instance, fields, data, auto_updated_at=True):
    '''Sets what is given, saves what changed.'''
    has_updated = False
    m2m_data = {}
    update_fields = []

    model_fields = {field.name: field for field in instance._meta.get_fields()}

    for field in fields:
        # Nothing is said of it
        if field not in data:
            continue

        model_field = model_fields.get(field)

        assert model_field is not None, f"{field} is not part of {instance.__class__.__name__}."

        if isinstance(model_field, models.ManyToManyField):
            m2m_data[field] = data[field]
            continue

        if getattr(instance, field) != data[field]:
            has_updated = True
            update_fields.append(field)
            setattr(instance, field, data[field])

    if has_updated:
        if auto_updated_at:
            if "updated_at" in model_fields and "updated_at" not in update_fields:
                update_fields.append("updated_at")
                instance.updated_at = timezone.now()

        instance.full_clean()
        instance.save(update_fields=update_fields)

    for field_name, value in m2m_data.items():
        related_manager = getattr(instance, field_name)
        related_manager.set(value)

        has_updated = True

    return instance, has_updated


def set_columns(row, names, values):
    for name in names:
        field = row._meta.get_field(name)
        if field.many_to_many:
            getattr(row, name).set(values[name])
        elif name in values:
            setattr(row, name, values[name])
    row.save()


def copy_columns(row, values):
    for name in ("text", "rank"):
        if name in values:
            setattr(row, name, values[name])
    row.save()


@transaction.atomic
def page_update(*, page, data):
    names = ["title", "text", "cover", "words"]
    page, changed = model_update(instance=page, fields=names, data=data)
    return page, changed


def page_rank(*, page, data):
    page, changed = model_update(instance=page, fields=RANKED, data=data, auto_updated_at=False)
    return changed


def page_nothing(*, page, data):
    names: list[str] = [
        # nothing yet
    ]
    page, changed = model_update(instance=page, fields=names, data=data)
    return changed
"""

VIEWS = """
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Line, Page, Word
from .services import copy_columns, model_update, page_nothing, page_rank, page_update, set_columns


class PageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Page
        fields = ["id", "title", "text", "rank", "cover", "words"]


class UpdatePage(APIView):
    class Input(serializers.Serializer):
        title = serializers.CharField(max_length=30, required=False)
        text = serializers.CharField(required=False)
        cover = serializers.PrimaryKeyRelatedField(
            queryset=Word.objects.all(), required=False, allow_null=True
        )
        words = serializers.PrimaryKeyRelatedField(
            queryset=Word.objects.all(), many=True, required=False
        )

    def post(self, request, pk):
        page = get_object_or_404(Page, pk=pk)
        serializer = self.Input(data=request.data)
        serializer.is_valid(raise_exception=True)
        page, changed = page_update(page=page, data=serializer.validated_data)
        return Response({"changed": changed, "page": PageSerializer(page).data})


class RankPage(APIView):
    class Input(serializers.Serializer):
        rank = serializers.IntegerField(min_value=-5, max_value=5)

    def post(self, request, pk):
        page = get_object_or_404(Page, pk=pk)
        serializer = self.Input(data=request.data)
        serializer.is_valid(raise_exception=True)
        ranked = page_rank(page=page, data=serializer.validated_data)
        nothing = page_nothing(page=page, data=serializer.validated_data)
        return Response({"ranked": ranked, "nothing": nothing, "rank": page.rank})


class UpdateLine(APIView):
    class Input(serializers.Serializer):
        text = serializers.CharField(max_length=30)
        rank = serializers.IntegerField(required=False, min_value=-5, max_value=5)

    def post(self, request, pk):
        line = get_object_or_404(Line, pk=pk)
        serializer = self.Input(data=request.data)
        serializer.is_valid(raise_exception=True)
        line, changed = model_update(
            instance=line, fields=["text", "rank"], data=serializer.validated_data
        )
        return Response({"changed": changed, "text": line.text, "rank": line.rank})

    def put(self, request, pk):
        line = get_object_or_404(Line, pk=pk)
        serializer = self.Input(data=request.data)
        serializer.is_valid(raise_exception=True)
        set_columns(line, ["rank", "text"], serializer.validated_data)
        return Response({"text": line.text, "rank": line.rank})

    def patch(self, request, pk):
        line = get_object_or_404(Line, pk=pk)
        serializer = self.Input(data=request.data)
        serializer.is_valid(raise_exception=True)
        copy_columns(line, serializer.validated_data)
        return Response({"text": line.text, "rank": line.rank})
"""

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("pages/<int:pk>/", views.UpdatePage.as_view()),
    path("pages/<int:pk>/rank/", views.RankPage.as_view()),
    path("lines/<int:pk>/", views.UpdateLine.as_view()),
]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "urls.py": URLS, "things/models.py": MODELS, "things/services.py": SERVICES,
        "things/views.py": VIEWS,
    }  # fmt: skip
    return small_project(tmp_path / "legacy", files)


def test_columns_are_set_by_known_names_as_before_on_sqlite(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/names.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []


def test_columns_are_set_by_known_names_as_before_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_known_names")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []


@pytest.mark.parametrize("names", ['["title", "nothing"]', '["title", "title"]', "list(data)"])
def test_names_that_are_not_columns_keep_their_endpoint(
    names: str, project: Path, tmp_path: Path
) -> None:
    services = project / "things" / "services.py"
    usual = '["title", "text", "cover", "words"]'
    services.write_text(services.read_text().replace(usual, names))
    conversion = converted(project, tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/names.db")
    kept = [e["id"] for e in conversion["endpoints"] if e["status"] != "converted"]
    assert kept == ["POST /pages/{pk}/"]
