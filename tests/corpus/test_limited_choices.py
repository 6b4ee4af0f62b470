"""Relations take the rows that `limit_choices_to` of their columns leaves."""

from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models
from django.db.models import Q

OPEN = "open"


def some_rooms():
    return {"kind": OPEN}


class Room(models.Model):
    name = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    within = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, limit_choices_to={"within": None}
    )

    class Meta:
        ordering = ["id"]


class Booking(models.Model):
    room = models.ForeignKey(Room, models.CASCADE, limit_choices_to={"kind": OPEN, "name__startswith": "r"})
    spare = models.ForeignKey(
        Room, models.CASCADE, null=True, related_name="+", limit_choices_to=Q(kind="open") | Q(name="x")
    )
    more = models.ManyToManyField(Room, related_name="+", limit_choices_to={"kind__in": ["open", "odd"]}, blank=True)


class Asking(models.Model):
    room = models.ForeignKey(Room, models.CASCADE, limit_choices_to=some_rooms)
"""
URLS = """
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
for name in ("rooms", "bookings", "askings"):
    router.register(name, getattr(views, name.title()))
urlpatterns = router.urls
"""
VIEWS = """
from rest_framework import serializers, viewsets

from .models import Asking, Booking, Room


class RoomSerializer(serializers.ModelSerializer):
    class Meta:
        model = Room
        fields = "__all__"


class BookingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Booking
        fields = "__all__"


class AskingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Asking
        fields = "__all__"


class Rooms(viewsets.ModelViewSet):
    queryset = Room.objects.order_by("id")
    serializer_class = RoomSerializer


class Bookings(viewsets.ModelViewSet):
    queryset = Booking.objects.order_by("id")
    serializer_class = BookingSerializer


class Askings(viewsets.ModelViewSet):
    queryset = Asking.objects.order_by("id")
    serializer_class = AskingSerializer
"""
SEED = """
from things.models import Booking, Room
first = Room.objects.create(name="r1", kind="open")
for name, kind in (("r2", "shut"), ("x", "odd"), ("y", "open")):
    Room.objects.create(name=name, kind=kind, within=first)
Booking.objects.create(room=first)
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_rows_that_choices_leave_out_do_not_exist(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/rooms.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_rooms")
    files = {
        "settings.py": SETTINGS, "urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS,
    }  # fmt: skip
    legacy = small_project(tmp_path / "legacy", files)
    conversion = converted(legacy, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"][0] for e in conversion["endpoints"] if e["reasons"]}
    assert left.keys() == {"POST /askings/", "PUT /askings/{pk}/", "PATCH /askings/{pk}/"}
    with asked(legacy, tmp_path, postgres if server == "postgresql" else None, SEED) as both:
        answers = set()
        for number in range(1, 6):
            answers.add(
                both.agree("POST", "/rooms/", {"name": "a", "kind": "b", "within": number}).status
            )
            for name in ("room", "spare", "more"):
                data = {"room": 1, "spare": 1, name: [1, number] if name == "more" else number}
                answers.add(both.agree("POST", "/bookings/", data).status)
                answers.add(both.agree("PATCH", "/bookings/1/", {name: data[name]}).status)
        assert answers == {200, 201, 400}
        both.agree("GET", "/bookings/")
