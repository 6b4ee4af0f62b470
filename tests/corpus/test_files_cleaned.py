"""Files in a storage of the project's own, and rows whose files django-cleanup watches over."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    # what the package hears, and no more
    "django_cleanup/__init__.py": "",
    "django_cleanup/handlers.py": """
from django.db.models.signals import post_delete, post_init, post_save


def cache_original_post_init(sender, instance, **kwargs):
    instance._before = instance.paper.name


def delete_old_post_save(sender, instance, created, **kwargs):
    if not created and instance.paper.name != instance._before:
        instance.paper.storage.delete(instance._before)


def delete_all_post_delete(sender, instance, **kwargs):
    instance.paper.storage.delete(instance.paper.name)


def connect(model):
    post_init.connect(cache_original_post_init, sender=model)
    post_save.connect(delete_old_post_save, sender=model)
    post_delete.connect(delete_all_post_delete, sender=model)
""",
    "things/models.py": """
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils.functional import LazyObject
from django_cleanup.handlers import connect


class Elsewhere(FileSystemStorage):
    def __init__(self, **options):
        super().__init__(location="/tmp/elsewhere", **options)


class Lazy(LazyObject):
    def _setup(self):
        self._wrapped = Elsewhere()


class Signed(FileSystemStorage):
    def url(self, name):
        return super().url(name) + "?signed"


class Sheet(models.Model):
    title = models.CharField(max_length=20)
    paper = models.FileField(default="plain.txt", storage=Lazy())


class Page(models.Model):
    paper = models.FileField(default="plain.txt", storage=Elsewhere())


class Letter(models.Model):
    paper = models.FileField(storage=Signed())


class Card(models.Model):
    paper = models.FileField(upload_to="cards/")


connect(Sheet)
connect(Card)
""",
    "things/views.py": """
from rest_framework import generics, serializers

from . import models


class SheetSerializer(serializers.ModelSerializer):
    known = serializers.SerializerMethodField()

    class Meta:
        model = models.Sheet
        fields = ["id", "title", "paper", "known"]
        read_only_fields = ["paper"]

    def get_known(self, sheet):
        return self.context.get("request").user.is_authenticated


class PageSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Page
        fields = ["id", "paper"]


class LetterSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Letter
        fields = ["id", "paper"]


class CardSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Card
        fields = ["id", "paper"]


class Sheets(generics.ListCreateAPIView):
    queryset = models.Sheet.objects.order_by("id")
    serializer_class = SheetSerializer


class Sheet(generics.RetrieveUpdateDestroyAPIView):
    queryset = models.Sheet.objects.all()
    serializer_class = SheetSerializer


class Pages(generics.ListCreateAPIView):
    queryset = models.Page.objects.order_by("id")
    serializer_class = PageSerializer


class Letters(generics.ListAPIView):
    queryset = models.Letter.objects.order_by("id")
    serializer_class = LetterSerializer


class Card(generics.RetrieveUpdateAPIView):
    queryset = models.Card.objects.all()
    serializer_class = CardSerializer
""",
    "urls.py": """
from django.urls import path

from things import views

urlpatterns = [
    path("sheets/", views.Sheets.as_view()),
    path("sheets/<int:pk>/", views.Sheet.as_view()),
    path("pages/", views.Pages.as_view()),
    path("letters/", views.Letters.as_view()),
    path("cards/<int:pk>/", views.Card.as_view()),
]
""",
}
LEFT = {
    "DELETE /sheets/{pk}/": "Q113",
    "POST /pages/": "S118",
    "GET /letters/": "S118",
    "PUT /cards/{pk}/": "Q113",
    "PATCH /cards/{pk}/": "Q113",
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_files_are_shown_as_before(tmp_path: Path, postgres: Cluster, database: str) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    if database == "postgresql":
        url = postgres.new_database("files_cleaned")
    project = small_project(tmp_path / "legacy", FILES)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert {name: reasons[0]["code"] for name, reasons in left.items()} == LEFT
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
