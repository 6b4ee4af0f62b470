"""Related managers of every kind give the rows, counts and sums that they gave."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("people", views.People, basename="person")
router.register("entries", views.Entries, basename="entry")
router.register("clubs", views.Clubs, basename="club")
router.register("papers", views.Papers, basename="paper")
router.register("letters", views.Letters, basename="letter")
urlpatterns = [path("api/", include(router.urls))]
"""

MODELS = """
from django.db import models


class Live(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(gone=False)


class Person(models.Model):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=20)
    friends = models.ManyToManyField("self", blank=True)
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")


class Entry(models.Model):
    person = models.ForeignKey(
        Person, to_field="code", on_delete=models.CASCADE, related_name="entries"
    )
    number = models.IntegerField(default=0)
    gone = models.BooleanField(default=False)
    objects = Live()

    class Meta:
        ordering = ["-number", "id"]


class Club(models.Model):
    name = models.CharField(max_length=20)
    members = models.ManyToManyField(Person, through="Membership", related_name="clubs")


class Membership(models.Model):
    club = models.ForeignKey(Club, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    weight = models.IntegerField(default=1)


class Paper(models.Model):
    title = models.CharField(max_length=20)


class Letter(Paper):
    reader = models.CharField(max_length=20)


class Note(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="notes")
    text = models.CharField(max_length=20)
    day = models.DateField(null=True)
    price = models.DecimalField(max_digits=7, decimal_places=2, null=True)
"""

VIEWS = """
from django.db.models import Avg, Count, Max, Min, Sum
from rest_framework import serializers as s
from rest_framework import viewsets

from .models import Club, Entry, Letter, Paper, Person


class PersonSerializer(s.ModelSerializer):
    shown = s.SerializerMethodField()
    numbers = s.SerializerMethodField()
    known = s.SerializerMethodField()
    names = s.SerializerMethodField()

    class Meta:
        model = Person
        fields = ["id", "code", "name", "shown", "numbers", "known", "names"]

    def get_shown(self, obj):
        return obj.entries.count()

    def get_numbers(self, obj):
        first = obj.entries.exclude(number=0).first()
        total = 0
        for entry in obj.entries.all():
            total = total * 10 + entry.number
        return [first.number if first is not None else None, total, obj.entries.aggregate(Min("id"))]

    def get_known(self, obj):
        return [
            obj.friends.count(),
            obj.follows.count(),
            obj.followers.filter(name__startswith="v").exists(),
        ]

    def get_names(self, obj):
        names = []
        for club in obj.clubs.order_by("name"):
            names.append(club.name)
        return names


class EntrySerializer(s.ModelSerializer):
    class Meta:
        model = Entry
        fields = ["id", "person", "number", "gone"]


class ClubSerializer(s.ModelSerializer):
    members = s.SerializerMethodField()

    class Meta:
        model = Club
        fields = ["id", "name", "members"]

    def get_members(self, obj):
        heavy = obj.members.filter(name="x").count()
        return [obj.members.count(), heavy, obj.membership_set.aggregate(w=Sum("weight"))["w"]]


class PaperSerializer(s.ModelSerializer):
    notes = s.SerializerMethodField()

    class Meta:
        model = Paper
        fields = ["id", "title", "notes"]

    def get_notes(self, obj):
        found = obj.notes.aggregate(
            Max("day"), Min("text"), Avg("price"), n=Count("price", distinct=True)
        )
        return [found["day__max"], found["text__min"], found["price__avg"], found["n"]]


class LetterSerializer(s.ModelSerializer):
    notes = s.SerializerMethodField()

    class Meta:
        model = Letter
        fields = ["id", "title", "reader", "notes"]

    def get_notes(self, obj):
        return obj.notes.filter(text__isnull=False)[:2].count()


class People(viewsets.ModelViewSet):
    queryset = Person.objects.order_by("id")
    serializer_class = PersonSerializer


class Entries(viewsets.ModelViewSet):
    queryset = Entry.objects.all()
    serializer_class = EntrySerializer


class Clubs(viewsets.ModelViewSet):
    queryset = Club.objects.order_by("id")
    serializer_class = ClubSerializer


class Papers(viewsets.ModelViewSet):
    queryset = Paper.objects.order_by("id")
    serializer_class = PaperSerializer


class Letters(viewsets.ModelViewSet):
    queryset = Letter.objects.order_by("pk")
    serializer_class = LetterSerializer
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "legacy", files)


def test_related_rows_are_what_they_were_on_sqlite(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "8", DATABASE_URL=url)) == []


def test_related_rows_are_what_they_were_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_relations")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
