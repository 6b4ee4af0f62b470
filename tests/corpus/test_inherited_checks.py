"""`validate` of serializers that hands on to the classes above."""

from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Trip(models.Model):
    name = models.CharField(max_length=20)
    first = models.IntegerField()
    last = models.IntegerField()
    seats = models.IntegerField(default=1)
    code = models.CharField(max_length=60, blank=True)
"""
URLS = """
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("trips", views.Trips)
router.register("named", views.Named, basename="named")
urlpatterns = router.urls
"""
VIEWS = """
from rest_framework import serializers, viewsets

from .models import Trip


class Ordered(serializers.Serializer):
    def validate(self, attrs):
        attrs = super().validate(attrs)
        if attrs.get("first", 0) > attrs.get("last", 0):
            raise serializers.ValidationError({"last": ["Before the first."]})
        attrs["code"] = str(attrs.get("first")) + attrs.get("code", "")
        return attrs


class Counted:
    def validate(self, attrs):
        checked = super().validate(attrs)
        if attrs.get("seats") == 13 or self.context["request"].method == "PUT":
            raise serializers.ValidationError("Not this number.")
        return checked


class Plain(serializers.ModelSerializer):
    class Meta:
        model = Trip
        fields = ["id", "name", "first", "last", "seats", "code"]


class TripSerializer(Counted, Ordered, Plain):
    def validate(self, attrs):
        attrs = super().validate(attrs)
        attrs["code"] = attrs["code"] + "!"
        return attrs


class NamedSerializer(Ordered, Plain):
    def validate(self, attrs):
        data = super(NamedSerializer, self).validate(attrs)
        if len(data.get("name", "")) > 5:
            self.fail("long")
        return data

    default_error_messages = {"long": "Too long."}


class Trips(viewsets.ModelViewSet):
    queryset = Trip.objects.order_by("id")
    serializer_class = TripSerializer


class Named(Trips):
    serializer_class = NamedSerializer
"""
GIVEN = (
    {"name": "a", "first": 1, "last": 2},
    {"name": "abcdefg", "first": 2, "last": 2, "code": "x"},
    {"name": "a", "first": 3, "last": 2, "seats": 13},
    {"name": "a", "first": 1, "last": 2, "seats": 13},
    {"name": "a", "last": 2},
)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_checks_of_the_classes_above_are_made(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/trips.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_trips")
    files = {
        "settings.py": SETTINGS, "urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS,
    }  # fmt: skip
    legacy = small_project(tmp_path / "legacy", files)
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    assert [e for e in conversion["endpoints"] if e["status"] != "converted"] == []
    with asked(legacy, tmp_path, postgres if server == "postgresql" else None) as both:
        for path in ("/trips/", "/named/"):
            for data in GIVEN:
                both.agree("POST", path, data)
                both.agree("PATCH", f"{path}1/", data)
                both.agree("PUT", f"{path}1/", data)
            both.agree("GET", path)
