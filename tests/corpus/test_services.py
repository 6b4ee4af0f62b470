"""What services of other people do between views, permissions and serializers, as before."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

# An app called `api`, which is a module of the new app as well.
WITH_LOGIN = (
    SETTINGS
    + """
INSTALLED_APPS += ["rest_framework.authtoken", "api"]
REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = [
    "rest_framework.authentication.TokenAuthentication",
]
"""
)

URLS = """
from django.urls import include, path
from rest_framework.routers import DefaultRouter, SimpleRouter

from api import views

router = SimpleRouter()
router.register("shelves", views.Shelves)
router.register("books", views.Books, basename="book")
router.register("guarded", views.GuardedBooks, basename="guarded")
router.register("readers", views.Readers, basename="reader")
linked = DefaultRouter()
linked.include_root_view = False
linked.register("linked", views.LinkedShelves, basename="linked")
linked.register("bound", views.LinkedBooks, basename="bound")
drawn = DefaultRouter(use_regex_path=False)
drawn.include_root_view = False
drawn.register("drawn", views.DrawnShelves, basename="drawn")
urlpatterns = [
    path("api/", include(linked.urls)),
    path("api/", include(drawn.urls)),
    path("api/", include(router.urls)),
    path("api/shelves/<int:shelf_pk>/books/", views.ShelfBooks.as_view()),
    path("api/shown/", views.Shown.as_view()),
    path("api/named/", views.Named.as_view()),
]
"""

MODELS = """
from django.conf import settings
from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=30)


class Book(models.Model):
    shelf = models.ForeignKey(Shelf, related_name="books", on_delete=models.CASCADE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    name = models.CharField(max_length=30)
    pages = models.IntegerField(default=1)
    cover = models.FileField(upload_to="covers/", blank=True)

    class Meta:
        ordering = ["-pages", "-id"]
        unique_together = [("shelf", "owner")]

    @property
    def weight(self):
        return self.pages * 2 + len(self.shelf.name)
"""

PERMISSIONS = """
from rest_framework.permissions import SAFE_METHODS, BasePermission

from .models import Shelf


class LeastPages(BasePermission):
    least = 0
    allowed: str | None = None

    def has_object_permission(self, request, view, obj):
        if self.allowed is not None and obj.name == self.allowed:
            return True
        return obj.pages >= self.least


class SomePages(LeastPages):
    least = 3
    allowed = "verify name 0"


class ByAction(BasePermission):
    message = "Not this."

    def has_permission(self, request, view):
        if view.action in ("list", "retrieve", "create"):
            return True
        if view.action == "update":
            return request.user.is_superuser
        return view.action is not None and request.user.is_staff


class OfShelf(BasePermission):
    def has_permission(self, request, view):
        number = view.kwargs["shelf_pk"]
        return request.method in SAFE_METHODS or Shelf.objects.filter(pk=number).exists()
"""

VIEWS = """
from django.contrib.auth import get_user_model
from django.db import transaction
from rest_framework import generics, permissions, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Book, Shelf
from .permissions import ByAction, OfShelf, SomePages

User = get_user_model()


class ShelfSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shelf
        fields = ["id", "name"]


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["id", "shelf", "name", "pages"]


class NewBookSerializer(BookSerializer):
    class Meta(BookSerializer.Meta):
        fields = ["id", "shelf", "owner", "name", "pages"]


class CoverSerializer(BookSerializer):
    class Meta(BookSerializer.Meta):
        fields = ["id", "cover"]


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username"]


class LinkedShelfSerializer(serializers.HyperlinkedModelSerializer):
    books = serializers.HyperlinkedRelatedField(many=True, read_only=True, view_name="bound-detail")

    class Meta:
        model = Shelf
        fields = ["url", "name", "books"]
        extra_kwargs = {"url": {"view_name": "linked-detail"}}


class LinkedBookSerializer(serializers.HyperlinkedModelSerializer):
    url = serializers.HyperlinkedIdentityField(view_name="bound-detail", format="json")

    class Meta:
        model = Book
        fields = ["url", "shelf"]
        extra_kwargs = {"shelf": {"view_name": "linked-detail", "read_only": True}}


class LinkedShelves(viewsets.ReadOnlyModelViewSet):
    queryset = Shelf.objects.order_by("name", "id")
    serializer_class = LinkedShelfSerializer

    @action(detail=True, methods=["post"])
    @transaction.atomic
    def rename(self, request, pk=None):
        shelf = self.get_object()
        serializer = ShelfSerializer(shelf, data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        if shelf.name == "12345":
            raise PermissionDenied("Not that name.")
        return Response(serializer.data)


class DrawnShelfSerializer(serializers.HyperlinkedModelSerializer):
    url = serializers.HyperlinkedIdentityField(view_name="drawn-detail")

    class Meta:
        model = Shelf
        fields = ["url", "name"]


class DrawnShelves(viewsets.ReadOnlyModelViewSet):
    queryset = Shelf.objects.order_by("name", "id")
    serializer_class = DrawnShelfSerializer

    def get_serializer_context(self):
        context = super().get_serializer_context()
        context["drawn"] = True
        return context

    @action(detail=False)
    def plain(self, request):
        rows = self.get_queryset()[:3]
        context = {"request": request}
        return Response(DrawnShelfSerializer(rows, many=True, context=context).data)


class LinkedBooks(viewsets.ReadOnlyModelViewSet):
    queryset = Book.objects.all()
    serializer_class = LinkedBookSerializer


class Shelves(viewsets.ModelViewSet):
    queryset = Shelf.objects.order_by("id")
    serializer_class = ShelfSerializer
    permission_classes = [permissions.DjangoModelPermissions]


class Books(viewsets.ModelViewSet):
    serializer_class = NewBookSerializer
    permission_classes = [permissions.DjangoModelPermissionsOrAnonReadOnly, SomePages]

    def get_queryset(self):
        request = self.request
        params = request.query_params
        name = params.get("name", "")
        found = Book.objects.filter(name__startswith=name)
        return found if request.user.is_superuser else found.filter(pages__gt=0)


class GuardedBooks(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = NewBookSerializer
    permission_classes = [IsAuthenticated, ByAction]


class Readers(viewsets.ReadOnlyModelViewSet):
    serializer_class = UserSerializer

    def get_queryset(self):
        return User.objects.order_by("id")


class ShelfBooks(generics.ListAPIView):
    serializer_class = BookSerializer
    permission_classes = [OfShelf]

    def get_queryset(self):
        return Book.objects.filter(shelf_id=self.kwargs["shelf_pk"])


class Shown(APIView):
    def get(self, request):
        books = Book.objects.filter()
        weight = sum(book.weight for book in books)
        return Response({"weight": weight, "books": BookSerializer(books, many=True).data})


class Named(APIView):
    def get(self, request):
        covers = CoverSerializer(Book.objects.all(), many=True, context={"request": request})
        return Response(covers.data)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "settings.py": WITH_LOGIN,
        "urls.py": URLS,
        "api/__init__.py": "",
        "api/models.py": MODELS,
        "api/permissions.py": PERMISSIONS,
        "api/views.py": VIEWS,
    }
    return small_project(tmp_path / "legacy", files)


def test_services_answer_as_before_on_sqlite(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/services.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "8", DATABASE_URL=url)) == []


def test_services_answer_as_before_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_services")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
