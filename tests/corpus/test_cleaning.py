"""`full_clean()` refuses what Django's does, in the same words, and services that are generic work."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

HANDLED = SETTINGS + 'REST_FRAMEWORK["EXCEPTION_HANDLER"] = "things.errors.handler"\n'

ERRORS = """
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler


def handler(exc, context):
    if isinstance(exc, DjangoValidationError):
        exc = ValidationError(as_serializer_error(exc))
    return exception_handler(exc, context)
"""

MODELS = """
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=8, unique=True)

    class Meta:
        verbose_name = "long shelf"


class Box(models.Model):
    shelf = models.ForeignKey(Shelf, null=True, blank=True, on_delete=models.CASCADE)
    code = models.SlugField(max_length=12, unique=True, error_messages={"unique": "Taken."})
    state = models.CharField(max_length=8, choices=[("in", "In"), ("out", "Out")], default="in")
    weight = models.DecimalField(max_digits=4, decimal_places=1, default=1)
    places = models.IntegerField(default=1, validators=[MinValueValidator(1)])
    owner = models.EmailField(blank=True)
    lid = models.BooleanField(default=False)
    day = models.DateField(null=True, blank=True)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        unique_together = [("shelf", "places")]
        constraints = [models.UniqueConstraint(fields=["weight", "state", "lid", "code"], name="once")]

    def clean(self):
        if self.state == "out" and self.lid:
            raise ValidationError("Put the lid off.")
        if isinstance(self.places, int) and Box.objects.filter(places=self.places, owner="none@x.de").exists():
            raise ValidationError("There are no such places.")


class Guest(models.Model):
    name = models.CharField(max_length=5)

    def save(self, *args, **kwargs):
        self.full_clean()
        super().save(*args, **kwargs)


class Room(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)


class Label(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)
    first = models.ForeignKey(Room, related_name="firsts", on_delete=models.CASCADE)
    other = models.ForeignKey(Room, related_name="others", on_delete=models.CASCADE)
    start = models.IntegerField()
    end = models.IntegerField()
    loose = models.BooleanField(default=False)
    word = models.CharField(max_length=9, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(start__gte=0), name="positive"),
            models.UniqueConstraint(fields=["start", "word"], name="apart"),
            models.CheckConstraint(condition=models.Q(start__lt=models.F("end")), name="forward"),
        ]

    def clean(self):
        if not self.first.shelf == self.other.shelf == self.shelf:
            raise ValidationError("Label one shelf.")
        return super().clean()

    def validate_unique(self, exclude=None):
        if self.loose:
            super().validate_unique(exclude=exclude)
            return
        if Label.objects.exclude(id=self.id).filter(start__lt=self.end, end__gt=self.start).exists():
            raise ValidationError("There is a label here.")

    def save(self, force_insert=False, force_update=False, using=None, update_fields=None):
        self.full_clean()
        super().save(force_insert, force_update, using, update_fields)
"""

VIEWS = """
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Box, Guest, Label, Shelf


def found(model, **lookups):
    try:
        return get_object_or_404(model, **lookups)
    except Http404:
        return None


@transaction.atomic
def box_create(*, code, state="in", places=1, lid=False, owner="", weight=None):
    box = Box(code=code, state=state, places=places, lid=lid, owner=owner)
    if weight is not None:
        box.weight = weight
    box.full_clean()
    box.save()
    return box


def shown(*, box: Box):
    return {"id": box.id, "code": box.code, "places": box.places, "weight": str(box.weight)}


class Boxes(APIView):
    class InputSerializer(serializers.Serializer):
        code = serializers.SlugField(max_length=20)
        state = serializers.ChoiceField(["out", "in"], required=False)
        places = serializers.IntegerField(required=False)
        lid = serializers.BooleanField(required=False, default=False)
        owner = serializers.EmailField(required=False, allow_blank=True)
        weight = serializers.DecimalField(required=False, max_digits=4, decimal_places=1)

    def post(self, request):
        serializer = self.InputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        box = box_create(**serializer.validated_data)
        return Response(shown(box=box), status=201)


