"""Code of models, managers, serializers and views does in the new app what it did before."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("rooms", views.Rooms)
router.register("plants", views.Plants)
router.register("people", views.People)
router.register("beds", views.Beds, basename="bed")
router.register("events", views.Events)
urlpatterns = [path("api/", include(router.urls))]
"""

MODELS = """
import posixpath

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import FileExtensionValidator
from django.db import models, transaction
from django.db.models import F
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.text import slugify


class Room(models.Model):
    name = models.CharField(max_length=40)
    slug = models.SlugField(max_length=60, unique=True, editable=False)
    inside = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts"
    )
    bright = models.BooleanField(default=True)
    gone_at = models.DateTimeField(null=True, editable=False)
    moves = models.IntegerField(default=0, editable=False)
    living = models.IntegerField(default=0, editable=False)

    class Meta:
        ordering = ["id"]

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = self.free_slug("room")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        \"\"\"Hide it; what stands in it stays.\"\"\"
        self.gone_at = timezone.now()
        self.save(update_fields=["gone_at"])

    def free_slug(self, otherwise):
        base = slugify(self.name)[:50] or otherwise
        slug, number = base, 2
        while Room.objects.filter(slug=slug).exclude(pk=self.pk).exists():
            slug, number = f"{base}-{number}", number + 1
        return slug

    def above(self):
        node, found = self.inside, []
        while node is not None:
            found.append(node)
            node = node.inside
        return found

    def count(self):
        pairs = self.plants.values_list("name", "dead")
        self.living = sum(len(name) for name, dead in pairs if not dead)
        self.save(update_fields=["living"])

    def move(self, by, note="moved"):
        with transaction.atomic():
            locked = Room.objects.select_for_update().get(pk=self.pk)
            Room.objects.filter(pk=locked.pk).update(moves=F("moves") + by)
        self.refresh_from_db(fields=["moves"])
        return f"{note}: {self.moves}"


class PlantQuerySet(models.QuerySet):
    def alive(self):
        return self.filter(dead=False)


class PlantManager(models.Manager.from_queryset(PlantQuerySet)):
    def seed(self, name, **rest):
        plant = self.model(name=name.strip(), **rest)
        plant.save(using=self._db)
        return plant


def picture_name(instance, filename):
    return posixpath.join("plants", instance.name[:3], filename)


class Plant(models.Model):
    name = models.CharField(max_length=40)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="plants")
    next_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    dead = models.BooleanField(default=False)
    picture = models.ImageField(upload_to=picture_name, blank=True)
    leaflet = models.FileField(
        upload_to="leaflets", null=True, blank=True, validators=[FileExtensionValidator(["txt"])]
    )
    objects = PlantManager()

    class Meta:
        ordering = ["id"]


@receiver([post_save, post_delete], sender=Plant)
def count_plants(sender, instance, raw=False, **kwargs):
    \"\"\"Keep the room's number right.\"\"\"
    if raw:
        return
    instance.room.count()


class Event(models.Model):
    verb = models.CharField(max_length=20)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.CharField(max_length=36)
    target = GenericForeignKey("content_type", "object_id")
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
"""

SERVICES = """
from .models import Event, Plant


def record(verb, target, **details):
    return Event.objects.create(verb=verb, target=target, details=details)


def in_one_of(room, *names):
    return room.name in names or room.slug in names


def move(room, by, *, note):
    record("moved", room, by=by, note=note)
    told = room.move(by, note=note)
    return told


def bury(plant):
    plant.dead = True
    plant.save(update_fields=["dead"])
    record("buried", plant)
    return Plant.objects.alive().count()
"""

