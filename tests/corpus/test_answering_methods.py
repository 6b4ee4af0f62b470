"""Methods of a view that cut pages for its actions."""

from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

MODELS = """
from django.db import models


class Task(models.Model):
    title = models.CharField(max_length=20)
    done = models.BooleanField(default=False)
    size = models.IntegerField(default=0)
"""

VIEWS = """
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

from .models import Task


class Pages(PageNumberPagination):
    page_size = 2
    page_size_query_param = "size"


class TaskSerializer(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = ["id", "title", "size"]


class Answering:
    def _answer(self, queryset, title="", least=0):
        queryset = queryset.filter(size__gte=least, title__gte=title).order_by("-id")
        page = self.paginate_queryset(queryset)
        if page is not None:
            serializer = self.get_serializer(page, many=True)
            return self.get_paginated_response(serializer.data)
        serializer = self.get_serializer(queryset, many=True)
        return Response(serializer.data)


class TaskViewSet(Answering, viewsets.GenericViewSet):
    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    pagination_class = Pages

    @action(detail=False)
    def done(self, request):
        return self._answer(self.get_queryset().filter(done=True))

    @action(detail=False)
    def large(self, request):
        queryset = self.get_queryset().exclude(done=True)
        if request.query_params.get("all"):
            return self._answer(queryset, least=1)
        return self._answer(queryset.filter(size__gt=1), "b")

    @action(detail=False)
    def crossed(self, request):
        least = 2
        return self._answer(self.get_queryset().filter(size__lt=3), least=least, title="a")

    @action(detail=False)
    def starred(self, request):
        given = {"least": 1}
        return self._answer(self.get_queryset(), **given)


class WholeViewSet(Answering, viewsets.GenericViewSet):
    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    pagination_class = None

    @action(detail=False)
    def done(self, request):
        return self._answer(Task.objects.filter(done=True), "a")
"""

URLS = """
from rest_framework.routers import SimpleRouter

from things.views import TaskViewSet, WholeViewSet

router = SimpleRouter()
router.register("tasks", TaskViewSet)
router.register("whole", WholeViewSet, basename="whole")
urlpatterns = router.urls
"""

FILES = {"things/models.py": MODELS, "things/views.py": VIEWS, "urls.py": URLS}
SEED = """
from things.models import Task
for n in range(7):
    Task.objects.create(title="gfedcba"[n], done=n % 2 == 0, size=n % 4)
"""
PATHS = (
    *("/tasks/done/", "/tasks/done/?page=2", "/tasks/done/?page=3", "/tasks/done/?page=x"),
    *("/tasks/done/?size=1", "/tasks/done/?size=99", "/tasks/large/", "/tasks/large/?all=1"),
    *("/tasks/large/?all=1&page=2", "/tasks/crossed/", "/tasks/crossed/?page=2", "/whole/done/"),
)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_methods_answer_in_pages(server: str, tmp_path: Path, postgres: Cluster) -> None:
    on = postgres if server == "postgresql" else None
    url = f"sqlite:///{tmp_path}/tasks.db" if on is None else on.new_database("answering_methods")
    project = small_project(tmp_path / "tasks", FILES)
    report = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in report["endpoints"] if e["status"] != "converted"}
    assert left.keys() <= {"GET /tasks/starred/"}, left
    with asked(project, tmp_path, on, SEED) as both:
        for path in PATHS:
            both.agree("GET", path)
