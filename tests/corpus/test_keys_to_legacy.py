"""A key to rows that stay on Django is a column: what looks no further converts, all else stays."""

from pathlib import Path
from typing import Any

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Loud(models.CharField):
    def get_attname(self):
        return super().get_attname()


class Owner(models.Model):
    name = Loud(max_length=20, unique=True)


class Kind(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE, null=True, blank=True)
    name = models.CharField(max_length=20, unique=True)


class Thing(models.Model):
    name = models.CharField(max_length=20)
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE, null=True, blank=True, related_name="things")
    kind = models.ForeignKey(Kind, on_delete=models.CASCADE, null=True, blank=True)
    friends = models.ManyToManyField(Owner, related_name="friends", blank=True)

    class Meta:
        ordering = ["name", "id"]
        unique_together = [("owner", "name")]

    @property
    def whose(self):
        return self.owner.name if self.owner else "nobody"

    @property
    def number(self):
        return f"{self.name} of {self.owner_id}"


class ByName(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.SET_NULL, null=True, to_field="name", related_name="+")


class Sorted(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE)
    name = models.CharField(max_length=20, default="x")

    class Meta:
        ordering = ["owner", "id"]
"""

VIEWS = """
from rest_framework import filters, generics, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from things.models import Kind, Owner, Sorted, Thing


class Plain(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "name", "kind", "number"]


class WithId(serializers.ModelSerializer):
    owner_id = serializers.IntegerField(read_only=True)

    class Meta:
        model = Thing
        fields = ["id", "name", "owner_id"]


class WithKey(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "name", "owner"]


class WithFriends(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "name", "friends"]


class Whose(serializers.ModelSerializer):
    class Meta:
        model = Thing
        fields = ["id", "whose"]


class OwnerName(serializers.ModelSerializer):
    who = serializers.CharField(source="owner.name", read_only=True)

    class Meta:
        model = Thing
        fields = ["id", "who"]


class KindSerializer(serializers.ModelSerializer):
    class Meta:
        model = Kind
        fields = ["id", "name"]


class SortedSerializer(serializers.ModelSerializer):
    class Meta:
        model = Sorted
        fields = ["id", "name"]


class Things(viewsets.ModelViewSet):
    queryset = Thing.objects.all()
    serializer_class = Plain
    filter_backends = [filters.OrderingFilter]
    ordering_fields = ["name", "id"]

    @action(detail=False)
    def mine(self, request):
        return Response(Plain(Thing.objects.filter(owner_id__gte=1), many=True).data)

    @action(detail=False)
    def none(self, request):
        return Response(Plain(Thing.objects.filter(owner__isnull=True), many=True).data)

    @action(detail=False)
    def named(self, request):
        return Response(Plain(Thing.objects.filter(owner__name="A"), many=True).data)

    @action(detail=False)
    def joined(self, request):
        return Response(Plain(Thing.objects.select_related("owner"), many=True).data)

    @action(detail=False)
    def values(self, request):
        return Response(list(Thing.objects.values()))

    @action(detail=False)
    def values2(self, request):
        return Response(list(Thing.objects.values("owner", "name")))

    @action(detail=False, methods=["post"])
    def make(self, request):
        thing = Thing.objects.create(name="made", owner_id=None)
        return Response(Plain(thing).data)

    @action(detail=False, methods=["post"])
    def make2(self, request):
        thing = Thing.objects.create(name="made", owner=Owner.objects.first())
        return Response(Plain(thing).data)

    @action(detail=True, methods=["post"])
    def give(self, request, pk=None):
        thing = self.get_object()
        thing.owner = None
        thing.save()
        return Response(WithId(thing).data)

    @action(detail=True, methods=["post"])
    def give2(self, request, pk=None):
        thing = self.get_object()
        thing.owner_id = None
        thing.save()
        return Response(WithId(thing).data)


class Ids(generics.ListCreateAPIView):
    queryset = Thing.objects.order_by("owner_id", "id")
    serializer_class = WithId


class Keys(generics.ListCreateAPIView):
    queryset = Thing.objects.all()
    serializer_class = WithKey


class Friends(generics.ListCreateAPIView):
    queryset = Thing.objects.all()
    serializer_class = WithFriends


class Whoses(generics.ListAPIView):
    queryset = Thing.objects.all()
    serializer_class = Whose


class Names(generics.ListAPIView):
    queryset = Thing.objects.all()
    serializer_class = OwnerName


class Kinds(viewsets.ModelViewSet):
    queryset = Kind.objects.all().order_by("id")
    serializer_class = KindSerializer


class SortedView(viewsets.ModelViewSet):
    queryset = Sorted.objects.all()
    serializer_class = SortedSerializer
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("things", views.Things)
router.register("kinds", views.Kinds)
router.register("sorted", views.SortedView)
urlpatterns = [
    path("", include(router.urls)),
    path("ids/", views.Ids.as_view()),
    path("keys/", views.Keys.as_view()),
    path("friends/", views.Friends.as_view()),
    path("whoses/", views.Whoses.as_view()),
    path("names/", views.Names.as_view()),
]
"""

# What asks for rows of the model that stays, or for the relation itself.
STAYING = {
    "GET /things/joined/": "Q123", "GET /things/named/": "Q120", "GET /things/none/": "Q120",
    "GET /things/values2/": "Q120", "POST /things/make2/": "M105",
    "POST /things/{pk}/give/": "B120", "GET /keys/": "S102", "POST /keys/": "S102",
    "GET /friends/": "S102", "POST /friends/": "S102", "GET /whoses/": "B120", "GET /names/": "S105",
    "GET /sorted/": "Q111", "GET /sorted/{pk}/": "Q111", "PUT /sorted/{pk}/": "Q111",
    "PATCH /sorted/{pk}/": "Q111", "DELETE /sorted/{pk}/": "Q111",
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "legacy", files)


def _different(report: dict[str, Any]) -> list[Any]:
    """A row cannot be made where only its key, which stays, would do."""
    return [found for found in not_equal(report) if found[0] != "POST /sorted/"]


def test_what_looks_no_further_than_the_key_converts(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    models = {m["name"]: m["reasons"][0]["code"] for m in conversion["models"] if m["reasons"]}
    assert models == {"things.Owner": "M105", "things.ByName": "M107"}
    drf = [e for e in conversion["endpoints"] if e["kind"] == "drf"]
    assert {e["id"]: e["reasons"][0]["code"] for e in drf if e["reasons"]} == STAYING
    assert _different(verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)) == []


def test_the_key_is_the_same_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_keys_to_legacy")
    converted(project, tmp_path, DATABASE_URL=url)
    assert _different(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
