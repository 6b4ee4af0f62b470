"""Functions of two apps that one module needs have names of their own there."""

import ast
from pathlib import Path

from tests.codemods.project import legacy_project

MODELS = """
from django.db import models


class {name}(models.Model):
    title = models.CharField(max_length=20)

    class Meta:
        verbose_name_plural = "things"
"""
VIEWS = """
from rest_framework import generics, serializers

from left.models import Left
from right.models import Right


class LeftSerializer(serializers.ModelSerializer):
    class Meta:
        model = Left
        fields = ["id", "title"]


class RightSerializer(serializers.ModelSerializer):
    class Meta:
        model = Right
        fields = ["id", "title"]


class Lefts(generics.ListAPIView):
    serializer_class = LeftSerializer

    def get_queryset(self):
        return Left.objects.filter(title__gt="a").order_by("id")


class Rights(generics.ListAPIView):
    serializer_class = RightSerializer

    def get_queryset(self):
        return Right.objects.filter(title__gt="b").order_by("id")
"""
URLS = """
from django.urls import path
from left import views

urlpatterns = [path("lefts/", views.Lefts.as_view()), path("rights/", views.Rights.as_view())]
"""


def test_no_module_imports_one_name_from_two(tmp_path: Path) -> None:
    files = {"left/models.py": MODELS.format(name="Left"), "left/views.py": VIEWS, "urls.py": URLS}
    files["right/models.py"] = MODELS.format(name="Right")
    done = legacy_project(tmp_path, files).convert()
    assert done.converted("GET /lefts/")
    assert done.converted("GET /rights/")
    for text in done.generated.values():
        imports = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ImportFrom)]
        names = [alias.asname or alias.name for node in imports for alias in node.names]
        assert sorted(names) == sorted(set(names))


SERVICE = """
from left.models import Left


def rename_left(left, title):
    left.title = title
    left.save()
    return left
"""
CALLER = """
from django.urls import path
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from left.models import Left
from left.services import rename_left


class LeftSerializer(serializers.ModelSerializer):
    class Meta:
        model = Left
        fields = ["id", "title"]


class LeftViewSet(viewsets.GenericViewSet):
    serializer_class = LeftSerializer
    queryset = Left.objects.order_by("id")

    @action(detail=True, methods=["post"])
    def rename(self, request, pk=None):
        left = rename_left(self.get_object(), "new")
        return Response(LeftSerializer(left).data)
"""
ROUTES = """
from django.urls import path
from left.views import LeftViewSet

urlpatterns = [path("lefts/<int:pk>/rename/", LeftViewSet.as_view({"post": "rename"}))]
"""


def test_a_service_keeps_its_name_before_an_endpoint(tmp_path: Path) -> None:
    files = {"left/models.py": MODELS.format(name="Left"), "left/services.py": SERVICE}
    files |= {"left/views.py": CALLER, "urls.py": ROUTES}
    done = legacy_project(tmp_path, files).convert()
    assert done.converted("POST /lefts/{pk}/rename/")
    assert "def rename_left(session: Session, left: Left" in done.generated["app/left/services.py"]
    assert "async def rename_left_endpoint(" in done.generated["app/left/routers.py"]
