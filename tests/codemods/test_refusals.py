"""What has no rule, or would answer otherwise, stays on legacy with code and line."""

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
import os

from django.db import models


class Live(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(gone=False)


class Shelf(models.Model):
    name = models.CharField(max_length=20)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)


class Book(models.Model):
    shelf = models.ForeignKey(Shelf, null=True, on_delete=models.CASCADE, related_name="books")
    title = models.CharField(max_length=20)
    gone = models.BooleanField(default=False)
    objects = Live()


class Note(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)

    class Meta:
        ordering = [models.F("book").desc()]


class Saving(models.Model):
    name = models.CharField(max_length=20)

    def save(self, *args, **kwargs):
        self.name = self.name.upper() + os.sep
        super().save(*args, **kwargs)


class Heard(models.Model):
    name = models.CharField(max_length=20)


class Proxy(Shelf):
    class Meta:
        proxy = True
"""

APPS = """
from django.apps import AppConfig
from django.db.models.signals import post_delete


def hear(sender, **kwargs):
    print(sender)


class Config(AppConfig):
    name = "shelves"

    def ready(self):
        post_delete.connect(hear, sender="shelves.Heard")
"""

SERIALIZERS = """
from rest_framework import serializers

from .models import Book, Heard, Note, Saving, Shelf


class ShelfSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shelf
        fields = ["id", "name"]


class TextSerializer(ShelfSerializer):
    name = serializers.SerializerMethodField()

    def get_name(self, obj):
        return f"at {obj}"


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["id", "title"]


class NestedSerializer(serializers.ModelSerializer):
    books = BookSerializer(many=True, read_only=True)

    class Meta:
        model = Shelf
        fields = ["id", "books"]


class KeysSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shelf
        fields = ["id", "books"]


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id"]


class Shout(serializers.ListSerializer):
    def to_representation(self, data):
        return ["!"]


class ListedSerializer(serializers.ModelSerializer):
    class Meta:
        model = Shelf
        fields = ["id"]
        list_serializer_class = Shout


class ShapedSerializer(ShelfSerializer):
    def to_representation(self, instance):
        return None


class SuperSerializer(ShelfSerializer):
    def validate(self, attrs):
        return super().run_validation(attrs)


class SavingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Saving
        fields = ["id", "name"]


class HeardSerializer(serializers.ModelSerializer):
    class Meta:
        model = Heard
        fields = ["id", "name"]
"""

VIEWS = """
import functools
from pathlib import Path

from django.db.models import Count
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_page
from rest_framework import (
    authentication, filters, pagination, permissions, renderers, views, viewsets,
)
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.settings import APISettings

from .models import Book, Heard, Note, Proxy, Saving, Shelf
from .serializers import (
    BookSerializer, HeardSerializer, KeysSerializer, ListedSerializer, NestedSerializer,
    NoteSerializer, SavingSerializer, ShapedSerializer, ShelfSerializer, SuperSerializer,
    TextSerializer,
)


def twice(function):
    @functools.wraps(function)
    def call(*args):
        return 2 * function(*args)
    return call


@twice
def helper():
    return 1


class Read(viewsets.ReadOnlyModelViewSet):
    queryset = Shelf.objects.order_by("id")
    serializer_class = ShelfSerializer


class PlainView(Read):
    pass


class TextView(Read):
    serializer_class = TextSerializer


class NestedView(Read):
    serializer_class = NestedSerializer


class KeysView(Read):
    serializer_class = KeysSerializer


class ListedView(Read):
    serializer_class = ListedSerializer


class ShapedView(Read):
    serializer_class = ShapedSerializer


class OrderedView(Read):
    queryset = Note.objects.all()
    serializer_class = NoteSerializer


class OtherModelView(Read):
    serializer_class = BookSerializer

    def get_queryset(self):
        return Book.objects.order_by("id")


class DispatchView(Read):
    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        print(request.resolver_match)


class SettingsView(Read):
    settings = APISettings({"EXCEPTION_HANDLER": print})


class AnsweringView(Read):
    def finalize_response(self, request, response, *args, **kwargs):
        response["X-Extra"] = request.resolver_match.route
        return super().finalize_response(request, response, *args, **kwargs)


class Hooked:
    def get_permissions(self):
        if self.request.user.is_staff:
            return []
        return [permissions.IsAdminUser()]


class HookView(Hooked, Read):
    def get_permissions(self):
        return super().get_permissions()


class RaisingView(Read):
    def get_serializer_class(self):
        return {"list": ShelfSerializer}[self.action]


class Between(Read):
    pass


@method_decorator(cache_page(60), name="list")
class CachedView(Read):
    pass


class OwnFilter(filters.BaseFilterBackend):
    def filter_queryset(self, request, queryset, view):
        return queryset.none()


class FilterView(Read):
    filter_backends = [OwnFilter]


class OwnPages(pagination.PageNumberPagination):
    page_size = 2

    def get_page_size(self, request):
        return 3


