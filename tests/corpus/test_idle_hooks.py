"""Hooks that only hand on to DRF's own change nothing, whatever hides in their decorators."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project

pytestmark = pytest.mark.slow

FILES = {
    "urls.py": """
from django.urls import path

from things import views

urlpatterns = [
    path("notes/", views.Notes.as_view()),
    path("secret/", views.Secret.as_view()),
    path("shouted/", views.Shouted.as_view()),
    path("late/", views.Late.as_view()),
    path("fresh/", views.Fresh.as_view()),
    path("given/", views.Given.as_view()),
    path("narrow/", views.Narrow.as_view()),
]
""",
    "things/models.py": """
from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=20)
""",
    "things/views.py": """
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework import generics, serializers

from things.models import Note

hidden = method_decorator(sensitive_post_parameters("text"))


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "text"]


class Idle:
    def initial(self, request, *args, **kwargs):
        \"\"\"To be written.\"\"\"
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request, response, *args, **kwargs):
        return super().finalize_response(request, response, *args, **kwargs)


class Notes(Idle, generics.ListCreateAPIView):
    queryset = Note.objects.order_by("id")
    serializer_class = NoteSerializer

    @method_decorator(csrf_exempt)
    @method_decorator(sensitive_post_parameters("text", "other"))
    def dispatch(self, request, *args, **kwargs):
        return super(Notes, self).dispatch(request, *args, **kwargs)

    def get_success_headers(self, data):
        return super().get_success_headers(data)

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset)

    def handle_exception(self, exc):
        return super().handle_exception(exc)


class Secret(Notes):
    @hidden
    def dispatch(self, *args, **kwargs):
        return super().dispatch(*args, **kwargs)


class Shouted(Notes):
    def handle_exception(self, exc):
        response = super().handle_exception(exc)
        response.data["loud"] = True
        return response


class Late(Notes):
    def handle_exception(self, exc):
        super().handle_exception(exc)


class Fresh(Notes):
    @method_decorator(never_cache)
    def dispatch(self, request, *args, **kwargs):
        return super().dispatch(request, *args, **kwargs)


def loud(self, exc):
    response = generics.GenericAPIView.handle_exception(self, exc)
    response.data["loud"] = True
    return response


class Loud(generics.ListCreateAPIView):
    handle_exception = loud


class Given(Idle, Loud):
    queryset = Note.objects.order_by("id")
    serializer_class = NoteSerializer

    def handle_exception(self, exc):
        return super().handle_exception(exc)


class Narrow(Notes):
    def dispatch(self, request):
        return super().dispatch(request)
""",
}


def test_hooks_that_only_hand_on_are_left_out(tmp_path: Path) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/notes.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: {r["code"] for r in e["reasons"]} for e in conversion["endpoints"]}
    assert left == {
        f"{method} /{name}/": {code} if code else set()
        for name, code in [
            ("notes", None), ("secret", None), ("shouted", "E101"), ("late", "E101"),
            ("fresh", "E101"), ("narrow", "E101"), ("given", "E101"),
        ]
        for method in ("GET", "POST")
    }  # fmt: skip
    evidence = verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)
    assert not_equal(evidence) == []
