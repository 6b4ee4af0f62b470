"""An exception handler of the project's own shapes every error as before."""

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
router.register("locks", views.Locks)
router.register("keys", views.Keys)
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/forbidden/<str:kind>/", views.Forbidden.as_view()),
    path("api/found/<str:lock>/", views.Found.as_view()),
]
"""

MODELS = """
import uuid

from django.db import models


class Lock(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=30, unique=True)


class Key(models.Model):
    lock = models.ForeignKey(Lock, related_name="keys", on_delete=models.PROTECT)
    teeth = models.IntegerField(default=1)
"""

HANDLER = """
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import ProtectedError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler


class Held(exceptions.APIException):
    status_code = 409
    default_detail = "Something holds it."
    default_code = "held"


def shaped(exc, ctx):
    if isinstance(exc, DjangoValidationError):
        exc = exceptions.ValidationError(as_serializer_error(exc))

    if isinstance(exc, Http404):
        exc = exceptions.NotFound()

    if isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()

    if isinstance(exc, ProtectedError):
        exc = Held()

    response = exception_handler(exc, ctx)

    # A server error.
    if response is None:
        return response

    if isinstance(exc.detail, (list, dict)):
        response.data = {"detail": response.data}

    if isinstance(exc, exceptions.ValidationError):
        response.data["message"] = "Validation error"
        response.data["extra"] = {"fields": response.data["detail"]}
    else:
        response.data["message"] = response.data["detail"]
        response.data["extra"] = {}

    del response.data["detail"]

    return response
"""

VIEWS = """
from django.core.exceptions import PermissionDenied
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Key, Lock


class LockSerializer(serializers.ModelSerializer):
    class Meta:
        model = Lock
        fields = ["id", "name"]


class KeySerializer(serializers.ModelSerializer):
    class Meta:
        model = Key
        fields = ["id", "lock", "teeth"]

    def validate_teeth(self, value):
        if value > 20:
            raise serializers.ValidationError("No key has so many.")
        return value


class Locks(viewsets.ModelViewSet):
    queryset = Lock.objects.order_by("name")
    serializer_class = LockSerializer


class Keys(viewsets.ModelViewSet):
    queryset = Key.objects.order_by("id")
    serializer_class = KeySerializer


class Forbidden(APIView):
    def get(self, request, kind):
        if kind == "why":
            raise PermissionDenied("You may not know why.")
        if kind == "no":
            raise PermissionDenied
        return Response({"kind": kind})


class Found(APIView):
    def get(self, request, lock):
        return Response({"keys": Key.objects.filter(lock_id=lock).count()})
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    rest = '"EXCEPTION_HANDLER": "things.errors.shaped", "DEFAULT_AUTHENTICATION_CLASSES"'
    files = {
        "settings.py": SETTINGS.replace('"DEFAULT_AUTHENTICATION_CLASSES"', rest),
        "urls.py": URLS,
        "things/models.py": MODELS,
        "things/views.py": VIEWS,
        "things/errors.py": HANDLER,
    }
    return small_project(tmp_path / "legacy", files)


def test_errors_are_answered_as_before_on_sqlite(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "8", DATABASE_URL=url)) == []


def test_errors_are_answered_as_before_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_errors")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
