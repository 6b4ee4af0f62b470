"""Handlers that answer in several ways do so in the new app: their statuses, errors and helpers."""

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
router.register("boxes", views.Boxes)
LID = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy", "post": "shut"}
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/sums/<int:one>/<int:other>/", views.Sums.as_view()),
    path("api/crumbs/<int:least>/", views.Crumbs.as_view()),
    path("api/jars/", views.Jars.as_view()),
    path("api/jars/<int:pk>/", views.OneJar.as_view()),
    path("api/jars/<int:jar_id>/pots/", views.Pots.as_view()),
    path("api/jars/<int:jar_id>/lids/", views.Lids.as_view({"get": "list", "post": "create"})),
    path("api/jars/<int:jar_id>/lids/<int:pk>/", views.Lids.as_view(LID)),
]
"""

MODELS = """
from django.db import models


class Jar(models.Model):
    name = models.CharField(max_length=20)
    size = models.IntegerField(default=1)

    def __str__(self):
        return self.name


class Pot(models.Model):
    jar = models.ForeignKey(Jar, on_delete=models.CASCADE, related_name="pots")
    inside = models.ForeignKey(Jar, null=True, blank=True, on_delete=models.SET_NULL)
    label = models.CharField(max_length=20, unique=True)

    def __str__(self):
        return f"{self.label} of {self.jar.name}"


class Lid(models.Model):
    jar = models.ForeignKey(Jar, on_delete=models.CASCADE, related_name="lids")
    name = models.CharField(max_length=20)
    shut = models.BooleanField(default=False)
"""

VIEWS = """
from django.conf import settings
from django.http import Http404
from django.core.exceptions import ValidationError
from rest_framework import generics, serializers, status, viewsets
from django.shortcuts import get_object_or_404
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Jar, Lid, Pot


class JarSerializer(serializers.ModelSerializer):
    size = serializers.IntegerField(min_value=0, max_value=9, required=False)

    class Meta:
        model = Jar
        fields = ["id", "name", "size"]


class PotSerializer(serializers.ModelSerializer):
    class Meta:
        model = Pot
        fields = ["id", "label", "inside"]


class SmallJars(BasePermission):
    def has_object_permission(self, request, view, obj):
        if isinstance(obj, Jar):
            return obj.size < 100
        return False


class NotInItself(BasePermission):
    def has_object_permission(self, request, view, obj):
        inside = getattr(obj, "inside", None)
        if not inside:
            return True
        return inside.size != obj.jar.size


def wanted_size(request, least):
    given = request.query_params.get("size", "")
    return int(given) if given.isdigit() and len(given) < 4 else least


class Jars(APIView):
    def get(self, request):
        size = wanted_size(request, least=0)
        jars = Jar.objects.filter(size__gte=size).order_by("id")
        if "short" in request.query_params:
            return Response({"size": size, "jars": jars.count()}, status=status.HTTP_203_NON_AUTHORITATIVE_INFORMATION)
        return Response(JarSerializer(jars, many=True).data)

    def post(self, request):
        serializer = JarSerializer(data=request.data)
        if serializer.is_valid():
            if serializer.validated_data["name"] == "none":
                return Response(status=status.HTTP_204_NO_CONTENT)
            jar = serializer.save()
            print("made", jar)
            return Response({"made": serializer.data}, status=status.HTTP_201_CREATED)
        return Response({"wrong": serializer.errors}, status=status.HTTP_422_UNPROCESSABLE_ENTITY)


class OneJar(APIView):
    def get_object(self, pk):
        try:
            return Jar.objects.get(pk=pk)
        except Jar.DoesNotExist:
            raise Http404

    def get(self, request, pk, format=None):
        jar = self.get_object(pk)
        return Response(JarSerializer(jar).data)

    def put(self, request, pk):
        jar = self.get_object(pk)
        serializer = JarSerializer(jar, data=request.data)
        if not serializer.is_valid():
            return Response({"errors": serializer.errors}, status=400)
        serializer.save()
        return Response(serializer.data)

    def delete(self, request, pk):
        jar = self.get_object(pk)
        if jar.pots.exists():
            return Response({"detail": "It holds pots."}, status=409)
        jar.delete()
        return Response(status=204)


