"""The root view of `DefaultRouter` links to the lists of what was registered."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project

pytestmark = pytest.mark.slow

FILES = {
    "settings.py": SETTINGS.replace('"things",', '"things", "django.contrib.sessions",')
    .replace(
        "MIDDLEWARE = []",
        """MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]""",
    )
    .replace(
        'REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": []}',
        """REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.DjangoModelPermissionsOrAnonReadOnly"
    ],
}""",
    ),
    "urls.py": """
from django.urls import include, path
from rest_framework.permissions import DjangoModelPermissions, IsAdminUser
from rest_framework.routers import APIRootView, DefaultRouter

from things import views


class Shown(APIRootView):
    \"\"\"What there is.\"\"\"

    permission_classes = [DjangoModelPermissions]


class Computed(APIRootView):
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)


class Named(DefaultRouter):
    APIRootView = Shown
    root_view_name = "start"
    include_format_suffixes = False


class Odd(DefaultRouter):
    APIRootView = Computed


def router(kind=DefaultRouter):
    made = kind()
    made.register("volumes", views.Books, basename="volume")
    made.register("made", views.Made, basename="made")
    made.register("books", views.Books, basename="book")
    return made


other = DefaultRouter()
other.register("things", views.Books, basename="thing")
urlpatterns = [
    path("v1/", include(router().urls)),
    path("v2/", include((router().urls, "books"), namespace="two")),
    path("shelves/<int:shelf>/", include((router().urls, "shelves"))),
    path("words/<slug:word>/", include((other.urls, "words"))),
    path("named/", include((router(Named).urls, "named"))),
    path("odd/", include((router(Odd).urls, "odd"))),
    path("", include(other.urls)),
]
""",
    "things/models.py": """
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=20)

    class Meta:
        ordering = ["id"]
""",
    "things/views.py": """
from rest_framework import mixins, serializers, viewsets

from things.models import Book


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["id", "title"]


class Books(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer


class Made(mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
""",
}


def test_the_root_lists_what_was_registered(tmp_path: Path) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/books.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left.keys() == {"GET /odd/"}
    evidence = verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)
    assert not_equal(evidence) == []
    told = {str(each["id"]) for each in evidence["endpoints"]}
    assert {"GET /v1/", "GET /v2/", "GET /shelves/{shelf}/", "GET /named/", "GET /"} <= told
