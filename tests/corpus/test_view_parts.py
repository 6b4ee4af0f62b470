"""What views, permissions and serializers read of each other is the same in the new app."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import include, path

from things import views

pictures = [
    path("", views.Pictures.as_view({"get": "list", "post": "create"})),
    path("<int:pk>/", views.Pictures.as_view({"get": "retrieve"}), name="one"),
]
urlpatterns = [
    path("api/albums/", views.Albums.as_view()),
    path("api/albums/<int:pk>/", views.Album.as_view(), name="album"),
    path("api/pictures/", include((pictures, "pictures"), namespace="pictures")),
    path("api/closed/", views.Closed.as_view()),
    path("api/silent/", views.Silent.as_view()),
    path("api/unknown/", views.Unknown.as_view()),
    path("api/files/", views.Files.as_view()),
    path("api/albums/<int:album_id>/files/", views.OfAlbum.as_view()),
    path("api/albums/<int:album_id>/outer/", views.Outer.as_view()),
]
"""

MODELS = """
from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    def has_role(self, name):
        return self.first_name == name


class Album(models.Model):
    name = models.CharField(max_length=40)
    inside = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts"
    )


class Picture(models.Model):
    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="pictures")
    title = models.CharField(max_length=40)
    stars = models.IntegerField(default=0)
    seen_at = models.DateTimeField(null=True, blank=True)
    file = models.FileField(upload_to="pictures/", blank=True)

    class Meta:
        ordering = ["title", "id"]
"""

SERIALIZERS = '''
from django.urls import reverse as path_of
from rest_framework import serializers
from rest_framework.reverse import reverse

from .models import Album, Picture

SHOWN = ("title", "stars", "seen_at")


class FileSerializer(serializers.ModelSerializer):
    """Shows a "file\\"s" address; says "so\\"."""

    class Meta:
        model = Picture
        fields = ["id", "file"]


class AlbumSerializer(serializers.ModelSerializer):
    parts = serializers.SerializerMethodField()
    pictures = serializers.SerializerMethodField()
    first = serializers.SerializerMethodField()
    uri = serializers.SerializerMethodField()
    path = serializers.SerializerMethodField()

    class Meta:
        model = Album
        fields = ["id", "name", "inside", "parts", "pictures", "first", "uri", "path"]

    def get_parts(self, obj):
        if obj.parts.exists():
            return AlbumSerializer(obj.parts.order_by("id"), many=True).data
        return []

    def get_pictures(self, obj):
        return FileSerializer(obj.pictures.all(), many=True).data

    def get_first(self, obj):
        picture = obj.pictures.first()
        return FileSerializer(picture).data if picture is not None else None

    def get_uri(self, obj):
        request = self.context.get("request")
        return reverse("album", kwargs={"pk": obj.pk}, request=request)

    def get_path(self, obj):
        return path_of("album", kwargs={"pk": obj.pk})


class PictureSerializer(serializers.ModelSerializer):
    uri = serializers.SerializerMethodField()

    class Meta:
        model = Picture
        fields = ["id", "album", "title", "uri"]

    def get_uri(self, obj):
        return reverse("pictures:one", kwargs={"pk": obj.id}, request=self.context["request"])

    def to_representation(self, instance):
        data = super().to_representation(instance)
        data["shown"] = {name: getattr(instance, name) for name in SHOWN}
        data["album"] = AlbumSerializer(instance.album).data
        data["file"] = FileSerializer(instance, context=self.context).data
        data["stars"] = FileSerializer().to_representation(instance)
        return data
'''

OWN_SETTINGS = """
AUTH_USER_MODEL = "things.Person"
KNOWN_ROLE = "known"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
"""

VIEWS = """
from django.conf import settings
from django.shortcuts import get_object_or_404
from rest_framework import generics, mixins, permissions, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Album as AlbumRow
from .models import Picture
from .serializers import AlbumSerializer, FileSerializer, PictureSerializer


class HasRoles(permissions.BasePermission):
    message = "Not for you."
    known = settings.KNOWN_ROLE

    def has_permission(self, request, view):
        for name in self.wanted(view):
            if name == self.known:
                continue
            if name == "asked":
                return request.user.has_role(name)
            if name != "open":
                return False
        return True


    @classmethod
    def wanted(cls, view):
        wanted = getattr(view, "roles", None)
        if wanted is None:
            wanted = view.role
        return [wanted] if isinstance(wanted, str) else wanted


class HasOtherRoles(HasRoles):
    message = "Nor for you."


class Albums(generics.ListCreateAPIView):
    queryset = AlbumRow.objects.order_by("id")
    serializer_class = AlbumSerializer
    permission_classes = [HasRoles]
    roles = ["open", "known"]


class Album(generics.RetrieveAPIView):
    queryset = AlbumRow.objects.all()
    serializer_class = AlbumSerializer
    permission_classes = [HasOtherRoles]
    role = "open"

    def get_queryset(self, *args, **kwargs):
        return AlbumRow.objects.all()


class Closed(Albums):
    roles = ("open", "shut")


class Silent(generics.ListAPIView):
    queryset = AlbumRow.objects.order_by("id")
    serializer_class = AlbumSerializer
    permission_classes = [HasOtherRoles]


class Unknown(Silent):
    roles = ["open", "asked"]


class Pictures(mixins.RetrieveModelMixin, mixins.ListModelMixin, mixins.CreateModelMixin,
               viewsets.GenericViewSet):
    queryset = Picture.objects.all()
    serializer_class = PictureSerializer


class OfAlbum(generics.ListCreateAPIView):
    serializer_class = FileSerializer
    model = Picture

    @property
    def album(self):
        return get_object_or_404(AlbumRow, pk=self.kwargs["album_id"])

    def get_queryset(self):
        if self.album.inside is None:
            return self.model.objects.none()
        return self.model.objects.filter(album=self.album)

    def perform_create(self, serializer):
        serializer.save(album=self.album)


class Outer(APIView):
    def get(self, request, *args, **kwargs):
        album = get_object_or_404(AlbumRow, pk=kwargs["album_id"])
        return Response({"name": album.inside.name})


class Files(APIView):
    def get(self, request):
        return Response(FileSerializer(Picture.objects.all(), many=True).data)
"""


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    texts |= {"things/serializers.py": SERIALIZERS, "settings.py": SETTINGS + OWN_SETTINGS}
    texts["things/templates/500.html"] = "{% load i18n %}\n<p>{% trans 'Oops' %}</p>\n"
    return small_project(tmp_path / "gallery", texts)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_parts_of_views_answer_as_before(
    server: str, gallery: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/gallery.db"
    cases = "8"
    if server == "postgresql":
        cases = "20"
        url = postgres.new_database("corpus_view_parts")
    conversion = converted(gallery, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    evidence = verified(gallery, tmp_path, "--cases", cases, DATABASE_URL=url)
    # those that refuse everybody have nothing to show
    refusing = {"GET /api/closed/", "POST /api/closed/", "GET /api/silent/", "GET /api/unknown/"}
    found = [one for one in not_equal(evidence) if one[0] not in refusing]
    assert found == []
    assert [one for one in not_equal(evidence) if one[1] == "different"] == []
