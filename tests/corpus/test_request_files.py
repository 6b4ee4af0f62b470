"""Files that handlers and services take of the request themselves: `request.FILES["photo"]`."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "settings.py": SETTINGS
    + """
LARGEST = int(os.environ.get("LARGEST_PHOTO", 40))
ALBUM = os.environ.get("ALBUM_OF_PHOTOS", "all")
MEDIA_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "media")
""",
    "urls.py": """
from django.urls import path

from things import views

urlpatterns = [
    path("photos/", views.Photos.as_view()),
    path("photos/<int:pk>/", views.Replaced.as_view()),
    path("pictures/", views.pictures),
    path("sizes/", views.Sizes.as_view()),
]
""",
    "things/models.py": """
from django.db import models


def place(instance, filename):
    return f"photos/{instance.title}/{filename}"


class Photo(models.Model):
    title = models.CharField(max_length=50)
    kind = models.CharField(max_length=20, blank=True)
    file = models.FileField(upload_to=place, blank=True, null=True)
    other = models.FileField(upload_to="others/", blank=True)

    class Meta:
        ordering = ["id"]
""",
    "things/services.py": """
import pathlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from things.models import Photo


class Shelf:
    def __init__(self, upload, kind: str = "plain"):
        self.upload = upload
        self.kind = kind

    @transaction.atomic
    def put(self, *, title: str = "") -> Photo:
        if self.upload.size > settings.LARGEST:
            raise ValueError("too large")
        name = title or pathlib.Path(self.upload.name).stem
        photo = Photo(file=self.upload, title=name, kind=self.kind)
        photo.full_clean()
        photo.save()
        return photo
""",
    "things/views.py": """
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Photo
from things.services import Shelf


class Photos(APIView):
    def post(self, request):
        shelf = Shelf(request.FILES["photo"], kind="shelved")
        photo = shelf.put()
        return Response({"id": photo.id, "title": photo.title}, status=201)


class Replaced(APIView):
    def put(self, request, pk):
        photo = get_object_or_404(Photo, pk=pk)
        photo.other = request.FILES["photo"]
        photo.save()
        return Response({"id": photo.id})


@api_view(["POST"])
def pictures(request):
    if "photo" not in request.FILES:
        return Response({"photo": "missing"}, status=400)
    photo = Photo.objects.create(title="made", other=request.FILES.get("photo"))
    return Response({"id": photo.id}, status=201)


class Sizes(APIView):
    def post(self, request):
        sent = request.FILES.get("photo")
        if not sent:
            return Response({"files": len(request.FILES.getlist("photo"))}, status=400)
        path = Path(sent.name)
        shown = {"size": sent.size, "end": path.suffix, "type": sent.content_type}
        return Response({**shown, "album": settings.ALBUM.upper()})
""",
}


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_files_are_stored_as_before(server: str, tmp_path: Path, postgres: Cluster) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/photos.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_request_files")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    text = (tmp_path / "api/app/things/routers.py").read_text()
    assert 'upload = (await request_files(request))["photo"]' in text
    constants = (tmp_path / "api/app/constants.py").read_text()
    assert 'ALBUM = os.environ.get("ALBUM_OF_PHOTOS", "all")' in constants
    assert 'LARGEST = int(os.environ.get("LARGEST_PHOTO", 40))' in constants
    evidence = verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)
    assert not_equal(evidence) == []
    assert all(each["statuses"].keys() & {"200", "201"} for each in evidence["endpoints"])