class PagesView(Read):
    pagination_class = OwnPages


class Key(authentication.BaseAuthentication):
    def authenticate(self, request):
        return (object(), None)


class KeyView(Read):
    authentication_classes = [Key]


class RenderView(Read):
    renderer_classes = [renderers.StaticHTMLRenderer]


class PermissionView(Read):
    permission_classes = [permissions.DjangoModelPermissions]


class WriteView(viewsets.ModelViewSet):
    queryset = Shelf.objects.order_by("id")
    serializer_class = SuperSerializer


class SavingView(viewsets.ModelViewSet):
    queryset = Saving.objects.order_by("id")
    serializer_class = SavingSerializer


class HeardView(viewsets.ModelViewSet):
    queryset = Heard.objects.order_by("id")
    serializer_class = HeardSerializer


class BodyView(Read):
    @action(detail=False)
    def listed(self, request):
        return Response({"n": len(set(self.get_queryset()))})

    @action(detail=False)
    def parent(self, request):
        response = super().list(request, 1)
        return Response({"n": response.data})

    @action(detail=False)
    def dropped(self, request):
        request.query_params
        return Response({"n": 1})

    @action(detail=False)
    def decorated(self, request):
        return Response({"n": helper()})

    @action(detail=False)
    def statuses(self, request):
        Response({}, status=200)

    @action(detail=False)
    def lookup(self, request):
        return Response({"n": Shelf.objects.filter(name__unaccent="x").count()})

    @action(detail=False)
    def stars(self, request):
        wanted = {request.query_params["by"]: "x"}
        return Response({"n": Shelf.objects.filter(**wanted).count()})

    @action(detail=False)
    def rows(self, request):
        row = Shelf.objects.order_by("id").first()
        return Response({"n": row or "none"})

    @action(detail=False)
    def counted(self, request):
        row = Shelf.objects.annotate(volumes=Count("books")).order_by("id").get(pk=1)
        return Response({"n": row.volumes})

    @action(detail=False)
    def lacks(self, request):
        row = Shelf.objects.get(pk=1)
        return Response({"has": hasattr(row, "volumes")})

    @action(detail=False)
    def lacks_given(self, request):
        row = Shelf.objects.get(pk=1)
        return Response({"n": getattr(row, "volumes", 0)})

    @action(detail=False)
    def manager(self, request):
        row = Shelf.objects.get(pk=1)
        return Response({"has": hasattr(row, "objects")})

    @action(detail=False)
    def newkey(self, request):
        row = Note.objects.get(pk=1)
        return Response({"has": hasattr(row, "book")})

    @action(detail=False, methods=["post"])
    def sent(self, request):
        return Response({"empty": request.data in (None, "", [])})

    @action(detail=False)
    def nobody(self, request):
        row = Shelf.objects.get(pk=1)
        return Response({"has": hasattr(row, "nobody_gives_this")})

    @action(detail=False)
    def file(self, request):
        return Response({"n": open("/etc/hostname").read()})

    @action(detail=False)
    def path(self, request):
        return Response({"n": Path("/etc/hostname").read_text()})

    @action(detail=False)
    def sender(self, request):
        return Response({"n": request.META.get("REMOTE_HOST")})

    @action(detail=False)
    def typed(self, request):
        return Response({"n": request.META.get("HTTP_CONTENT_TYPE")})


class Taking(views.APIView):
    def get(self, request):
        return Response({"n": 1})

    def put(self, request, *args, **kwargs):
        return Response({"n": 1})

    def post(self, request, shelf, page):
        return Response({"n": 1})

    def delete(self, request, shelf, page=1):
        return Response(status=204)
"""

URLS = """
from django.urls import path
from rest_framework.routers import SimpleRouter

from shelves import views

router = SimpleRouter()
for name, view in sorted(vars(views).items()):
    if name.endswith("View"):
        router.register(name.removesuffix("View").lower(), view, basename=name)
