"""Paginators that handlers make themselves: of DRF's classes and their own, with sizes of their own."""

from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("api/sized/", views.sized),
    path("api/own/", views.Own.as_view()),
    path("api/offsets/", views.Offsets.as_view()),
    path("api/usual/", views.usual),
    path("api/asked/", views.asked),
    path("api/branch/", views.branch),
    path("api/shared/", views.shared),
    path("api/fresh/", views.fresh),
    path("api/nothing/", views.nothing),
    path("api/some/", views.some),
    path("api/changed/", views.changed),
]
"""

MODELS = """
from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=20)
    shown = models.BooleanField(default=True)
"""

VIEWS = """
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.pagination import LimitOffsetPagination, PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Note


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "text"]


class Pages(PageNumberPagination):
    page_size = 2
    page_size_query_param = "size"
    max_page_size = 4

    def get_paginated_response(self, data):
        return Response({"count": self.page.paginator.count, "rows": data})

    def get_paginated_data(self, data):
        return {"never": "called"}


class NoSize(PageNumberPagination):
    page_size = None


@api_view(["GET"])
def sized(request):
    '''The newest notes.'''
    notes = Note.objects.filter(shown=True).order_by("-id")
    paginator = PageNumberPagination()
    paginator.page_size = 3
    page = paginator.paginate_queryset(notes, request)
    serializer = NoteSerializer(page, many=True)
    return paginator.get_paginated_response(serializer.data)


class Own(APIView):
    class Numbers(Pages):
        page_query_param = "number"

    def get(self, request):
        paginator = self.Numbers()
        page = paginator.paginate_queryset(Note.objects.all().order_by("id"), request, view=self)
        if page is not None:
            serializer = NoteSerializer(page, many=True, context={"request": request})
            return paginator.get_paginated_response(serializer.data)
        return Response(NoteSerializer(Note.objects.all(), many=True).data)


class Offsets(APIView, LimitOffsetPagination):
    def get(self, request):
        paginator = LimitOffsetPagination()
        paginator.default_limit = 2
        paginator.max_limit = 3
        rows = paginator.paginate_queryset(Note.objects.order_by("text", "id"), self.request)
        return paginator.get_paginated_response(NoteSerializer(rows, many=True).data)


@api_view(["GET"])
def usual(request):
    paginator = PageNumberPagination()
    page = paginator.paginate_queryset(Note.objects.order_by("id"), request)
    return paginator.get_paginated_response(NoteSerializer(page, many=True).data)


@api_view(["GET"])
def asked(request):
    paginator = PageNumberPagination()
    paginator.page_size = int(request.query_params.get("n", 2))
    page = paginator.paginate_queryset(Note.objects.order_by("id"), request)
    return paginator.get_paginated_response(NoteSerializer(page, many=True).data)


@api_view(["GET"])
def branch(request):
    paginator = PageNumberPagination()
    if request.query_params.get("few"):
        paginator.page_size = 1
    page = paginator.paginate_queryset(Note.objects.order_by("id"), request)
    return paginator.get_paginated_response(NoteSerializer(page, many=True).data)


@api_view(["GET"])
def shared(request):
    paginator = PageNumberPagination()
    other = paginator
    other.page_size = 1
    page = paginator.paginate_queryset(Note.objects.order_by("id"), request)
    return paginator.get_paginated_response(NoteSerializer(page, many=True).data)


@api_view(["GET"])
def fresh(request):
    page = Pages().paginate_queryset(Note.objects.order_by("id"), request)
    return Pages().get_paginated_response(NoteSerializer(page, many=True).data)


@api_view(["GET"])
def nothing(request):
    paginator = NoSize()
    page = paginator.paginate_queryset(Note.objects.order_by("id"), request)
    return paginator.get_paginated_response(NoteSerializer(page, many=True).data)


@api_view(["GET"])
def some(request):
    paginator = Pages()
    page = paginator.paginate_queryset(Note.objects.order_by("id")[:5], request)
    return paginator.get_paginated_response(NoteSerializer(page, many=True).data)


@api_view(["GET"])
def changed(request):
    paginator = Pages()
    page = paginator.paginate_queryset(Note.objects.order_by("id"), request)
    paginator.page_size = 1
    return paginator.get_paginated_response(NoteSerializer(page, many=True).data)
"""

SIZED = SETTINGS.replace(
    '"DEFAULT_AUTHENTICATION_CLASSES": []', '"DEFAULT_AUTHENTICATION_CLASSES": [], "PAGE_SIZE": 4'
)
# What shows developers how an answer came to be is none of it.
TOOLBAR = """
import uuid


class DebugToolbarMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.content += uuid.uuid4().bytes
        return response
"""
SIZED = SIZED.replace(
    "MIDDLEWARE = []", 'MIDDLEWARE = ["debug_toolbar.middleware.DebugToolbarMiddleware"]'
)
STAYING = {
    "asked": "G104", "branch": "B106", "shared": "G104", "fresh": "B302", "nothing": "G103",
    "some": "B302", "changed": "B302",
}  # fmt: skip
PATHS = (
    "sized/", "sized/?page=2", "sized/?page=last", "sized/?page=9", "sized/?page_size=1", "own/",
    "own/?number=3", "own/?size=3", "own/?size=9&number=2", "own/?page=2", "offsets/",
    "offsets/?limit=9&offset=1", "offsets/?offset=7", "usual/", "usual/?page=2", "usual/?page=0",
)  # fmt: skip


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    toolbar = {"debug_toolbar/__init__.py": "", "debug_toolbar/middleware.py": TOOLBAR}
    return small_project(tmp_path / "notes", {**texts, **toolbar, "settings.py": SIZED})


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_pages_are_cut_as_before(
    server: str, notes: Path, tmp_path: Path, postgres: Cluster
) -> None:
    on = postgres if server == "postgresql" else None
    url = f"sqlite:///{tmp_path}/made.db" if on is None else on.new_database("paginators_made")
    conversion = converted(notes, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"][0]["code"] for e in conversion["endpoints"] if e["reasons"]}
    assert left == {f"GET /api/{name}/": code for name, code in STAYING.items()}
    seed = (
        "from things.models import Note\n"
        "for n in range(7): Note.objects.create(text=str(n % 3), shown=n != 2)"
    )
    with asked(notes, tmp_path, on, seed) as both:
        for path in PATHS:
            both.agree("GET", f"/api/{path}")


@pytest.mark.slow
def test_what_verify_asks_of_them_is_equal(notes: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/made.db"
    conversion = converted(notes, tmp_path, DATABASE_URL=url)
    ids = [e["id"] for e in conversion["endpoints"] if e["status"] == "converted"]
    assert not_equal(verified(notes, tmp_path, *ids, "--cases", "15", DATABASE_URL=url)) == []