class OneBox(APIView):
    def get(self, request, number):
        box = found(Box, id=number)
        shelf = found(Shelf, pk=number, name__gt="")
        if box is None:
            raise Http404
        return Response({"box": shown(box=box), "shelf": shelf.name if shelf else None})

    def put(self, request, number):
        box = found(Box, id=number)
        if box is None:
            raise Http404
        box.code = str(request.data.get("code", ""))
        if box.code == "refuse":
            raise ValidationError("Not this one.")
        box.full_clean(exclude=["state"])
        box.save()
        return Response(shown(box=box))


class Mover:
    'Puts boxes on a shelf.'

    def __init__(self, shelf: Shelf, note: str = "moved"):
        self.shelf = shelf
        self.note = note

    def _others(self, box):
        return Box.objects.filter(shelf=self.shelf).exclude(id=box.id).count()

    @transaction.atomic
    def move(self, *, box: Box, places: int = 1):
        box.shelf = self.shelf
        box.places = places + self._others(box)
        box.full_clean()
        box.save()
        return {"note": self.note, "shelf": box.shelf_id, "places": box.places}

    @staticmethod
    def twice(number):
        return number * 2


class Moved(APIView):
    class InputSerializer(serializers.Serializer):
        box_id = serializers.IntegerField()

    def post(self, request, number):
        serializer = self.InputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        box = get_object_or_404(Box, id=serializer.validated_data["box_id"])
        shelf = get_object_or_404(Shelf, id=number)
        service = Mover(shelf)
        moved = service.move(box=box, places=service.twice(2))
        return Response({**moved, "by": Mover(shelf, note="again").note})


class Odd(APIView):
    def get(self, request):
        wrong = []
        boxes = [
            Box(code="", state="gone", places=0, weight=Decimal("12345.67"), owner="nobody"),
            Box(code="x" * 13, places=None, lid=None, day="2020-13-40"),
            Box(code="plain", places="many", shelf_id=99),
            Box(code="a b", state="out", lid=True),
        ]
        for box in boxes:
            try:
                box.full_clean()
            except ValidationError as error:
                wrong.append(error.messages)
        return Response(wrong)


class GuestSerializer(serializers.ModelSerializer):
    name = serializers.CharField(max_length=5, allow_blank=True)

    def validate(self, attrs):
        if attrs.get("name") == "12345":
            raise ValidationError("No numbers.")
        return attrs

    class Meta:
        model = Guest
        fields = ["id", "name"]


class LabelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Label
        fields = ["id", "shelf", "first", "other", "start", "end", "loose", "word"]
        extra_kwargs = {"word": {"validators": []}}


class Labels(viewsets.ModelViewSet):
    queryset = Label.objects.order_by("id")
    serializer_class = LabelSerializer


class Guests(viewsets.ModelViewSet):
    queryset = Guest.objects.order_by("id")
    serializer_class = GuestSerializer
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("guests", views.Guests)
router.register("labels", views.Labels)
urlpatterns = [
    path("api/boxes/", views.Boxes.as_view()),
    path("api/boxes/<int:number>/", views.OneBox.as_view()),
    path("api/shelves/<int:number>/boxes/", views.Moved.as_view()),
    path("api/odd/", views.Odd.as_view()),
    path("api/", include(router.urls)),
]
"""

FILES = {
    "settings.py": HANDLED,
    "urls.py": URLS,
    "things/errors.py": ERRORS,
    "things/models.py": MODELS,
    "things/views.py": VIEWS,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path / "project", FILES)


def compared(project: Path, folder: Path, url: str) -> None:
    report = converted(project, folder, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in report["endpoints"] if e["status"] != "converted"}
    assert left == {}
    found = verified(project, folder, "--cases", "60", DATABASE_URL=url)
    assert [each for each in not_equal(found) if "/labels/" not in each[0]] == []
    assert [each for each in not_equal(found) if each[1] != "insufficient"] == []


def test_rows_are_checked_as_before_on_sqlite(project: Path, tmp_path: Path) -> None:
    compared(project, tmp_path, f"sqlite:///{tmp_path}/db.sqlite3")


def test_rows_are_checked_as_before_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    compared(project, tmp_path, postgres.new_database("corpus_cleaning"))
