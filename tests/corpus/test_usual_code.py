"""What many bodies do: settings, rows in `or`, counted relations, what queries compute, changed attributes."""

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
router.register("plants", views.Plants, basename="plant")
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/beds/<int:pk>/", views.Beds.as_view()),
    path("api/beds/<int:pk>/move/<int:plant>/", views.move),
    path("api/orders/", views.Orders.as_view()),
    path("api/leaves/", views.Leaves.as_view()),
    path("api/leaves/first/", views.first),
    path("api/choices/", views.choices),
    path("api/deep/", views.Deep.as_view()),
]
"""

OWN_SETTINGS = """
SHOP = "https://garden.example"
LIMITS = [3, 40]
MAX_PLANTS = 4
"""

MODELS = """
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count


class Bed(models.Model):
    name = models.CharField(max_length=20)
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="beds"
    )
    guests = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="visits")
    open = models.BooleanField(default=True)

    def close(self):
        if not self.open:
            raise ValidationError("The bed is closed.")
        self.open = False
        self.save()


class PlantQuerySet(models.QuerySet):
    def alive(self):
        return self.filter(spare=None)

    def counted(self):
        return self.annotate(leaf_count=Count("leaves")).order_by("id")


class Plant(models.Model):
    name = models.CharField(max_length=20)
    height = models.PositiveSmallIntegerField(default=1)
    bed = models.ForeignKey(Bed, on_delete=models.CASCADE, related_name="plants")
    spare = models.ForeignKey(Bed, null=True, blank=True, on_delete=models.SET_NULL, related_name="spares")

    objects = PlantQuerySet.as_manager()

    class Meta:
        ordering = ["id"]


class Leaf(models.Model):
    class Shape(models.TextChoices):
        ROUND = "r", "Round"
        LONG = "l", "Long"

    SIZES = (("s", "Small"), ("b", "Big"))
    LIMIT = 3

    shape = models.CharField(max_length=1, choices=Shape.choices, default=Shape.ROUND)
    plant = models.ForeignKey(Plant, on_delete=models.CASCADE, related_name="leaves")
    graft = models.ForeignKey(Plant, null=True, on_delete=models.SET_NULL, related_name="grafts")

    class Meta:
        ordering = ["-graft", "plant__name", "-id"]
"""

VIEWS = """
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError as Invalid
from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from rest_framework import filters, generics, serializers, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from things.models import Bed, Leaf, Plant


class Keeps(BasePermission):
    def has_object_permission(self, request, view, obj):
        if request.method == "GET":
            return True
        keeper = getattr(obj, "owner", None) or getattr(obj, "keeper", None)
        return keeper is None or keeper == request.user


class PlantSerializer(serializers.ModelSerializer):
    leaf_count = serializers.IntegerField(read_only=True)
    link = serializers.SerializerMethodField()

    class Meta:
        model = Plant
        fields = ["id", "name", "height", "bed", "spare", "leaf_count", "link"]

    def get_link(self, obj):
        return f"{settings.SHOP}/{obj.pk}"

    def validate_height(self, value):
        if value > getattr(settings, "LIMITS", [])[1]:
            raise serializers.ValidationError(f"At most {settings.LIMITS[1]}.")
        return value

    def validate(self, attrs):
        bed = attrs.get("spare") or self.instance.bed if self.instance else attrs["bed"]
        if not bed.open:
            raise serializers.ValidationError({"bed": "It is closed."})
        attrs["name"] = attrs.get("name", "").title() or "Nameless"
        return attrs


class ShortSerializer(serializers.ModelSerializer):
    class Meta:
        model = Plant
        fields = ["id", "name"]


class Plants(viewsets.ModelViewSet):
    filter_backends = [filters.OrderingFilter]

    def get_serializer_class(self):
        return ShortSerializer if self.action == "list" else PlantSerializer

    def get_queryset(self):
        found = Plant.objects.counted()
        if self.request.query_params.get("alive"):
            found = found.alive()
        return found

    def perform_create(self, serializer):
        if serializer.validated_data["bed"].plants.count() >= settings.MAX_PLANTS:
            raise PermissionDenied("The bed is full.")
        serializer.save()

    def perform_update(self, serializer):
        if serializer.instance.height > 20 and "height" in self.request.data:
            raise PermissionDenied(f"{serializer.instance.name} is grown up.")
        serializer.save()

    @action(detail=True)
    def shown(self, request, pk=None):
        return Response(self.get_serializer(self.get_object()).data)


