"""Field classes that make values of their own are read, compared and written as Django does."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from django.db import models


class Cents(models.IntegerField):
    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        return Decimal(value) / 100

    def get_prep_value(self, value):
        if value is None:
            return None
        return int(value * 100)


class Document(models.TextField):
    def from_db_value(self, value, expression, connection):
        return json.loads(value)

    def get_prep_value(self, value):
        return json.dumps(value)


class Words(models.TextField):
    def from_db_value(self, value, expression, connection):
        return value.split(",")

    def get_prep_value(self, value):
        return ",".join(value)


class Shifted(models.IntegerField):
    def from_db_value(self, value, expression, connection):
        return value - 1000

    def get_prep_value(self, value):
        return super().get_prep_value(value) + 1000


def noon():
    return datetime(2024, 5, 6, 12, tzinfo=timezone.utc)


class Following(models.DateField):
    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        return value + timedelta(days=1)

    def get_prep_value(self, value):
        if value is None:
            return None
        return super().get_prep_value(value) - timedelta(days=1)


class Whole(models.DateTimeField):
    def from_db_value(self, value, expression, connection):
        return value.replace(microsecond=0)

    def to_python(self, value):
        return super().to_python(value).replace(microsecond=7)


class Thing(models.Model):
    name = models.CharField(max_length=30)
    day = Following(null=True)
    at = Whole(default=noon)
    price = Cents(null=True, blank=True)
    shifted = Shifted(default=3)
    words = Words(default=list)
    document = Document(default=dict)
"""

VIEWS = """
from datetime import date, datetime, timezone
from decimal import Decimal

from django.db.models import F, Sum
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Thing


class ThingSerializer(serializers.ModelSerializer):
    words = serializers.ListField(child=serializers.CharField())
    document = serializers.JSONField()

    class Meta:
        model = Thing
        fields = ["id", "name", "words", "document"]


class MadeSerializer(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "name", "shifted"]


class TextSerializer(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "document"]


class Things(viewsets.ReadOnlyModelViewSet):
    queryset = Thing.objects.order_by("shifted", "id")
    serializer_class = ThingSerializer


class Made(viewsets.ModelViewSet):
    queryset = Thing.objects.order_by("id")
    serializer_class = MadeSerializer


class Texts(viewsets.ReadOnlyModelViewSet):
    queryset = Thing.objects.order_by("id")
    serializer_class = TextSerializer


class New(APIView):
    def post(self, request, number):
        thing = Thing.objects.create(
            name="new", price=Decimal("1.25"), shifted=number, words=["a", "b"],
            document={"number": number},
        )
        again = Thing.objects.get(pk=thing.pk)
        changed = Thing.objects.filter(price=Decimal("1.25"), shifted=number).update(
            price=Decimal("2.50")
        )
        return Response({
            "price": str(again.price), "shifted": again.shifted, "words": again.words,
            "document": again.document, "changed": changed,
            "more": Thing.objects.filter(price__gt=Decimal("2")).count(),
            "some": Thing.objects.filter(shifted__in=[number, 3]).count(),
        })


class Added(APIView):
    def get(self, request):
        return Response(Thing.objects.aggregate(total=Sum("price")))


class Dated(APIView):
    def post(self, request, number):
        day, at = date(2020, 2, number % 28 + 1), datetime(2021, 3, 4, 5, 6, 7, 8, timezone.utc)
        thing = Thing.objects.create(name="new", day=day, at=at)
        again = Thing.objects.get(pk=thing.pk)
        return Response({
            "day": again.day.isoformat(), "at": again.at.isoformat(),
            "late": Thing.objects.filter(day__gte=day).count(),
            "early": Thing.objects.filter(at__lt=at).count(),
            "same": Thing.objects.filter(at=at).count(),
            "others": Thing.objects.exclude(at=at).count(),
            "some": Thing.objects.filter(day__in=[day, date(2020, 2, 5)]).count(),
        })


class Parts(APIView):
    def get(self, request):
        return Response(Thing.objects.filter(day__year=2020).count())


class Compared(APIView):
    def get(self, request):
        return Response(Thing.objects.filter(shifted__gt=F("id") + 1).count())
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("things", views.Things)
router.register("made", views.Made, basename="made")
router.register("texts", views.Texts, basename="texts")
urlpatterns = [
    path("", include(router.urls)),
    path("new/<int:number>/", views.New.as_view()),
    path("dated/<int:number>/", views.Dated.as_view()),
    path("parts/", views.Parts.as_view()),
    path("added/", views.Added.as_view()),
    path("compared/", views.Compared.as_view()),
]
"""

# Values of a type that nobody knows, and what only the database could compute.
STAYING = {
    "GET /made/": "S109", "POST /made/": "S109", "GET /made/{pk}/": "S109",
    "PUT /made/{pk}/": "S109", "PATCH /made/{pk}/": "S109",
    "GET /parts/": "M105", "GET /added/": "M105", "GET /compared/": "Q122",
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "legacy", files)


def test_values_of_their_own_are_used_as_in_django(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    drf = [e for e in conversion["endpoints"] if e["kind"] == "drf"]
    assert {e["id"]: e["reasons"][0]["code"] for e in drf if e["reasons"]} == STAYING
    assert not_equal(verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)) == []


def test_the_same_on_postgresql(project: Path, tmp_path: Path, postgres: Cluster) -> None:
    url = postgres.new_database("corpus_own_values")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
