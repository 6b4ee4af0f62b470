"""What the database generates, bytes, and PostgreSQL's lists, dictionaries and ranges, at endpoints."""

from typing import Any

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat


class Item(models.Model):
    first = models.CharField(max_length=9)
    number = models.PositiveIntegerField(default=1)
    price = models.DecimalField(max_digits=6, decimal_places=2)
    full = models.GeneratedField(
        expression=Concat(F("first"), Value("!")),
        output_field=models.CharField(max_length=10),
        db_persist=True,
    )
    total = models.GeneratedField(
        expression=F("price") * F("number"),
        output_field=models.DecimalField(max_digits=12, decimal_places=2),
        db_persist=True,
    )
    cheap = models.GeneratedField(
        expression=Q(price__lt=10), output_field=models.BooleanField(), db_persist=True
    )


class Note(models.Model):
    data = models.JSONField(null=True, blank=True)
    raw = models.BinaryField(null=True, blank=True, default=b"as it is")
"""
ON_POSTGRESQL = """
from django.contrib.postgres.fields import (
    ArrayField, DateRangeField, DateTimeRangeField, DecimalRangeField, HStoreField, IntegerRangeField,
)
from django.contrib.postgres.search import SearchVectorField


class Tagged(models.Model):
    tags = ArrayField(models.CharField(max_length=9), default=list, blank=True, size=2)
    kinds = ArrayField(
        models.CharField(max_length=1, choices=[("a", "A"), ("b", "B")]), default=list, blank=True
    )
    words = HStoreField(default=dict, blank=True)
    more = HStoreField(null=True, blank=True)
    search = SearchVectorField(null=True, editable=False)


class Booking(models.Model):
    seats = IntegerRangeField()
    at = DateTimeRangeField(null=True, blank=True)
    days = DateRangeField(null=True, blank=True)
    cost = DecimalRangeField(null=True, blank=True)


class CaselessText:
    def get_internal_type(self):
        return "CI" + super().get_internal_type()

    def db_type(self, connection):
        return "citext"


class CaselessCharField(CaselessText, models.CharField):
    pass


class CaselessEmailField(CaselessText, models.EmailField):
    pass


class Person(models.Model):
    email = CaselessEmailField(unique=True)
    nick = CaselessCharField(max_length=20, db_index=True)
    kind = CaselessCharField(max_length=1, choices=[("a", "A"), ("b", "B")], default="a")


class Odd(models.Model):
    cost = DecimalRangeField(default_bounds="[]", null=True)
"""
VIEWS = """
from django.db.models import Value
from django.db.models.functions import Coalesce
from rest_framework import filters, serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.response import Response

from things import models


class Serializer(serializers.ModelSerializer):
    class Meta:
        fields = "__all__"


class ItemSerializer(Serializer):
    class Meta(Serializer.Meta):
        model = models.Item


class ItemView(viewsets.ModelViewSet):
    queryset = models.Item.objects.order_by("pk")
    serializer_class = ItemSerializer


class NoteSerializer(Serializer):
    class Meta(Serializer.Meta):
        model = models.Note


class NoteView(viewsets.ModelViewSet):
    queryset = models.Note.objects.order_by("pk")
    serializer_class = NoteSerializer
"""
VIEWS_ON_POSTGRESQL = """

class TaggedSerializer(Serializer):
    class Meta(Serializer.Meta):
        model = models.Tagged
        fields = ["id", "tags", "kinds", "words", "more"]


class TaggedView(viewsets.ModelViewSet):
    queryset = models.Tagged.objects.order_by("pk")
    serializer_class = TaggedSerializer
    filter_backends = [filters.SearchFilter]
    search_fields = ["tags"]


class HoldingView(viewsets.ReadOnlyModelViewSet):
    serializer_class = TaggedSerializer

    def get_queryset(self):
        return models.Tagged.objects.filter(words__contains={"a": "1"})


class BookingSerializer(Serializer):
    class Meta(Serializer.Meta):
        model = models.Booking


class BookingView(viewsets.ReadOnlyModelViewSet):
    queryset = models.Booking.objects.filter(days__isnull=True).order_by("pk")
    serializer_class = BookingSerializer


class PersonSerializer(Serializer):
    class Meta(Serializer.Meta):
        model = models.Person