class BedSerializer(serializers.ModelSerializer):
    plants = serializers.IntegerField(source="plants.count", read_only=True)
    visitors = serializers.ReadOnlyField(source="guests.count")

    class Meta:
        model = Bed
        fields = ["id", "name", "open", "plants", "visitors"]


class Beds(generics.RetrieveUpdateDestroyAPIView):
    queryset = Bed.objects.order_by("id")
    serializer_class = BedSerializer
    permission_classes = [Keeps]

    def delete(self, request, *args, **kwargs):
        bed = self.get_object()
        plants = bed.spares.all()
        if plants:
            return Response({"plants": [plant.name for plant in plants]}, status=409)
        try:
            bed.close()
        except Invalid as error:
            return Response({"detail": error.message}, status=400)
        return Response(BedSerializer(bed).data)


@api_view(["POST"])
@transaction.atomic
def move(request, pk, plant):
    bed = get_object_or_404(Bed, pk=pk)
    found = get_object_or_404(Plant, pk=plant)
    if found in bed.plants.all():
        return Response({"there": True})
    leaf, made = Leaf.objects.select_for_update().filter(shape="l").get_or_create(
        plant=found, shape="l", defaults={"graft": found}
    )
    Leaf.objects.filter(plant=found).update_or_create(plant=found, pk=leaf.pk, defaults={"shape": "r"})
    found.bed = bed
    found.save()
    return Response({"there": False})


class SpareSerializer(serializers.ModelSerializer):
    spare_name = serializers.CharField(source="spare.name", default="none")

    class Meta:
        model = Plant
        fields = ["id", "spare_name"]


class DeepSerializer(serializers.ModelSerializer):
    plants = SpareSerializer(many=True)

    class Meta:
        model = Bed
        fields = ["id", "plants", "spares"]


class LeafSerializer(serializers.ModelSerializer):
    class Meta:
        model = Leaf
        fields = ["id", "plant", "graft"]


class Leaves(generics.ListAPIView):
    queryset = Leaf.objects.select_related("plant")
    serializer_class = LeafSerializer


class Deep(generics.ListAPIView):
    queryset = Bed.objects.order_by("id").prefetch_related(
        Prefetch("plants", queryset=Plant.objects.select_related("spare")),
        Prefetch("spares"),
    )
    serializer_class = DeepSerializer


@api_view(["GET"])
def first(request):
    found = Leaf.objects.filter(plant__height__gte=0).first()
    return Response({"first": found.pk if found else None, "some": [x.pk for x in Leaf.objects.all()[:3]]})


@api_view(["GET"])
def choices(request):
    counts = {shape: Leaf.objects.filter(shape=shape).count() for shape in Leaf.Shape.values}
    return Response({
        "shapes": [{"value": value, "label": label} for value, label in Leaf.Shape.choices],
        "sizes": dict(Leaf.SIZES),
        "limit": Leaf.LIMIT,
        "year": int(request.query_params.get("year", date.today().year)),
        "labels": Leaf.Shape.labels,
        "counts": counts,
    })


class OrderSerializer(serializers.Serializer):
    name = serializers.CharField()
    again = serializers.CharField(default="")

    def validate(self, data):
        if data["name"] == data.pop("again"):
            raise serializers.ValidationError("Say another.")
        data["bed"] = Bed.objects.filter(name__icontains=data["name"]).order_by("id").first()
        return data


class Orders(generics.GenericAPIView):
    serializer_class = OrderSerializer

    def post(self, request):
        serializer = OrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        bed = serializer.validated_data["bed"]
        if bed is None:
            return Response({"detail": "No such bed."}, status=404)
        return Response({"name": serializer.validated_data["name"], "bed": bed.name})
"""


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "garden", {**texts, "settings.py": SETTINGS + OWN_SETTINGS})


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_what_many_bodies_do_answers_as_before(
    server: str, garden: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/garden.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_usual_code")
    conversion = converted(garden, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    assert "MAX_PLANTS = 4" in (tmp_path / "api/app/constants.py").read_text()
    ids = [e["id"] for e in conversion["endpoints"]]
    evidence = verified(garden, tmp_path, *ids, "--cases", "15", DATABASE_URL=url)
    assert not_equal(evidence) == []