urlpatterns = router.urls + [
    path("taking/<shelf>/", views.Taking.as_view()),
    path("between/", views.Between.as_view({"get": "list"})),
    path("between/me/", views.PlainView.as_view({"get": "list"})),
    path("between/<pk>/", views.Between.as_view({"get": "retrieve"})),
]
"""

# Endpoint, code, and the line of the project that is named.
REFUSED = [
    ("GET /text/", "B102", 'return f"at {obj}"'),
    ("GET /nested/", "S117", None),
    ("GET /keys/", "S117", None),
    ("GET /listed/", "S122", "class ListedSerializer(serializers.ModelSerializer):"),
    ("GET /shaped/", "S130", "return None"),
    ("GET /ordered/", "Q111", None),
    ("GET /othermodel/", "B306", "def get_queryset(self):"),
    ("GET /dispatch/", "B142", "print(request.resolver_match)"),
    ("GET /settings/", "E101", "class SettingsView(Read):"),
    ("GET /answering/", "B142", 'response["X-Extra"] = request.resolver_match.route'),
    ("GET /hook/", "E102", "def get_permissions(self):"),
    ("GET /cached/", "E125", None),
    ("GET /raising/{pk}/", "E103", None),
    ("GET /between/{pk}/", "E104", None),
    ("GET /filter/", "F101", None),
    ("GET /pages/", "G102", "def get_page_size(self, request):"),
    ("GET /key/", "A101", "return (object(), None)"),
    ("GET /render/", "E120", None),
    ("GET /permission/", "P101", None),
    ("POST /write/", "B302", "return super().run_validation(attrs)"),
    ("POST /saving/", "Q113", None),
    ("PATCH /saving/{pk}/", "Q113", None),
    ("DELETE /heard/{pk}/", "Q113", None),
    ("GET /taking/{shelf}/", "B125", "def get(self, request):"),
    ("POST /taking/{shelf}/", "B125", "def post(self, request, shelf, page):"),
    ("GET /body/listed/", "B102", 'return Response({"n": len(set(self.get_queryset()))})'),
    ("GET /body/parent/", "B103", "response = super().list(request, 1)"),
    ("GET /body/dropped/", "B102", "request.query_params"),
    ("GET /body/decorated/", "B211", "@twice"),
    ("GET /body/statuses/", "B138", "def statuses(self, request):"),
    ("GET /body/lookup/", "Q120", None),
    ("GET /body/stars/", "Q101", None),
    ("GET /body/rows/", "B112", 'return Response({"n": row or "none"})'),
    ("GET /body/lacks/", "B105", 'return Response({"has": hasattr(row, "volumes")})'),
    ("GET /body/lacks_given/", "B153", 'return Response({"n": getattr(row, "volumes", 0)})'),
    ("GET /body/manager/", "B105", 'return Response({"has": hasattr(row, "objects")})'),
    ("GET /body/newkey/", "B105", 'return Response({"has": hasattr(row, "book")})'),
    ("POST /body/sent/", "B107", 'return Response({"empty": request.data in (None, "", [])})'),
    ("GET /body/file/", "B103", 'return Response({"n": open("/etc/hostname").read()})'),
    ("GET /body/sender/", "B142", 'return Response({"n": request.META.get("REMOTE_HOST")})'),
    ("GET /body/typed/", "B142", 'return Response({"n": request.META.get("HTTP_CONTENT_TYPE")})'),
    ("GET /body/path/", "B106", 'return Response({"n": Path("/etc/hostname").read_text()})'),
]

# Their neighbours, which have rules.
CONVERTED = [
    "GET /plain/",
    "GET /raising/",
    "GET /between/",
    "GET /between/me/",
    "GET /body/",
    "GET /body/counted/",
    "GET /body/nobody/",
    "GET /cached/{pk}/",
    "GET /saving/",
    "DELETE /saving/{pk}/",
    "POST /heard/",
    "GET /write/",
    "DELETE /write/{pk}/",
    "GET /pages/{pk}/",
    "PUT /taking/{shelf}/",
    "DELETE /taking/{shelf}/",
]


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    """A project full of what has no rule."""
    files = {
        "shelves/models.py": MODELS,
        "shelves/apps.py": APPS,
        "shelves/serializers.py": SERIALIZERS,
        "shelves/views.py": VIEWS,
        "urls.py": URLS,
    }
    return legacy_project(tmp_path_factory.mktemp("shelves"), files).convert()


@pytest.mark.parametrize(("endpoint", "code", "line"), REFUSED)
def test_it_stays_on_legacy(endpoint: str, code: str, line: str | None, shelves: Converted) -> None:
    assert shelves.codes(endpoint) == [code]
    found = shelves.refusal(endpoint)
    assert line is None or found == (code, line)


@pytest.mark.parametrize("endpoint", CONVERTED)
def test_its_neighbour_is_converted(endpoint: str, shelves: Converted) -> None:
    assert shelves.reasons(endpoint) == []


def test_what_stays_on_legacy_is_listed_for_the_router(shelves: Converted) -> None:
    assert "unconverted={'/': ('POST',)" in shelves.module("app.shelves.routers").replace('"', "'")


def test_a_proxy_is_a_class_without_a_table_of_its_own(shelves: Converted) -> None:
    assert shelves.conversion.models["shelves.Proxy"].reasons == ()
    assert "class Proxy(Shelf):\n    pass\n" in shelves.module("app.shelves.models")


def test_what_no_endpoint_reaches_is_left_out(shelves: Converted) -> None:
    schemas = shelves.module("app.shelves.schemas")
    assert "class ShelfRead(" in schemas
    for name in ("NestedRead", "TextRead", "SuperWrite"):
        assert name not in schemas
    assert "helper" not in "".join(shelves.generated.values())
    assert shelves.conversion.serializers["shelves.serializers.NestedSerializer"].status == "legacy"


def test_every_file_compiles(shelves: Converted) -> None:
    for path, text in shelves.tree.items():
        if path.endswith(".py"):
            compile(text, path, "exec")
