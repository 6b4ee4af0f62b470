"""What views choose for each request, and serializers read of the path, is the same in the new app."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project

pytestmark = pytest.mark.slow

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("api/shelves/<int:shelf_id>/notes/", views.Notes.as_view()),
    path("api/shelves/<int:shelf_id>/notes/<int:note_id>/", views.Note.as_view()),
    path("api/free/<int:pk>/", views.Free.as_view()),
]
"""

MODELS = """
from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    pass


class Shelf(models.Model):
    name = models.CharField(max_length=40)
    shared = models.BooleanField(default=False)


class Note(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="notes")
    after_id = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL)
    title = models.CharField(max_length=40)
    place = models.IntegerField(default=0)
"""

SERIALIZERS = """
from rest_framework import serializers

from .models import Note


class BaseSerializer(serializers.ModelSerializer):
    def validate(self, attrs):
        try:
            context = self.context["request"].parser_context
            shelf_id = context["kwargs"]["shelf_id"]
            note_id = context["kwargs"].get("note_id")
        except (AttributeError, KeyError):
            pass
        else:
            rows = self.Meta.model.objects.filter(shelf=shelf_id, title=attrs.get("title"))
            if note_id is not None:
                rows = rows.exclude(id=note_id)
            if rows.exists():
                raise serializers.ValidationError("This title is taken.")
        return super().validate(attrs)


class NoteSerializer(BaseSerializer):
    class Meta:
        model = Note
        fields = ["id", "title", "place", "after_id"]
"""

VIEWS = """
from functools import partial

from django.shortcuts import get_object_or_404
from rest_framework import generics
from rest_framework.authentication import TokenAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated

from .models import Note as NoteRow
from .models import Shelf
from .serializers import NoteSerializer


class ReadOnly(BasePermission):
    message = "Only to be read."

    def has_permission(self, request, view):
        return request.method in SAFE_METHODS


class MayChange(BasePermission):
    def __init__(self, rows):
        super().__init__()
        self.rows = rows

    def has_permission(self, request, view):
        if request.user.is_superuser:
            return True
        return self.rows.filter(id=view.kwargs.get("note_id"), owner=request.user).exists()


KnownOrReading = IsAuthenticated | ReadOnly


class OfShelf:
    @property
    def shelf(self):
        return get_object_or_404(Shelf, pk=self.kwargs["shelf_id"])


class Notes(OfShelf, generics.ListCreateAPIView):
    authentication_classes = [TokenAuthentication]
    serializer_class = NoteSerializer

    def get_queryset(self):
        return NoteRow.objects.filter(shelf=self.kwargs["shelf_id"]).order_by("id")

    def get_permissions(self):
        if self.shelf.shared and self.request.method == "POST":
            self.permission_classes = [IsAuthenticated]
        else:
            self.permission_classes = [KnownOrReading]
        return super().get_permissions()

    def perform_create(self, serializer):
        serializer.save(shelf_id=self.kwargs["shelf_id"])


class Note(OfShelf, generics.RetrieveUpdateDestroyAPIView):
    authentication_classes = [TokenAuthentication]
    queryset = NoteRow.objects.all()
    serializer_class = NoteSerializer
    lookup_url_kwarg = "note_id"

    def get_permissions(self):
        chosen_permissions = [IsAuthenticated]
        if not self.shelf.shared:
            chosen_permissions = [IsAuthenticated & partial(MayChange, self.queryset)]
        return [each() for each in chosen_permissions]


class Free(generics.RetrieveAPIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [ReadOnly]
    queryset = NoteRow.objects.all()
    serializer_class = NoteSerializer

    def get_permissions(self):
        if self.request.query_params.get("strict"):
            return [IsAuthenticated(), ReadOnly()]
        return super().get_permissions()
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    own = 'AUTH_USER_MODEL = "things.Person"\nINSTALLED_APPS += ["rest_framework.authtoken"]\n'
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    texts |= {"things/serializers.py": SERIALIZERS, "settings.py": SETTINGS + own}
    return small_project(tmp_path / "library", texts)


def test_permissions_of_each_request_are_those_of_before(library: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/library.db"
    conversion = converted(library, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    evidence = verified(library, tmp_path, "--cases", "30", DATABASE_URL=url)
    assert not_equal(evidence) == []