class PersonView(viewsets.ModelViewSet):
    queryset = models.Person.objects.order_by("nick")
    serializer_class = PersonSerializer
    filter_backends = [filters.SearchFilter]
    search_fields = ["nick", "=email"]


@api_view(["GET"])
def counts(request):
    people = models.Person.objects
    return Response([
        people.filter(kind="A").count(),
        people.exclude(kind="A").count(),
        people.filter(nick__in=[one.nick.upper() for one in people.all()]).count(),
        people.filter(nick__startswith="V").count(),
        people.filter(nick__regex="v").count(),
        people.filter(nick__gt="T").count(),
    ])


@api_view(["GET"])
def joined(request):
    return Response(list(models.Person.objects.annotate(
        full=Coalesce("nick", Value("A"))).filter(full="a").values_list("full", flat=True)))


class OddSerializer(Serializer):
    class Meta(Serializer.Meta):
        model = models.Odd


class OddView(viewsets.ReadOnlyModelViewSet):
    queryset = models.Odd.objects.order_by("pk")
    serializer_class = OddSerializer


@api_view(["GET"])
def texts(request):
    return Response([str(one.seats) for one in models.Booking.objects.order_by("pk")])


@api_view(["POST"])
def book(request):
    booking = models.Booking.objects.create(seats=(1, 5))
    return Response({"id": booking.id})
"""
URLS = """
from django.urls import include, path
from rest_framework import routers

from things import views

router = routers.SimpleRouter()
for name in NAMES:
    router.register(name.lower(), getattr(views, name + "View"), name.lower())
urlpatterns = [path("", include(router.urls)), PATHS]
"""
EXTENSION = """
from django.contrib.postgres.operations import CITextExtension, HStoreExtension
from django.db import migrations


class Migration(migrations.Migration):
    operations = [CITextExtension(), HStoreExtension()]
"""


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    folder = tmp_path_factory.mktemp("special_columns")
    urls = URLS.replace("NAMES", '("Item", "Note")').replace(", PATHS", "")
    files = {"things/models.py": MODELS, "things/views.py": VIEWS, "urls.py": urls}
    project = small_project(folder / "legacy", files)
    environment = {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"}
    report = converted(project, folder, **environment)
    return report, verified(project, folder, "--cases", "30", **environment)


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres: Cluster) -> tuple[Any, Any]:
    folder = tmp_path_factory.mktemp("special_columns_postgresql")
    names = '("Item", "Note", "Tagged", "Holding", "Booking", "Person", "Odd")'
    urls = URLS.replace("NAMES", names).replace(
        "PATHS",
        'path("book/", views.book), path("texts/", views.texts), '
        'path("counts/", views.counts), path("joined/", views.joined)',
    )
    project = small_project(
        folder / "legacy",
        {
            "things/models.py": MODELS + ON_POSTGRESQL,
            "things/views.py": VIEWS + VIEWS_ON_POSTGRESQL,
            "urls.py": urls,
            "extensions/__init__.py": "",
            "extensions/migrations/__init__.py": "",
            "extensions/migrations/0001_initial.py": EXTENSION,
            "settings.py": SETTINGS.replace(
                '"things",', '"django.contrib.postgres", "extensions", "things",'
            ),
        },
    )
    environment = {"DATABASE_URL": postgres.new_database("special_columns")}
    report = converted(project, folder, **environment)
    return report, verified(project, folder, "--cases", "30", **environment)


def test_generated_columns_and_bytes_are_read_and_saved_beside(on_sqlite: tuple[Any, Any]) -> None:
    report, answers = on_sqlite
    assert [e for e in report["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(answers) == []


def test_columns_of_postgresql_answer_as_django_does(on_postgresql: tuple[Any, Any]) -> None:
    report, answers = on_postgresql
    legacy = {
        e["id"]: e["reasons"][0]["code"] for e in report["endpoints"] if e["status"] != "converted"
    }
    assert legacy == {
        "GET /texts/": "B104", "GET /holding/": "Q120", "GET /holding/{pk}/": "Q120",
        "GET /odd/": "M105", "GET /odd/{pk}/": "M105", "GET /joined/": "Q104",
    }  # fmt: skip
    assert not_equal(answers) == []