class Pots(generics.ListAPIView):
    serializer_class = PotSerializer
    permission_classes = [SmallJars | NotInItself]

    def get_queryset(self, *args, **kwargs):
        jar_id = self.kwargs.get("jar_id", None)
        if jar_id is None or self.kwargs.get("other", 1) is None:
            return Pot.objects.none()
        return Pot.objects.filter(jar_id=jar_id).order_by("id")


class LidSerializer(serializers.ModelSerializer):
    class Meta:
        model = Lid
        fields = ["id", "jar", "name", "shut"]

    def validate_name(self, value):
        view = self.context.get("view")
        if view and hasattr(view, "kwargs"):
            if Lid.objects.filter(jar_id=view.kwargs.get("jar_id"), name=value).exists():
                raise serializers.ValidationError("There is such a lid.")
        return value


class OfJar(viewsets.ModelViewSet):
    def create(self, request, *args, **kwargs):
        request.data["jar"] = self.kwargs["jar_id"]
        try:
            response = super().create(request, args, kwargs)
        except ValidationError as err:
            response = Response({"detail": err.messages}, status=status.HTTP_400_BAD_REQUEST)
        return response

    def update(self, request, *args, **kwargs):
        if request.data.get("name") == "fixed":
            raise PermissionDenied("It is fixed.")
        return super().update(request, *args, **kwargs)

    def perform_create(self, serializer):
        serializer.save(shut=True)


class Lids(OfJar):
    queryset = Lid.objects.order_by("id")
    serializer_class = LidSerializer

    def create(self, request, *args, **kwargs):
        if "none" in request.query_params:
            return Response({"made": None}, status=202)
        return super().create(request, *args, **kwargs)

    def destroy(self, request, *args, **kwargs):
        lid = self.get_object()
        if lid.shut:
            return Response({"detail": "It is shut."}, status=409)
        return super().destroy(request, *args, **kwargs)

    def list(self, request, *args, **kwargs):
        if self.kwargs["jar_id"] == 1000:
            return Response([], status=203)
        return super().list(request, *args, **kwargs)

    def shut(self, request, jar_id, pk=None):
        if request.query_params.get("dry"):
            return Response({"would": pk}, status=202)
        lid = self.get_object()
        lid.shut = True
        lid.save()
        return Response(self.get_serializer(lid).data)


class Sums(APIView):
    @staticmethod
    def _sum(one, other):
        return one + other

    def get(self, request, *, one: int, other: int):
        pot = Pot.objects.order_by("id").first()
        if pot is None:
            return Response({"sum": self._sum(one, other), "twice": self._sum(one, one)})
        print(pot)
        return Response({"sum": self._sum(one, other), "pot": f"{pot}!", "text": str(pot)})


class Crumbs(APIView):
    def get(self, request, least: int):
        response = Response({"zone": settings.TIME_ZONE, "least": least}, status=203)
        response.set_cookie("least", least)
        response.set_cookie("least", "a b", max_age=60, httponly=True, samesite="Strict")
        response.set_cookie("plain", "x", path="/api/", domain="example.com", secure=True)
        if least > 2:
            response.delete_cookie("plain", path="/api/")
        response.delete_cookie(settings.CSRF_COOKIE_NAME, samesite="None")
        if least > 40:
            response.set_cookie("odd", "x", samesite="any")
        return response


class Boxes(viewsets.ReadOnlyModelViewSet):
    queryset = Jar.objects.order_by("id")
    serializer_class = JarSerializer

    def get_object(self):
        return get_object_or_404(self.queryset, pk=self.kwargs[self.lookup_field])

    @action(detail=True, methods=["post"])
    def mark(self, request, pk=None):
        jar = self.get_object()
        if isinstance(request.data, list):
            return Response({"list": len(jar.name)}, status=202)
        return Response({"name": jar.name}, status=201)

    @mark.mapping.delete
    def unmark(self, request, pk=None):
        jar = self.get_object()
        jar.size = 0
        jar.save(update_fields=["size"])
        return Response(status=204)
"""


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "kitchen", {**texts, "settings.py": SETTINGS})


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_ways_to_answer_are_those_of_before(
    server: str, kitchen: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/kitchen.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_ways_to_answer")
    conversion = converted(kitchen, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    text = (tmp_path / "api/app/things/routers.py").read_text()
    assert 'return Response({"wrong": data.detail}, status=422)' in text
    evidence = verified(kitchen, tmp_path, "--cases", "30", DATABASE_URL=url)
    assert not_equal(evidence) == []
