"""Rows with a key of several columns are found, compared, sorted, written and deleted as in Django."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytest.importorskip("django.db.models.fields.composite", reason="Django 5.2 and later have them")
pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Tenant(models.Model):
    name = models.CharField(max_length=20)


class Person(models.Model):
    pk = models.CompositePrimaryKey("tenant_id", "number")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="people")
    number = models.SmallIntegerField(unique=True)
    name = models.CharField(max_length=20, default="someone")

    class Meta:
        ordering = ["-pk"]


class Note(models.Model):
    pk = models.CompositePrimaryKey("tenant", "code")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="notes")
    code = models.CharField(max_length=9)
    number = models.SmallIntegerField(null=True)
    text = models.TextField(default="")
    person = models.ForeignObject(
        Person, from_fields=["tenant_id", "number"], to_fields=["tenant_id", "number"],
        on_delete=models.CASCADE, related_name="notes",
    )


class Guarded(models.Model):
    tenant_number = models.BigIntegerField()
    number = models.SmallIntegerField()
    person = models.ForeignObject(
        Person, from_fields=["tenant_number", "number"], to_fields=["tenant_id", "number"],
        on_delete=models.PROTECT, related_name="+",
    )


class Badge(models.Model):
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, to_field="number", related_name="badges"
    )
"""

VIEWS = """
from django.db.models import ProtectedError, Q
from django.shortcuts import get_object_or_404
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Badge, Note, Person, Tenant


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Person
        fields = ["tenant", "number", "name"]


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["tenant", "code", "number", "text"]


class BadgeSerializer(serializers.ModelSerializer):
    class Meta:
        model = Badge
        fields = ["id", "person"]


class People(generics.ListCreateAPIView):
    queryset = Person.objects.all()
    serializer_class = PersonSerializer


class ByNumber(generics.RetrieveUpdateAPIView):
    queryset = Person.objects.all()
    serializer_class = PersonSerializer
    lookup_field = "number"


class Badges(generics.ListCreateAPIView):
    queryset = Badge.objects.order_by("id")
    serializer_class = BadgeSerializer


class Notes(generics.ListCreateAPIView):
    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer


class One(APIView):
    def get(self, request, tenant, number):
        person = get_object_or_404(Person, pk=(tenant, number))
        return Response({"name": person.name, "key": list(person.pk)})

    def put(self, request, tenant, number):
        person = get_object_or_404(Person, pk=(tenant, number))
        person.name = f"{person.name}!"
        person.save()
        return Response({"name": person.name})

    def delete(self, request, tenant, number):
        person = get_object_or_404(Person, pk=(tenant, number))
        try:
            total, counts = person.delete()
        except ProtectedError:
            return Response({"kept": True})
        return Response({"total": total, "counts": counts})


class Asked(APIView):
    def get(self, request, number):
        first = Person.objects.order_by("name", "pk").first()
        last = Note.objects.last()
        people = Person.objects.filter(Q(pk=(1, number)) | Q(pk__in=[(2, number), (3, number)]))
        others = Person.objects.exclude(pk=(1, number)).exclude(pk__in=[(2, 2), (3, number)])
        return Response({
            "first": first.number if first else None,
            "last": last.code if last else None,
            "people": [person.number for person in people],
            "others": [person.number for person in others],
            "count": others.count(),
            "any": people.exists(),
        })


class Same(APIView):
    def get(self, request, tenant, number):
        one = get_object_or_404(Person, tenant_id=tenant, number=number)
        again = Person.objects.get(pk=one.pk)
        lowest = Person.objects.order_by("pk").first()
        return Response({
            "same": one == again,
            "lowest": lowest is not None and lowest == one,
            "turned": [person.number for person in Person.objects.reverse()],
            "contained": Person.objects.filter(name=one.name).contains(one),
        })


class New(APIView):
    def post(self, request, tenant, number):
        home = get_object_or_404(Tenant, id=tenant)
        person = Person(tenant=home, number=number, name="made")
        person.save()
        return Response({"key": list(person.pk), "name": person.name}, status=201)


class Gone(APIView):
    def delete(self, request, number):
        total, counts = Note.objects.filter(number=number).delete()
        changed = Person.objects.filter(number=number).update(name="left")
        return Response({"total": total, "counts": counts, "changed": changed})


class Leave(APIView):
    def delete(self, request, tenant):
        home = get_object_or_404(Tenant, id=tenant)
        try:
            total, counts = home.delete()
        except ProtectedError:
            return Response({"kept": True})
        return Response({"total": total, "counts": counts})


class Told(APIView):
    def get(self, request):
        return Response(list(Person.objects.values_list("pk", flat=True)))


class Given(APIView):
    def get(self, request, number):
        key = (1, number)
        return Response(Person.objects.filter(pk=key).count())
"""

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("people/", views.People.as_view()),
    path("people/<int:number>/", views.ByNumber.as_view()),
    path("badges/", views.Badges.as_view()),
    path("notes/", views.Notes.as_view()),
    path("people/<int:tenant>/<int:number>/", views.One.as_view()),
    path("asked/<int:number>/", views.Asked.as_view()),
    path("same/<int:tenant>/<int:number>/", views.Same.as_view()),
    path("new/<int:tenant>/<int:number>/", views.New.as_view()),
    path("gone/<int:number>/", views.Gone.as_view()),
    path("leave/<int:tenant>/", views.Leave.as_view()),
    path("told/", views.Told.as_view()),
    path("given/<int:number>/", views.Given.as_view()),
]
"""

# A key that is not written column by column.
STAYING = {"GET /told/": "M113", "GET /given/{number}/": "M113"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "legacy", files)


def test_rows_with_such_a_key_are_used_as_in_django(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [m["name"] for m in conversion["models"] if m["reasons"]] == []
    drf = [e for e in conversion["endpoints"] if e["kind"] == "drf"]
    assert {e["id"]: e["reasons"][0]["code"] for e in drf if e["reasons"]} == STAYING
    assert not_equal(verified(project, tmp_path, "--cases", "40", DATABASE_URL=url)) == []


def test_the_same_on_postgresql(project: Path, tmp_path: Path, postgres: Cluster) -> None:
    url = postgres.new_database("corpus_composite_keys")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)) == []
