"""`get_permissions` that looks at the request is carried, or keeps its endpoint on legacy."""

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=20)
    open = models.BooleanField(default=False)
"""

VIEWS = """
from functools import partial

from django.shortcuts import get_object_or_404
from rest_framework import generics, permissions, serializers

from .models import Shelf


class ShelfSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shelf
        fields = ["id", "name"]


class OnShelf(permissions.BasePermission):
    def __init__(self, rows):
        self.rows = rows

    def has_permission(self, request, view):
        return self.rows.filter(id=view.kwargs["pk"], name="mine").exists()


class Counting(permissions.BasePermission):
    def __init__(self, rows):
        self.number = rows.count()


class Base(generics.RetrieveAPIView):
    queryset = Shelf.objects.all()
    serializer_class = ShelfSerializer

    @property
    def shelf(self):
        return get_object_or_404(Shelf, pk=self.kwargs["pk"])


class Chosen(Base):
    def get_permissions(self):
        if self.shelf.open:
            self.permission_classes = [permissions.IsAuthenticated]
        else:
            self.permission_classes = [permissions.IsAdminUser | partial(OnShelf, self.queryset)]
        return super().get_permissions()


class Named(Base):
    permission_classes = [permissions.IsAdminUser]

    def get_permissions(self):
        if "all" in self.request.headers.get("X-Wanted", ""):
            return super().get_permissions()
        return [permissions.AllowAny()]


class Unknown(Base):
    def get_permissions(self):
        if self.shelf.open:
            return [permissions.AllowAny()]
        return [each() for each in self.found()]

    def found(self):
        return [permissions.IsAdminUser]


class Nothing(Base):
    def get_permissions(self):
        if self.shelf.open:
            return [permissions.AllowAny()]


class Classes(Base):
    def get_permissions(self):
        if self.shelf.open:
            return [permissions.AllowAny()]
        return [permissions.IsAdminUser]


class Counted(Base):
    def get_permissions(self):
        if self.shelf.open:
            return [permissions.AllowAny()]
        return [Counting(self.queryset)]


class Above(Chosen):
    def get_permissions(self):
        if self.shelf.name == "x":
            return [permissions.AllowAny()]
        return super().get_permissions()
"""

NAMES = ("chosen", "named", "unknown", "nothing", "classes", "counted", "above")
URLS = "from django.urls import path\nfrom things import views\nurlpatterns = [\n"
URLS += "".join(f'    path("{n}/<int:pk>/", views.{n.title()}.as_view()),\n' for n in NAMES) + "]\n"


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    files = {"things/models.py": MODELS, "things/views.py": VIEWS, "urls.py": URLS}
    return legacy_project(tmp_path_factory.mktemp("things"), files).convert()


def test_what_a_hook_assigns_is_what_the_class_chooses(things: Converted) -> None:
    assert things.converted("GET /chosen/{pk}/")
    text = things.function("app.things.permissions", "ChosenPermissions")
    assert "if shelf(context.session, pk).open:\n            return [IsAuthenticated]" in text
    assert "return [(IsAdminUser | OnShelfForShelf)]" in text
    assert "permissions=[ChosenPermissions]" in things.module("app.things.routers")


def test_arguments_of_a_permission_stand_in_its_methods(things: Converted) -> None:
    text = things.function("app.things.permissions", "OnShelfForShelf")
    assert "select(Shelf).where" in text
    assert 'int(context.request.path_params["pk"])' in text


def test_the_hook_of_the_framework_gives_what_the_class_sets(things: Converted) -> None:
    text = things.function("app.things.permissions", "NamedPermissions")
    assert "return [IsAdminUser]" in text
    assert text.endswith("return [AllowAny]")


@pytest.mark.parametrize("name", NAMES[2:])
def test_a_hook_that_gives_something_unknown_stays(name: str, things: Converted) -> None:
    assert things.codes(f"GET /{name}/{{pk}}/") in (["E103"], ["E102"], ["P105"])
