"""What projects write that nobody had in mind: decorated classes, caught refusals, files in another order."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("users", views.Users)
router.register("marks", views.Marks, basename="mark")
router.register("notes", views.Notes)
router.register("old", views.Old, basename="old")

urlpatterns = [
    path("api/", include(router.urls)),
    path("api/rate/", views.Rate.as_view()),
    path("api/taken/", views.Taken.as_view()),
]
"""

MODELS = """
from django.conf import settings
from django.db import models


class Note(models.Model):
    title = models.CharField(max_length=20)
    due = models.DateTimeField(null=True)
    share = models.DecimalField(max_digits=3, decimal_places=2, default=0)

    def __str__(self):
        return self.title or "-"


class Mark(models.Model):
    note = models.ForeignKey(Note, related_name="marks", on_delete=models.CASCADE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    class Meta:
        ordering = ["-id"]
        unique_together = ["owner", "note"]
"""

# Their file sorts behind that of those which nest them.
WORDS = """
from rest_framework import serializers

from things.models import Mark


class MarkSerializer(serializers.ModelSerializer):
    owner = serializers.ReadOnlyField(source="owner.username")

    class Meta:
        model = Mark
        fields = ["id", "note", "owner"]

    def create(self, validated_data):
        from django.db import IntegrityError

        try:
            return super().create(validated_data)
        except IntegrityError:
            raise serializers.ValidationError({"detail": "possible duplication"})
"""

NOTES = """
from django.contrib.auth import get_user_model
from rest_framework import serializers

from things.models import Note
from things.zebra import MarkSerializer

User = get_user_model()


class NoteSerializer(serializers.ModelSerializer):
    marks = MarkSerializer(many=True, read_only=True)

    class Meta:
        model = Note
        fields = ["id", "title", "due", "marks"]


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username"]
"""

ERRORS = """
from rest_framework.exceptions import APIException


def handler(exc, context):
    from rest_framework.views import exception_handler

    if isinstance(exc, APIException):
        exc.detail = exc.get_full_details()
    return exception_handler(exc, context)
"""

