"""Addresses of files that serializers reach through relations, as before."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("profiles/", views.Profiles.as_view()),
    path("profiles/<int:pk>", views.Profile.as_view()),
    path("posts/", views.Posts.as_view()),
    path("posts/<int:pk>/", views.Post.as_view()),
    path("faces/", views.Faces.as_view()),
    path("here/", views.here),
    path("picked/", views.picked),
]
"""

MODELS = """
from django.contrib.auth.models import User
from django.db import models
from django.db.models.signals import post_save


class Profile(models.Model):
    owner = models.OneToOneField(User, on_delete=models.CASCADE)
    name = models.CharField(max_length=40, blank=True)
    image = models.FileField(upload_to="images/", default="../default profile_ä1")
    paper = models.FileField(upload_to="papers/", null=True, blank=True)

    class Meta:
        ordering = ["-id"]


def create_profile(sender, instance, created, **kwargs):
    if created:
        Profile.objects.create(owner=instance)


post_save.connect(create_profile, sender=User)


class Post(models.Model):
    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    editor = models.ForeignKey(Profile, null=True, blank=True, on_delete=models.SET_NULL)
    title = models.CharField(max_length=40)

    class Meta:
        ordering = ["-id"]
"""

VIEWS = """
from rest_framework import generics, permissions, serializers
from rest_framework.decorators import api_view
from rest_framework.response import Response

from . import models


class ProfileSerializer(serializers.ModelSerializer):
    owner = serializers.ReadOnlyField(source="owner.username")
    address = serializers.ReadOnlyField(source="image.url")

    class Meta:
        model = models.Profile
        fields = ["id", "owner", "name", "address", "paper"]
        read_only_fields = ["paper"]


class PaperSerializer(ProfileSerializer):
    sheet = serializers.CharField(source="paper.url", read_only=True)

    class Meta(ProfileSerializer.Meta):
        fields = ["id", "sheet"]


class PostSerializer(serializers.ModelSerializer):
    owner = serializers.ReadOnlyField(source="owner.username")
    profile_id = serializers.ReadOnlyField(source="owner.profile.id")
    profile_image = serializers.ReadOnlyField(source="owner.profile.image.url")
    editor_image = serializers.ReadOnlyField(source="editor.image.url")
    editor_or_none = serializers.URLField(source="editor.image.url", read_only=True, default=None)

    class Meta:
        model = models.Post
        fields = [
            "id", "owner", "profile_id", "profile_image", "editor", "editor_image",
            "editor_or_none", "title",
        ]


class FaceSerializer(serializers.ModelSerializer):
    image_url = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    sheet = serializers.SerializerMethodField()

    class Meta:
        model = models.Profile
        fields = ["id", "image_url", "address", "sheet"]

    def get_image_url(self, obj):
        return obj.image.url if obj.image else None

    def get_address(self, obj):
        request = self.context.get("request")
        if obj.image and request is not None:
            return request.build_absolute_uri(obj.image.url)
        return None

    def get_sheet(self, obj):
        return f"{obj.paper.name}, {obj.image}" if obj.paper else str(obj.paper)


class Faces(generics.ListAPIView):
    queryset = models.Profile.objects.all()
    serializer_class = FaceSerializer


@api_view(["GET"])
def here(request):
    there = request.build_absolute_uri("/there/?a=\u00fc b")
    return Response({"here": request.build_absolute_uri(), "there": there})


@api_view(["GET"])
def picked(request):
    profile = models.Profile.objects.order_by("id").first()
    return Response({"size": profile.image.size, "paper": profile.paper.path})


class Profiles(generics.ListAPIView):
    queryset = models.Profile.objects.all()
    serializer_class = ProfileSerializer


class Profile(generics.RetrieveUpdateAPIView):
    queryset = models.Profile.objects.all()

    def get_serializer_class(self):
        return ProfileSerializer if self.request.method == "PUT" else PaperSerializer


class Posts(generics.ListCreateAPIView):
    queryset = models.Post.objects.all()
    serializer_class = PostSerializer
    permission_classes = [permissions.IsAuthenticatedOrReadOnly]

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)


class Post(generics.RetrieveUpdateDestroyAPIView):
    queryset = models.Post.objects.all()
    serializer_class = PostSerializer
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_addresses_of_files_are_as_before(tmp_path: Path, postgres: Cluster, database: str) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    if database == "postgresql":
        url = postgres.new_database("file_addresses")
    files = {
        "settings.py": SETTINGS + '\nMEDIA_URL = "/media/"\n',
        "urls.py": URLS,
        "things/models.py": MODELS,
        "things/views.py": VIEWS,
    }
    project = small_project(tmp_path / "legacy", files)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert [(name, reasons[0]["code"]) for name, reasons in left.items()] == [
        ("GET /picked/", "B104")
    ]
    report = verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)
    different = [each for each in not_equal(report) if each[1] == "different"]
    assert different == []
