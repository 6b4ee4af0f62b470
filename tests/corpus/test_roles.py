"""Users told apart by columns and groups of the project's own, and rows by texts that code knows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "settings.py": SETTINGS.replace('"DEFAULT_AUTHENTICATION_CLASSES": []', "")
    + """
AUTH_USER_MODEL = "things.Person"
REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = [
    "rest_framework.authentication.BasicAuthentication"
]
""",
    "urls.py": """
from django.urls import path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("orders", views.Orders)
router.register("shops", views.Shops)
urlpatterns = [
    path("editors/", views.editors),
    path("nights/", views.nights),
    path("rights/", views.rights),
    path("managers/", views.managers),
    path("orders/<int:pk>/rate/", views.Rated.as_view()),
    *router.urls,
]
""",
    "things/models.py": """
from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    role = models.CharField(max_length=10, choices=[("editor", "E"), ("reader", "R")], default="reader")
    trusted = models.BooleanField(default=False)
    shift = models.CharField(max_length=10, blank=True)


class Shop(models.Model):
    owner = models.OneToOneField(Person, models.CASCADE)
    place = models.JSONField(null=True, blank=True)


class Order(models.Model):
    state = models.CharField(max_length=20, default="new")
    rating = models.DecimalField(max_digits=3, decimal_places=2, default=0)

    class Meta:
        ordering = ["id"]
""",
    "things/views.py": """
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Order, Shop


class IsEditor(BasePermission):
    def has_permission(self, request, view):
        return request.user.is_authenticated and request.user.role == "editor" and not request.user.trusted


class IsManager(BasePermission):
    def has_permission(self, request, view):
        if request.method == "GET":
            return True
        return request.user.groups.filter(name="Managers").exists()


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = "__all__"


class ShopSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shop
        fields = "__all__"


class Orders(viewsets.ModelViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    permission_classes = [IsEditor]

    def destroy(self, request, *args, **kwargs):
        order = self.get_object()
        if order.state == "shipped":
            return Response({"detail": "on its way"}, status=status.HTTP_409_CONFLICT)
        order.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class Shops(viewsets.ModelViewSet):
    queryset = Shop.objects.order_by("id")
    serializer_class = ShopSerializer
    permission_classes = [IsManager]


class Rated(APIView):
    permission_classes = [IsAuthenticated]

    def found(self, pk):
        return Order.objects.filter(pk=pk).first()

    def post(self, request, pk):
        order = self.found(pk)
        if order is None:
            return Response(status=404)
        order.rating = request.data.get("rating", "1")
        order.save()
        return Response(OrderSerializer(order).data)


@api_view(["GET"])
@permission_classes([IsEditor])
def editors(request):
    return Response({"open": Order.objects.filter(state="open").count()})


@api_view(["GET"])
@permission_classes([IsAuthenticated])
def nights(request):
    if request.user.shift != "night":
        return Response({"detail": "come back later"}, status=403)
    return Response({"orders": Order.objects.count()})


@api_view(["GET"])
def rights(request):
    rights = request.user.user_permissions.values_list("codename", flat=True)
    return Response({"groups": [group.name for group in request.user.groups.all()], "rights": list(rights)})


@api_view(["GET"])
@permission_classes([IsAuthenticated])
def managers(request):
    if not request.user.groups.filter(name="Managers").exists():
        return Response({"detail": "for managers"}, status=403)
    return Response({"managers": True})
""",
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_role_is_seen(tmp_path: Path, postgres: Cluster, database: str) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    if database == "postgresql":
        url = postgres.new_database("roles")
    project = small_project(tmp_path / "legacy", FILES)
    subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "things"],
        cwd=project, env={**os.environ, "DATABASE_URL": url}, check=True, capture_output=True,
    )  # fmt: skip
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "25", DATABASE_URL=url)) == []
