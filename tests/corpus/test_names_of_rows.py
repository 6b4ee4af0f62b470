"""Models whose names mean something in the code that is written: a keyword, a parameter, a call."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

NAMES = ("Break", "Session", "Read", "Update", "User")

MODELS = "from django.db import models\n" + "".join(
    f"""

class {name}(models.Model):
    label = models.CharField(max_length=30)
    minutes = models.IntegerField(default=5)
"""
    for name in NAMES
)
VIEWS = (
    """
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from . import models
"""
    + "".join(
        f"""

class {name}Serializer(serializers.ModelSerializer):
    class Meta:
        model = models.{name}
        fields = ["id", "label", "minutes"]


class {name}ViewSet(viewsets.ModelViewSet):
    queryset = models.{name}.objects.order_by("id")
    serializer_class = {name}Serializer

    @action(detail=False, methods=["post"])
    def quick(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = serializer.save(minutes=1)
        return Response(self.get_serializer(made).data)

    @action(detail=True, methods=["post"])
    def longer(self, request, pk=None):
        found = self.get_object()
        found.minutes += 1
        found.save()
        return Response({{"minutes": found.minutes}})
"""
        for name in NAMES
    )
    + """

class KeptViewSet(BreakViewSet):
    def perform_create(self, serializer):
        serializer.save(minutes=9)
"""
)
URLS = (
    """
from django.urls import include, path
from rest_framework import routers

from things import views

router = routers.DefaultRouter()
router.register("kept", views.KeptViewSet, basename="kept")
"""
    + "".join(
        f'router.register("{name.lower()}s", views.{name}ViewSet, basename="{name.lower()}")\n'
        for name in NAMES
    )
    + 'urlpatterns = [path("", include(router.urls))]\n'
)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_rows_have_names_that_nothing_else_has(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    files = {"things/models.py": MODELS, "things/views.py": VIEWS, "urls.py": URLS}
    project = small_project(tmp_path / "legacy", files)
    url = f"sqlite:///{tmp_path}/rows.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_names_of_rows")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    assert not_equal(verified(project, tmp_path, "--cases", "6", DATABASE_URL=url)) == []
