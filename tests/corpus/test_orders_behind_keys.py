"""Related rows stand in the order of their model, also where it looks at rows behind keys."""

import json
from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        ordering = ["-name"]


class Place(models.Model):
    name = models.CharField(max_length=20)
    country = models.ForeignKey(Country, models.CASCADE, null=True)

    class Meta:
        ordering = ["country", "name"]


class Room(models.Model):
    name = models.CharField(max_length=20)
    place = models.ForeignKey(Place, models.CASCADE)

    class Meta:
        ordering = ["-place", "place__country__name", "name"]


class Guest(models.Model):
    rooms = models.ManyToManyField(Room, related_name="guests")
    first = models.ForeignKey(Room, models.CASCADE, related_name="arrivals")

    class Meta:
        ordering = ["first__place__name", "-pk"]


class Loop(models.Model):
    other = models.ForeignKey("self", models.CASCADE, null=True, related_name="loops")

    class Meta:
        ordering = ["other"]
"""
URLS = """
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
for name in ("rooms", "guests", "loops"):
    router.register(name, getattr(views, name.title()))
urlpatterns = router.urls
"""
VIEWS = """
from rest_framework import serializers, viewsets

from .models import Guest, Loop, Room


class RoomSerializer(serializers.ModelSerializer):
    class Meta:
        model = Room
        fields = ["name", "arrivals", "guests"]


class GuestSerializer(serializers.ModelSerializer):
    named = RoomSerializer(many=True, read_only=True, source="rooms")

    class Meta:
        model = Guest
        fields = ["id", "rooms", "named"]


class LoopSerializer(serializers.ModelSerializer):
    class Meta:
        model = Loop
        fields = ["id", "loops"]


class Rooms(viewsets.ReadOnlyModelViewSet):
    queryset = Room.objects.order_by("id")
    serializer_class = RoomSerializer


class Guests(viewsets.ReadOnlyModelViewSet):
    queryset = Guest.objects.order_by("id")
    serializer_class = GuestSerializer


class Loops(viewsets.ReadOnlyModelViewSet):
    queryset = Loop.objects.order_by("id")
    serializer_class = LoopSerializer
"""
SEED = """
from things.models import Country, Guest, Place, Room
countries = [Country.objects.create(name=name) for name in "bac"]
places = [
    Place.objects.create(name=name, country=country)
    for name, country in zip("zyxwv", [countries[1], countries[0], countries[0], countries[2], None])
]
rooms = [Room.objects.create(name=str(9 - n), place=places[n * 3 % 5]) for n in range(10)]
for number in range(6):
    guest = Guest.objects.create(first=rooms[number * 7 % 3])
    guest.rooms.set(rooms[number:] + rooms[:1])
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_rows_stand_in_the_order_of_what_keys_lead_to(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/rooms.db"
    if server == "postgresql":
        url = postgres.new_database("orders_behind_keys")
    files = {
        "settings.py": SETTINGS, "urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS,
    }  # fmt: skip
    legacy = small_project(tmp_path / "legacy", files)
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"][0]["code"] for e in conversion["endpoints"] if e["reasons"]}
    assert left == {"GET /loops/": "S117", "GET /loops/{pk}/": "S117"}
    with asked(legacy, tmp_path, postgres if server == "postgresql" else None, SEED) as both:
        guests = json.loads(both.agree("GET", "/guests/").body)
        assert [len(guest["rooms"]) for guest in guests] == [10, 10, 9, 8, 7, 6]
        assert guests[0]["rooms"] != sorted(guests[0]["rooms"])
        for path in ("/guests/1/", "/rooms/", "/rooms/1/"):
            both.agree("GET", path)
