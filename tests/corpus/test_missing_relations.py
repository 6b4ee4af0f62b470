"""Lookups over relations that lead nowhere for some rows, with None and with other values."""

from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Kind(models.Model):
    title = models.CharField(max_length=30, null=True)
    meta = models.JSONField(null=True)


class Category(models.Model):
    title = models.CharField(max_length=30, null=True)
    rank = models.IntegerField(null=True)
    kind = models.ForeignKey(Kind, models.SET_NULL, null=True)


class Word(models.Model):
    text = models.CharField(max_length=30, null=True)


class Item(models.Model):
    name = models.CharField(max_length=30)
    label = models.CharField(max_length=30, null=True)
    category = models.ForeignKey(Category, models.SET_NULL, null=True)
    words = models.ManyToManyField(Word, related_name="items")


class Note(models.Model):
    item = models.OneToOneField(Item, models.CASCADE, related_name="note")
    text = models.CharField(max_length=30, null=True)


class Tag(models.Model):
    item = models.ForeignKey(Item, models.CASCADE, related_name="tags")
    word = models.CharField(max_length=30, null=True)
    category = models.ForeignKey(Category, models.SET_NULL, null=True)
"""
SEED = """
from things.models import *
kind, bare = Kind.objects.create(title="one", meta={"a": 1}), Kind.objects.create()
one = Category.objects.create(title="one", rank=1, kind=kind)
two = Category.objects.create(title=None, kind=bare)
alone = Category.objects.create(title="alone", rank=3)
a = Item.objects.create(name="with one", category=one, label="one")
b = Item.objects.create(name="with null", category=two)
c = Item.objects.create(name="without")
d = Item.objects.create(name="alone", category=alone, label="x")
x, y = Word.objects.create(text="one"), Word.objects.create()
a.words.add(x, y); b.words.add(y)
Note.objects.create(item=a, text="one"); Note.objects.create(item=b)
Tag.objects.create(item=a, word="one", category=one); Tag.objects.create(item=a, word="two")
Tag.objects.create(item=b, word=None, category=two); Tag.objects.create(item=d, word="x", category=alone)
"""
# What a view filters by; `t` is from the request, `n` a number or None, `row` and `category` rows or None.
QUERIES = (
    "filter(category__title=t)",
    "exclude(category__title=t)",
    "filter(category__title__exact=t)",
    "filter(category__title__iexact=t)",
    "filter(category__rank=n)",
    "filter(category__kind__title=t)",
    "exclude(category__kind__title=t)",
    "filter(category__kind=n)",
    "filter(category__kind__title=row.label if row else None)",
    "filter(category__title=row.label) if row else Item.objects.filter(category__title=t)",
    "filter(category=category)",
    "exclude(category=category)",
    "filter(category__pk=n)",
    "filter(note__text=t)",
    "exclude(note__text=t)",
    "filter(note=n)",
    "filter(tags__word=t)",
    "exclude(tags__word=t)",
    "filter(tags=n)",
    "exclude(tags=n)",
    "filter(tags__category__title=t)",
    "filter(tags__category=category)",
    "filter(tags__word=t, tags__category__title=t)",
    "filter(tags__word=t, tags__id__gt=0)",
    "filter(words__text=t)",
    "exclude(words__text=t)",
    "filter(words=n)",
    "exclude(words=n)",
    "filter(Q(category__title=t) | Q(name=t))",
    "filter(Q(tags__word=t) | Q(name='without'))",
    "filter(~Q(category__title=t), label=t)",
    "exclude(category__title=t, label=t)",
    "filter(words__in=request.query_params.getlist('w'))",
    "filter(id__in=request.query_params.getlist('none') or [1])",
    "filter(category__kind__meta=None)",
    "filter(category__kind__meta=t)",
    "filter(Q(note__text=t) & ~Q(category__kind__title=t))",
)
VIEW = """
@api_view(["POST"])
def view_{number}(request):
    t, n = request.data.get("t"), request.data.get("n")
    row = Item.objects.filter(label=t or "-").first()
    category = Category.objects.filter(title=t or "-").first()
    found = Item.objects.{query}
    return Response([item.name for item in found.order_by("id", "name")])
"""
FILES = {
    "settings.py": SETTINGS,
    "urls.py": "from django.urls import path\n\nfrom things import views\n\nurlpatterns = [\n"
    + "".join(f'    path("{n}/", views.view_{n}),\n' for n in range(len(QUERIES)))
    + "]\n",
    "things/models.py": MODELS,
    "things/views.py": """
from django.db.models import Q
from rest_framework.decorators import api_view
from rest_framework.response import Response

from .models import Category, Item
"""
    + "\n".join(VIEW.format(number=n, query=query) for n, query in enumerate(QUERIES)),
}
# Endpoints that no rule converts, which is better than other rows.
KEPT = {"filter(category__kind__meta=None)", "filter(category__kind__meta=t)"}
GIVEN = (("one", 1), (None, None), ("none of them", 7), ("x", 3))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_none_finds_what_django_finds(tmp_path: Path, postgres: Cluster, database: str) -> None:
    server = postgres if database == "postgresql" else None
    url = f"sqlite:///{tmp_path}/none.db" if server is None else server.new_database("none")
    project = small_project(tmp_path / "legacy", FILES)
    report = converted(project, tmp_path, DATABASE_URL=url)
    statuses = {e["id"].split()[1]: e["status"] for e in report["endpoints"]}
    paths = {f"/{number}/": query for number, query in enumerate(QUERIES)}
    assert {paths[path] for path, status in statuses.items() if status != "converted"} == KEPT
    different = []
    with asked(project, tmp_path, server, SEED) as both:
        for path, query in paths.items():
            if query in KEPT:
                continue
            for text, number in GIVEN:
                theirs, ours = both.each("POST", f"{path}?w=2&w=1", {"t": text, "n": number})
                assert theirs.status == 200, (query, text)
                if (ours.status, ours.body) != (theirs.status, theirs.body):
                    different.append((query, text, theirs.body, ours.body))
    assert different == []