VIEWS = """
from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.utils import timezone
from rest_framework import generics, permissions, serializers, viewsets
from rest_framework.authentication import BasicAuthentication, TokenAuthentication
from rest_framework.decorators import authentication_classes, permission_classes
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from .aardvark import NoteSerializer, UserSerializer
from .models import Mark, Note
from .zebra import MarkSerializer

User = get_user_model()


class StaffOrReader(BasePermission):
    def has_permission(self, request, view):
        return bool(
            (request.method in SAFE_METHODS and request.user and request.user.is_authenticated)
            or (request.user and request.user.is_staff)
        )


class ReaderOrAnyUser(BasePermission):
    def has_permission(self, request, view):
        return request.user.is_authenticated and request.user

    def has_object_permission(self, request, view, obj):
        return obj.marks.all() or request.user.is_staff and obj


@authentication_classes([TokenAuthentication])
@permission_classes([StaffOrReader])
class Users(viewsets.ReadOnlyModelViewSet):
    queryset = User.objects.all().order_by("pk")
    serializer_class = UserSerializer


class Marks(viewsets.ModelViewSet):
    queryset = Mark.objects.select_related("note", "owner").prefetch_related("note__marks")
    serializer_class = MarkSerializer
    authentication_classes = [TokenAuthentication]
    permission_classes = [permissions.IsAuthenticatedOrReadOnly]

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)


class Registered(BasePermission):
    def has_permission(self, request, view):
        try:
            User.objects.get(username=request.user)
        except User.DoesNotExist:
            return False
        return True

    def has_object_permission(self, request, view, obj):
        return Note.objects.filter(title=obj).exists()


class Old(viewsets.ReadOnlyModelViewSet):
    serializer_class = NoteSerializer
    authentication_classes = [TokenAuthentication]
    permission_classes = [Registered]

    def get_queryset(self):
        self.queryset = Note.objects.order_by("-pk")
        if self.request.query_params.get("due"):
            self.queryset = self.queryset.filter(due__isnull=False)
        if self.action == "list":
            return self.queryset.exclude(title="")
        return self.queryset


class Shown(viewsets.ReadOnlyModelViewSet):
    queryset = Note.objects.prefetch_related("marks").order_by("pk")


class Notes(Shown):
    serializer_class = NoteSerializer
    authentication_classes = [TokenAuthentication]
    permission_classes = [ReaderOrAnyUser]

    def get_queryset(self):
        soon = timezone.now() + timezone.timedelta(days=3650)
        queryset = super().get_queryset().prefetch_related("marks__owner")
        return queryset.exclude(due__gt=soon)


def fair(rate, error=serializers.ValidationError):
    if rate > 5:
        raise error({"rate": "at most five"})
    return rate


class Rate(APIView):
    authentication_classes = []

    def get(self, request):
        try:
            rate = int(request.query_params.get("rate", "3"))
        except ValueError:
            return Response({"error": "a number"}, status=400)
        return Response({"rate": rate})

    def post(self, request):
        try:
            rate = fair(int(request.data.get("rate", "3")))
        except (TypeError, ValueError):
            return Response({"error": "a number"}, status=422)
        return Response({"rate": rate})

    def put(self, request):
        try:
            rate = int(request.data.get("rate", "3"))
            if rate > 500:
                raise serializers.ValidationError({"rate": "at most five"})
        except ValueError:
            return Response({"error": "a number"}, status=422)
        except Exception:
            return Response({"error": "a lower one"}, status=409)
        return Response({"rate": rate})


@permission_classes([permissions.IsAuthenticated])
class Taken(generics.GenericAPIView):
    serializer_class = MarkSerializer
    authentication_classes = [TokenAuthentication]

    def get(self, request):
        serializer_class = MarkSerializer
        if request.query_params.get("mine"):
            marks = Mark.objects.filter(owner=request.user)
            serializer_class = serializer_class(marks, many=True)
            return Response(serializer_class.data)
        return Response(serializer_class(Mark.objects.all()[:3], many=True).data)

    def post(self, request):
        note = Note.objects.order_by("pk").first()
        if note is None:
            return Response(status=404)
        Mark.objects.filter(owner=request.user, note=note).delete()
        Mark.objects.create(owner=request.user, note=note)
        try:
            Mark.objects.create(owner=request.user, note_id=note.pk)
        except Exception as error:
            count = Mark.objects.filter(owner=request.user, note=note).count()
            return Response({"error": str(error), "again": f"{error}", "count": count})
        return Response(status=204)

    def put(self, request):
        try:
            Mark.objects.create(owner=request.user, note_id=99999999)
        except IntegrityError:
            count = Mark.objects.filter(owner=request.user).count()
            return Response({"error": "no such note", "count": count})
        return Response(status=204)
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    settings = SETTINGS.replace('"things",', '"rest_framework.authtoken", "things",')
    settings += 'REST_FRAMEWORK["EXCEPTION_HANDLER"] = "things.errors.handler"\n'
    texts = {
        "settings.py": settings, "urls.py": URLS, "things/models.py": MODELS,
        "things/errors.py": ERRORS, "things/views.py": VIEWS, "things/aardvark.py": NOTES, "things/zebra.py": WORDS,
    }  # fmt: skip
    return small_project(tmp_path / "notes", texts)


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_what_other_projects_write_answers_as_before(
    server: str, notes: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/notes.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_usual_projects")
    conversion = converted(notes, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    ids = [e["id"] for e in conversion["endpoints"]]
    evidence = verified(notes, tmp_path, *ids, "--cases", "25", DATABASE_URL=url)
    assert [e["id"] for e in evidence["endpoints"] if e["differences"]] == []
    # On PostgreSQL each refused row has taken a number of its sequence; hardly a number is a rate.
    unproved = {"POST /api/marks/"} if server == "postgresql" else set()
    assert {each[0] for each in not_equal(evidence)} <= {*unproved, "PUT /api/rate/"}
    routers = (tmp_path / "api/app/things/routers.py").read_text()
    assert "except (ValidationError, InvalidValueError):\n        raise\n" in routers
    assert (
        routers.count("except (ValidationError, InvalidValueError):") == 2
    )  # not where it is plain
