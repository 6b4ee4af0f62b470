"""Permissions that would ask something else in the new app keep their endpoints on legacy."""

from pathlib import Path

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=20)


class Box(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)
    label = models.FileField(upload_to="labels/")
"""

VIEWS = """
from django.conf import settings
from django.shortcuts import get_object_or_404
from rest_framework import generics, permissions, serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Box, Shelf


class ShelfSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shelf
        fields = ["id", "name"]


class BoxSerializer(serializers.ModelSerializer):
    class Meta:
        model = Box
        fields = ["id", "label"]


class ByAction(permissions.BasePermission):
    def has_permission(self, request, view):
        return view.action == "list"


class ByPath(permissions.BasePermission):
    def has_permission(self, request, view):
        return view.kwargs["number"] != "1"


class BySetting(permissions.BasePermission):
    name = settings.ROOT_URLCONF

    def has_permission(self, request, view):
        return self.name == "urls"


class ByKey(permissions.BasePermission):
    key = settings.GATE_KEY

    def has_permission(self, request, view):
        return bool(self.key)


class ByMixedValues(permissions.BasePermission):
    least = 1

    def has_permission(self, request, view):
        return bool(self.least)


class ByText(ByMixedValues):
    least = "two"


class Granted(viewsets.ModelViewSet):
    queryset = Shelf.objects.order_by("id")
    serializer_class = ShelfSerializer
    permission_classes = [permissions.DjangoModelPermissions]


class GrantedLate(Granted):
    def get_queryset(self):
        get_object_or_404(Shelf, pk=1)
        return Shelf.objects.order_by("id")


class GrantedToAll(Granted):
    _ignore_model_permissions = True


class NoActions(generics.ListAPIView):
    queryset = Shelf.objects.order_by("id")
    serializer_class = ShelfSerializer
    permission_classes = [ByAction]


class Numbered(NoActions):
    permission_classes = [ByPath]


class Configured(NoActions):
    permission_classes = [BySetting]


class Keyed(NoActions):
    permission_classes = [ByKey]


class Mixed(NoActions):
    permission_classes = [ByText]


class ByShelves(permissions.BasePermission):
    def has_permission(self, request, view):
        return view.shelves != 0


class ByBackends(permissions.BasePermission):
    def has_permission(self, request, view):
        return getattr(view, "filter_backends", None) is None


class ByActionToo(ByAction):
    pass


class Changing(NoActions):
    permission_classes = [ByShelves]
    shelves = 1

    def get_queryset(self):
        self.shelves = 0
        return Shelf.objects.order_by("id")


class ByFilter(NoActions):
    permission_classes = [ByBackends]


class Acting(viewsets.ReadOnlyModelViewSet):
    queryset = Shelf.objects.order_by("id")
    serializer_class = ShelfSerializer
    permission_classes = [ByActionToo]


class Boxes(APIView):
    def get(self, request):
        return Response(BoxSerializer(Box.objects.all(), many=True).data)
"""

URLS = """
from django.urls import path, re_path

from things import views

urlpatterns = [
    path("granted/", views.Granted.as_view({"get": "list", "post": "create"})),
    path("all/", views.GrantedToAll.as_view({"get": "list"})),
    path("late/", views.GrantedLate.as_view({"get": "list"})),
    path("actions/", views.NoActions.as_view()),
    re_path(r"^numbered/(?P<number>[0-9]+)/$", views.Numbered.as_view()),
    path("configured/", views.Configured.as_view()),
    path("keyed/", views.Keyed.as_view()),
    path("mixed/", views.Mixed.as_view()),
    path("boxes/", views.Boxes.as_view()),
    path("changing/", views.Changing.as_view()),
    path("by-filter/", views.ByFilter.as_view()),
    path("acting/", views.Acting.as_view({"get": "list"})),
]
"""
FILES = {"things/models.py": MODELS, "things/views.py": VIEWS, "urls.py": URLS}
#: So plain a word that nothing but its name tells that it is a secret.
GATE = 'GATE_KEY = "opensesame"'
BACKEND = """
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "django.contrib.auth.backends.RemoteUserBackend",
    "things.backends.Generous",
]
"""
GENEROUS = """
from django.contrib.auth.backends import BaseBackend


class Generous(BaseBackend):
    def get_all_permissions(self, user_obj, obj=None):
        return {"things.add_shelf"}
"""


ASKING = """
from django.urls import path
from rest_framework import generics, permissions, serializers

from things.models import Shelf


class ShelfSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shelf
        fields = ["id", "name"]


class Reading(permissions.DjangoModelPermissions):
    perms_map = {"GET": ["%(app_label)s.view_%(model_name)s"]}


class OfRows(permissions.DjangoObjectPermissions):
    perms_map = {"GET": ["%(app_label)s.view_%(model_name)s"]}


class LoggedIn(permissions.IsAuthenticated, permissions.DjangoModelPermissions):
    perms_map = {"GET": ["%(app_label)s.view_%(model_name)s"]}


class View(generics.ListAPIView):
    queryset = Shelf.objects.all()
    serializer_class = ShelfSerializer


urlpatterns = [
    path("reading/", View.as_view(permission_classes=[Reading])),
    path("rows/", type("Rows", (View,), {"permission_classes": [OfRows]}).as_view()),
    path("in/", type("In", (View,), {"permission_classes": [LoggedIn]}).as_view()),
]
"""


def test_only_who_asks_the_tables_alone_is_read_as_its_map(tmp_path: Path) -> None:
    """What DRF's class above asks besides, of single rows or of a login, would be lost."""
    files = {"things/models.py": MODELS, "urls.py": ASKING}
    converted = legacy_project(tmp_path, files).convert()
    assert converted.converted("GET /reading/")
    assert converted.codes("GET /rows/") == ["P101"]
    assert converted.codes("GET /in/") == ["P104"]


SAID = """
from django.urls import path
from django.utils.translation import gettext_lazy as _
from rest_framework import permissions
from rest_framework.response import Response
from rest_framework.views import APIView


class Marked(permissions.BasePermission):
    message = _("Not for you.")

    def has_permission(self, request, view):
        return "who" in request.query_params


class Made(permissions.BasePermission):
    message = "Not for {}.".format("you")

    def has_permission(self, request, view):
        return "who" in request.query_params


class First(APIView):
    permission_classes = [Marked]

    def get(self, request):
        return Response({})


class Second(APIView):
    permission_classes = [Made]

    def get(self, request):
        return Response({})


urlpatterns = [path("first/", First.as_view()), path("second/", Second.as_view())]
"""


def test_what_those_hear_who_are_refused_is_known_or_the_class_stays(tmp_path: Path) -> None:
    converted = legacy_project(tmp_path, {"things/models.py": MODELS, "urls.py": SAID}).convert()
    assert converted.codes("GET /second/") == ["P105"]
    assert converted.converted("GET /first/")
    assert any('message = "Not for you."' in text for text in converted.tree.values())


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    return legacy_project(tmp_path_factory.mktemp("things"), FILES, GATE).convert()


def test_model_permissions_name_the_model_of_the_view(things: Converted) -> None:
    assert things.converted("POST /granted/")
    assert "class ShelfPermissions(DjangoModelPermissions):" in things.module(
        "app.things.permissions"
    )


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("GET /late/", "P101"),
        ("GET /all/", "P101"),
        ("GET /actions/", "B123"),
        ("GET /mixed/", "B104"),
        ("GET /changing/", "B104"),
        ("GET /by-filter/", "B104"),
    ],
)
def test_what_would_be_asked_otherwise_stays(endpoint: str, code: str, things: Converted) -> None:
    assert things.codes(endpoint)[0] == code


def test_numbers_of_regular_expressions_are_texts(things: Converted) -> None:
    assert things.converted("GET /numbered/{number}/")
    assert 'path_params["number"]' in things.function("app.things.permissions", "ByPath")


def test_a_setting_in_a_class_is_the_value_that_the_project_runs_with(things: Converted) -> None:
    assert 'name = "urls"' in things.function("app.things.permissions", "BySetting")


def test_a_setting_whose_name_is_a_secrets_is_not_written(things: Converted) -> None:
    assert things.codes("GET /keyed/") == ["B104"]
    assert "opensesame" not in things.module("app.things.permissions")


def test_a_class_asks_for_the_action_as_its_base_does(things: Converted) -> None:
    assert 'action="list"' in things.module("app.things.routers")


def test_another_backend_may_grant_permissions(tmp_path: Path) -> None:
    files = {**FILES, "things/backends.py": GENEROUS}
    converted = legacy_project(tmp_path, files, GATE + BACKEND).convert()
    assert converted.codes("POST /granted/") == ["P101"]
    usual = BACKEND.replace('    "things.backends.Generous",\n', "")
    assert (
        legacy_project(tmp_path / "usual", files, GATE + usual)
        .convert()
        .converted("POST /granted/")
    )