VIEWS = """
from django.contrib.auth import get_user_model
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from . import services
from .models import Event, Plant, Room


class Envelope:
    def finalize_response(self, request, response, *args, **kwargs):
        if response.status_code < 400 and getattr(response, "data", None) is not None:
            response.data = {"data": response.data}
        response["X-Wrapped"] = "yes"
        return super().finalize_response(request, response, *args, **kwargs)


class RoomSerializer(serializers.ModelSerializer):
    class Meta:
        model = Room
        fields = ["id", "name", "slug", "inside", "bright", "gone_at", "moves", "living"]

    def validate_inside(self, value):
        if value and self.instance and self.instance in [value, *value.above()]:
            raise serializers.ValidationError("A room cannot be inside itself.")
        return value


class PlantSerializer(serializers.ModelSerializer):
    room = serializers.PrimaryKeyRelatedField(queryset=Room.objects.filter(bright=True))
    neighbour = serializers.PrimaryKeyRelatedField(
        source="next_to", queryset=Plant.objects.alive(), required=False, allow_null=True
    )

    class Meta:
        model = Plant
        fields = ["id", "name", "room", "neighbour", "dead"]
        read_only_fields = ["dead"]

    def create(self, validated_data):
        return Plant.objects.seed(**validated_data)


class SproutSerializer(serializers.ModelSerializer):
    class Meta:
        model = Plant
        fields = ["id", "name", "dead"]


class BedSerializer(serializers.ModelSerializer):
    plants = SproutSerializer(many=True, allow_empty=False)

    class Meta:
        model = Room
        fields = ["id", "name", "bright", "plants"]

    def validate(self, attrs):
        if len(attrs.get("plants", [])) > 3:
            raise serializers.ValidationError({"plants": ["Too many."]})
        return attrs

    def create(self, validated_data):
        plants = validated_data.pop("plants")
        room = super().create(validated_data)
        for plant in plants:
            dead = plant.pop("dead", False)
            Plant.objects.create(room=room, dead=dead, **plant)
        return room

    def update(self, instance, validated_data):
        plants = validated_data.pop("plants", None)
        for key, value in validated_data.items():
            setattr(instance, key, value)
        instance.save()
        if plants is not None:
            instance.plants.all().delete()
            for plant in plants:
                Plant.objects.create(room=instance, **plant)
        return instance


class FilesSerializer(serializers.ModelSerializer):
    class Meta:
        model = Plant
        fields = ["id", "picture", "leaflet"]


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = get_user_model()
        fields = ["id", "username", "email", "password"]
        extra_kwargs = {"password": {"write_only": True, "min_length": 5}}

    def create(self, validated_data):
        return get_user_model().objects.create_user(**validated_data)

    def update(self, instance, validated_data):
        password = validated_data.pop("password", None)
        user = super().update(instance, validated_data)
        if password:
            user.set_password(password)
            user.save()
        return user


class EventSerializer(serializers.ModelSerializer):
    class Meta:
        model = Event
        fields = ["id", "verb", "object_id", "details"]


class Rooms(Envelope, viewsets.ModelViewSet):
    queryset = Room.objects.all()
    serializer_class = RoomSerializer

    @action(detail=True, methods=["post"])
    def move(self, request, pk=None):
        room = self.get_object()
        text = services.move(room, 2, note="again")
        return Response({"told": text, "known": services.in_one_of(room, "room", room.name)})


class Plants(viewsets.ModelViewSet):
    queryset = Plant.objects.all()
    serializer_class = PlantSerializer

    @action(detail=False, methods=["post"])
    def graft(self, request):
        serializer = self.serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)

    @action(detail=True)
    def beside(self, request, pk=None):
        plant = self.get_object()
        others = Plant.objects.alive().filter(room=plant.room).exclude(pk=plant.pk)
        return Response(list(others.order_by("name").values_list("name", flat=True)))

    @action(detail=True, methods=["post"])
    def bury(self, request, pk=None):
        return Response({"left": services.bury(self.get_object())})

    @action(detail=True, methods=["put"], serializer_class=FilesSerializer)
    def files(self, request, pk=None):
        serializer = self.get_serializer(self.get_object(), data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


class Beds(viewsets.ModelViewSet):
    queryset = Room.objects.filter(gone_at=None)
    serializer_class = BedSerializer


class People(viewsets.ModelViewSet):
    queryset = get_user_model().objects.order_by("id")
    serializer_class = PersonSerializer


class Events(mixins.ListModelMixin, viewsets.GenericViewSet):
    queryset = Event.objects.all()
    serializer_class = EventSerializer
"""


AROUND = """
from django.utils.deprecation import MiddlewareMixin


class Gardener(MiddlewareMixin):
    def process_response(self, request, response):
        if response.status_code == 404 or hasattr(response, "file_to_stream"):
            return response
        response["X-Gardener"] = "here"
        return response
"""


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    texts |= {"things/services.py": SERVICES, "things/around.py": AROUND}
    texts["settings.py"] = SETTINGS + 'MIDDLEWARE = ["things.around.Gardener"]\n'
    return small_project(tmp_path / "garden", texts)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_bodies_answer_and_write_as_before(
    server: str, garden: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/garden.db"
    cases = "8"
    if server == "postgresql":
        cases = "20"
        url = postgres.new_database("corpus_bodies")
    conversion = converted(garden, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    evidence = verified(garden, tmp_path, "--cases", cases, DATABASE_URL=url)
    assert not_equal(evidence) == []
