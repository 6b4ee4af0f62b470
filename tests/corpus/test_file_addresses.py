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
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    report = verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)
    different = [each for each in not_equal(report) if each[1] == "different"]
    assert different == []
