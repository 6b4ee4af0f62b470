"""Handlers that the project wrote answer as before and write the same rows."""

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
router.register("crates", views.Crates, basename="crate")
router.register("items", views.Items, basename="item")
router.register("plain", views.PlainItems, basename="plain-item")
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/summaries/<int:crate_id>/", views.Summary.as_view(), name="summary"),
    path("api/total/", views.total, name="total"),
    path("api/weights/<str:name>/<int:least>/", views.weights),
]
"""

MODELS = """
from django.db import models


class Crate(models.Model):
    name = models.CharField(max_length=30)
    closed = models.BooleanField(default=False)
    owner = models.CharField(max_length=30, default="nobody")


class Item(models.Model):
    crate = models.ForeignKey(Crate, related_name="items", on_delete=models.CASCADE)
    name = models.CharField(max_length=30)
    weight = models.IntegerField(default=1)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)

    class Meta:
        ordering = ["-weight", "id"]
"""

VIEWS = """
from django.db.models import Avg, Count, F, Max, Sum
from rest_framework import serializers, status, viewsets
from django.shortcuts import get_object_or_404
from rest_framework.decorators import action, api_view, parser_classes
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Crate, Item


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["id", "crate", "name", "weight", "price"]


class CrateSerializer(serializers.ModelSerializer):
    load = serializers.SerializerMethodField()
    heavy = serializers.SerializerMethodField()

    class Meta:
        model = Crate
        fields = ["id", "name", "closed", "owner", "load", "heavy"]

    def get_load(self, obj):
        found = obj.items.aggregate(
            Sum("weight"), Max("name"), mean=Avg("weight"), price=Sum("price"), n=Count("id")
        )
        return [found["weight__sum"], found["name__max"], found["mean"], found["price"], found["n"]]

    def get_heavy(self, obj):
        first = obj.items.filter(weight__gt=1).first()
        return first.name if first is not None else None


class NameSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=8)
    times = serializers.IntegerField(required=False, min_value=1, max_value=3)
    owner = serializers.CharField(default="somebody")


class Crates(viewsets.ModelViewSet):
    queryset = Crate.objects.order_by("id")
    serializer_class = CrateSerializer

    def create(self, request, *args, **kwargs):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        headers = self.get_success_headers(serializer.data)
        return Response(serializer.data, status=status.HTTP_201_CREATED, headers=headers)

    @action(detail=True, methods=["post"])
    def rename(self, request, pk=None):
        crate = self.get_object()
        serializer = NameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        times = serializer.validated_data.get("times") or 1
        crate.name = serializer.validated_data["name"] * times
        crate.owner = serializer.validated_data["owner"]
        crate.save(update_fields=["name", "owner"])
        return Response(CrateSerializer(crate).data)

    @action(detail=True, methods=["post"])
    def close(self, request, pk=None):
        crate = self.get_object()
        serializer = self.get_serializer(crate, data=request.data, partial=True)
        if serializer.is_valid():
            serializer.save(closed=True)
            return Response(serializer.data)
        return Response(serializer.errors, status=status.HTTP_400_BAD_REQUEST)

    @action(detail=False, methods=["post"])
    def later(self, request):
        number = Crate.objects.count()
        serializer = CrateSerializer(data=request.data)
        if not serializer.is_valid():
            return Response(serializer.errors, status=400)
        crate = serializer.save(owner=f"number {number}")
        return Response({"id": crate.id, "owner": crate.owner}, status=201)


    @action(detail=True, methods=["post"])
    def fill(self, request, pk=None):
        crate = self.get_object()
        serializer = NameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        name = serializer.validated_data["name"]
        number = Item.objects.filter(crate=crate, weight__lt=3).update(weight=F("weight") + 2, name=name)
        made = Item.objects.create(crate=crate, name=name)
        total = 0
        for item in crate.items.filter(weight__gt=0):
            total += item.weight
        crate.closed = True
        again = Crate.objects.get(pk=crate.pk)
        return Response(
            {"n": number, "id": made.id, "price": made.price, "total": total, "was": again.closed}
        )


class Summary(APIView):
    def get(self, request, crate_id):
        crate = get_object_or_404(Crate, pk=crate_id)
        items = Item.objects.filter(crate_id=crate_id, weight__gte=1)
        return Response({"crate": crate.name, "id": crate_id, "items": items.count()})

    def put(self, request, crate_id, format=None):
        crate = get_object_or_404(Crate.objects.filter(closed=False), id=crate_id)
        serializer = NameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        crate.name = serializer.validated_data["name"]
        crate.save()
        return Response(CrateSerializer(crate).data, status=status.HTTP_202_ACCEPTED)


@api_view(["GET", "POST"])
@parser_classes([JSONParser])
def total(request):
    if request.method == "GET":
        return Response(Item.objects.aggregate(n=Count("id"), weight=Sum("weight")))
    serializer = ItemSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    item = serializer.save()
    return Response({"id": item.id, "price": item.price})


@api_view()
def weights(request, name, least):
    found = Item.objects.filter(weight__gte=least).exclude(name=name).order_by("id")
    return Response(ItemSerializer(found, many=True).data)


class Items(viewsets.ModelViewSet):
    queryset = Item.objects.all()
    serializer_class = ItemSerializer


class PlainItems(viewsets.GenericViewSet):
    queryset = Item.objects.all()
    serializer_class = ItemSerializer

    def list(self, request):
        return Response(ItemSerializer(self.get_queryset().order_by("id")[:3], many=True).data)

    def retrieve(self, request, pk=None):
        return Response(self.get_serializer(self.get_object()).data)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "legacy", files)


def test_handlers_answer_as_before_on_sqlite(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "8", DATABASE_URL=url)) == []


def test_handlers_answer_as_before_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_handlers")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
