"""What a view says of itself outside of its methods: each is understood, or keeps it on legacy."""

from pathlib import Path

import pytest

from tests.codemods.project import Converted, legacy_project

MODELS = """
from django.db import models


class Shelf(models.Model):
    name = models.CharField(max_length=20)
    rank = models.IntegerField(default=0)

    class Meta:
        ordering = ["-rank", "id"]


class Book(models.Model):
    shelf = models.ForeignKey(Shelf, null=True, on_delete=models.CASCADE)
    title = models.CharField(max_length=20)
    gone = models.BooleanField(default=False)
    at = models.DateTimeField(null=True)
"""

SERIALIZERS = """
from rest_framework import serializers

from .models import Book


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["id", "title"]
"""

VIEWS = """
import django_filters as df
from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from rest_framework import (
    filters, generics, mixins, pagination, permissions, renderers, throttling, viewsets,
)
from rest_framework.decorators import action
from rest_framework.response import Response

from django_filters.rest_framework import DjangoFilterBackend

from .models import Book, Shelf
from .serializers import BookSerializer


class KeepsView(viewsets.ReadOnlyModelViewSet):
    serializer_class = BookSerializer

    def get_queryset(self):
        gone = self.request.query_params.get("gone")
        self.queryset = Book.objects.order_by("pk")
        if gone:
            self.queryset = self.queryset.filter(gone=True)
        return self.queryset


class KeptView(viewsets.ReadOnlyModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer

    def get_queryset(self):
        self.queryset = Book.objects.filter(gone=False)
        return self.queryset

    def list(self, request):
        books = self.filter_queryset(self.get_queryset())
        return Response({"all": self.queryset.count(), "here": len(books)})


class DoubledView(viewsets.ReadOnlyModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer

    def get_queryset(self):
        self.queryset = self.queryset.filter(shelf__isnull=False)
        return self.queryset


class Read(viewsets.ReadOnlyModelViewSet):
    queryset = Book.objects.order_by("id")
    serializer_class = BookSerializer


class Write(viewsets.ModelViewSet):
    queryset = Book.objects.order_by("id")
    serializer_class = BookSerializer


class Either(Read):
    pass


class PropertyView(Read):
    @property
    def permission_classes(self):
        return []


class SearchedView(Read):
    filter_backends = [filters.SearchFilter]

    @property
    def search_fields(self):
        return ["title"] if self.request.query_params.get("t") else ["shelf__name"]


class RendererView(Read):
    def get_renderers(self):
        return [renderers.JSONRenderer()]


class NoneOfView(Read):
    queryset = Book.objects.filter(id__in=[]).order_by("id")


class HeadView(Read):
    def head(self, request, *args, **kwargs):
        return Response(status=204)


class HeaderView(Read):
    def get_authenticate_header(self, request):
        return "Fancy"


class MethodsView(Read):
    def get_permissions(self):
        if self.request.method == "GET":
            return [permissions.AllowAny()]
        return [permissions.IsAdminUser()]


class ActionsView(Read):
    def get_permissions(self):
        if self.action == "list":
            return [permissions.AllowAny()]
        return [permissions.IsAdminUser()]


class NarrowView(Read):
    filter_backends = [filters.SearchFilter]
    search_fields = ["title"]

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset).filter(gone=False)

    @action(detail=True)
    def shown(self, request, pk=None):
        return Response(self.get_serializer(self.get_object()).data)

    @action(detail=False, queryset=Book.objects.filter(gone=True))
    def lost(self, request):
        return Response(self.get_serializer(self.get_queryset(), many=True).data)


class NowView(Read):
    queryset = Book.objects.filter(at__lt=timezone.now()).order_by("id")


class ChosenView(Read):
    if True:
        queryset = Book.objects.filter(gone=True).order_by("id")


class InnerView(Read):
    gone = True
    queryset = Book.objects.filter(gone=gone).order_by("id")


class CutView(Read):
    queryset = Book.objects.order_by("id")[:5]


class TypedView(Read):
    queryset: object = Book.objects.filter(title="typed").order_by("id")


class TwiceView(Read):
    queryset = Book.objects.filter(title="first").order_by("id")
    queryset = Book.objects.filter(title="last").order_by("id")


def changed(cls):
    cls.queryset = Book.objects.none()
    return cls


@changed
class ChangedView(Read):
    pass


@method_decorator(transaction.atomic, name="perform_create")
class AtomicView(Write):
    pass


@method_decorator(csrf_exempt, name="dispatch")
class ExemptView(Read):
    pass


class PageView(Read):
    renderer_classes = [renderers.BrowsableAPIRenderer, renderers.JSONRenderer]


class DeafView(Write):
    parser_classes = []


class OtherPages(pagination.PageNumberPagination):
    page_size = 2
    django_paginator_class = type("Other", (Paginator,), {})


class OtherPagesView(Read):
    pagination_class = OtherPages


class Cursor(pagination.CursorPagination):
    page_size = 2
    ordering = "id"


class CursorView(Read):
    pagination_class = Cursor


class OrderedCursorView(Read):
    pagination_class = Cursor
    filter_backends = [filters.OrderingFilter]
    ordering_fields = ["title"]


class FarCursorView(Read):
    pagination_class = Cursor
    filter_backends = [filters.OrderingFilter]
    ordering_fields = ["shelf__name"]


class OrderedView(Read):
    filter_backends = [filters.OrderingFilter]
    ordering_fields = ["shelf", "title"]
    ordering = ["-shelf"]


class QuietView(Read):
    http_method_names = ["get"]


class AgainView(Write):
    def perform_create(self, serializer):
        serializer.save(gone=False)
        serializer.save(gone=True)


class BesideView(Write):
    def perform_create(self, serializer):
        book = Book.objects.create(title="another")
        book.save()


class ReturningView(Write):
    def perform_create(self, serializer):
        return serializer.save(gone=True)

    def perform_update(self, serializer):
        book = serializer.save()
        if book.gone:
            return
        book.title = "here"
        book.save()

    def perform_destroy(self, instance):
        if instance.gone:
            return
        instance.delete()


class PatchedView(Write):
    def perform_update(self, serializer):
        if self.request.method == "PATCH":
            serializer.save(gone=False)
            return
        serializer.save(gone=True)


class Spelled(df.FilterSet):
    letters = df.CharFilter(method="by_letters")

    def by_letters(self, queryset, name, value):
        return queryset.filter(title__in=value)

    class Meta:
        model = Book
        fields = []


class SpelledView(Read):
    filter_backends = [DjangoFilterBackend]
    filterset_class = Spelled


class Formed(df.FilterSet):
    class Meta:
        model = Book
        fields = ["title"]
        form = type("Form", (forms.Form,), {})


class FormedView(Read):
    filter_backends = [DjangoFilterBackend]
    filterset_class = Formed


class Every(df.FilterSet):
    shelf = df.ModelMultipleChoiceFilter(queryset=Shelf.objects.all(), conjoined=True)


class EveryView(Read):
    filter_backends = [DjangoFilterBackend]
    filterset_class = Every


class Coerced(df.FilterSet):
    title = df.TypedChoiceFilter(choices=[("a", "A")], coerce=lambda text: text.upper())


class CoercedView(Read):
    filter_backends = [DjangoFilterBackend]
    filterset_class = Coerced


class NamedView(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer

    def create(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        instance = serializer.save()
        return Response(serializer.data, status=201)


class StepView(Read):
    def retrieve(self, request, pk=None):
        book = self.get_object()
        if book.shelf:
            book.shelf.rank += 1
            book.shelf.save()
        return Response({})


class ScopedView(Read):
    throttle_classes = [throttling.ScopedRateThrottle]
    throttle_scope = "slow"

    @action(detail=False, throttle_scope="fast")
    def quick(self, request):
        return Response({"n": 1})


class OneOrAll(generics.RetrieveAPIView, generics.ListCreateAPIView):
    queryset = Book.objects.order_by("id")
    serializer_class = BookSerializer


class Both(generics.ListAPIView):
    queryset = Book.objects.order_by("id")
    serializer_class = BookSerializer

    def get_queryset(self):
        queryset = super().get_queryset()
        if self.request.method == "GET":
            queryset = queryset.filter(gone=False)
        return queryset
"""

URLS = """
from django.urls import path, re_path
from django.views.decorators.cache import never_cache
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework.urlpatterns import format_suffix_patterns

from shelves import views
from shelves.models import Book

router = SimpleRouter()
for name, view in sorted(vars(views).items()):
    if name.endswith("View"):
        router.register(name.removesuffix("View").lower(), view, basename=name)
listed = views.Read.as_view({"get": "list"})
suffixed = DefaultRouter()
suffixed.register("suffixed", views.Either, basename="suffixed")
urlpatterns = router.urls + suffixed.urls + [
    path("bare/<int:pk>/", views.Either.as_view({"get": "retrieve"})),
    *format_suffix_patterns([path("few/", views.Both.as_view())], allowed=["json"]),
    path("one/<int:pk>/", views.OneOrAll.as_view()),
    path("both/", views.Both.as_view()),
    path("never/", never_cache(views.Both.as_view())),
    path("routed/", views.Both.as_view(queryset=Book.objects.none())),
    path("given/", listed, {"format": "json"}),
    re_path(r"^eithe?r/$", listed),
    re_path(r"^open/", listed),
    re_path(r"^maybe/(?:page-(?P<n>[0-9]+)/)?$", listed),
    re_path(r"^feed.xml$", listed),
    re_path(r"^.*$", never_cache(lambda request: None)),
]
"""

SETTINGS = """
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"slow": "1/day", "fast": "9/day"}
REST_FRAMEWORK["EXCEPTION_HANDLER"] = "rest_framework.views.exception_handler"
"""

# Endpoint, code, and the line of the project that is named.
REFUSED = [
    ("GET /property/", "E101", "def permission_classes(self):"),
    ("GET /searched/", "E101", "def search_fields(self):"),
    ("GET /renderer/", "E101", "def get_renderers(self):"),
    ("GET /head/", "E101", "def head(self, request, *args, **kwargs):"),
    ("GET /header/", "E101", "def get_authenticate_header(self, request):"),
    ("GET /methods/", "E102", None),
    ("GET /narrow/{pk}/shown/", "E101", "def filter_queryset(self, queryset):"),
    ("GET /narrow/lost/", "E127", None),
    ("GET /now/", "Q133", None),
    ("GET /chosen/", "B301", "class ChosenView(Read):"),
    ("GET /inner/", "B103", 'queryset = Book.objects.filter(gone=gone).order_by("id")'),
    ("GET /cut/{pk}/", "Q131", 'queryset = Book.objects.order_by("id")[:5]'),
    ("GET /changed/", "E125", "@changed"),
    ("POST /atomic/", "E125", '@method_decorator(transaction.atomic, name="perform_create")'),
    ("GET /page/", "E120", None),
    ("POST /deaf/", "E121", None),
    ("GET /kept/", "B203", "self.queryset = Book.objects.filter(gone=False)"),
    ("GET /doubled/", "B203", "self.queryset = self.queryset.filter(shelf__isnull=False)"),
    ("GET /otherpages/", "G104", "class OtherPages(pagination.PageNumberPagination):"),
    ("GET /farcursor/", "G105", None),
    ("POST /again/", "B136", "serializer.save(gone=True)"),
    ("POST /beside/", "B305", "def perform_create(self, serializer):"),
    ("PATCH /returning/{pk}/", "B305", "def perform_update(self, serializer):"),
    ("GET /formed/", "F106", "class Formed(df.FilterSet):"),
    ("GET /every/", "F108", "class Every(df.FilterSet):"),
    ("GET /coerced/", "F108", "class Coerced(df.FilterSet):"),
    ("GET /few/", "E126", None),
    ("GET /never/", "E125", None),
    ("GET /routed/", "E127", None),
    ("GET /given/", "E127", None),
    ("GET /either/", "E126", None),
    ("GET /maybe/page-{n}/", "E126", None),
]

# Their neighbours, which have rules.
CONVERTED = [
    "GET /keeps/",
    "GET /step/{pk}/",
    "GET /actions/",
    "GET /again/",
    "GET /both/",
    "GET /cursor/",
    "GET /exempt/",
    "GET /open/",
    "GET /otherpages/{pk}/",
    "GET /quiet/",
    "PATCH /patched/{pk}/",
    "POST /returning/",
    "DELETE /returning/{pk}/",
]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    files = {
        "shelves/models.py": MODELS,
        "shelves/serializers.py": SERIALIZERS,
        "shelves/views.py": VIEWS,
        "urls.py": URLS,
    }
    return legacy_project(tmp_path_factory.mktemp("views"), files, SETTINGS).convert()


@pytest.mark.parametrize(("endpoint", "code", "line"), REFUSED)
def test_what_would_answer_otherwise_stays_on_legacy_and_names_the_line(
    converted: Converted, endpoint: str, code: str, line: str | None
) -> None:
    found = converted.refusal(endpoint)
    assert found[0] == code
    assert line is None or found[1] == line.strip()


@pytest.mark.parametrize("endpoint", CONVERTED)
def test_its_neighbour_is_converted(converted: Converted, endpoint: str) -> None:
    assert converted.reasons(endpoint) == []


def test_of_two_generic_views_the_first_one_answers(converted: Converted) -> None:
    text = converted.module("app.shelves.routers")
    assert "async def retrieve_one_or_all(" in text


@pytest.mark.parametrize(("endpoint", "title"), [("typed", "typed"), ("twice", "last")])
def test_the_last_binding_of_a_queryset_counts(
    converted: Converted, endpoint: str, title: str
) -> None:
    assert converted.converted(f"GET /{endpoint}/")
    text = converted.function("app.shelves.queries", f"{endpoint}_books")
    assert f'.where(Book.title == "{title}")' in text


def test_a_cursor_follows_the_ordering_filter(converted: Converted) -> None:
    text = converted.function("app.shelves.routers", "list_ordered_cursors")
    assert "ordering=chosen_ordering(request, BOOK_FILTERS" in text
    assert "-> CursorPage[BookRead]" in text
    plain = converted.function("app.shelves.routers", "list_cursors")
    assert "paginate(session, Cursor, books(), BookRead)" in plain


def test_lists_tell_the_document_what_clients_may_ask(converted: Converted) -> None:
    text = converted.module("app.shelves.routers")
    before, _, _ = text.partition("async def list_ordered_cursors(")
    assert "query=(Cursor, *BOOK_FILTERS" in before.rpartition("@")[2]
    before, _, _ = text.partition("async def list_cursors(")
    assert "query=(Cursor,)" in before.rpartition("@")[2]


def test_ordering_by_a_relation_takes_the_order_of_its_model(converted: Converted) -> None:
    text = converted.module("app.shelves.routers")
    assert '"shelf": ("-shelf__rank", "shelf__id")' in text
    assert 'default=("shelf__rank", "-shelf__id")' in text


def test_allow_is_written_where_it_is_not_the_usual_one(converted: Converted) -> None:
    text = converted.module("app.shelves.routers")
    assert text.count("allow=") == 1
    assert 'allow={"/": ("GET",), "/{pk}/": ("GET",)}' in text


def test_a_test_of_the_method_that_head_fails_is_kept(converted: Converted) -> None:
    text = converted.function("app.shelves.queries", "both_books")
    assert 'if request.method == "GET":' in text


def test_each_action_is_throttled_in_its_own_scope(converted: Converted) -> None:
    text = converted.module("app.shelves.routers")
    assert 'throttle_scope="slow"' in text
    if converted.converted("GET /scoped/quick/"):
        assert 'throttle_scope="fast"' in converted.function("app.shelves.routers", "quick_scoped")


def test_expressions_in_routes_are_known_to_the_walk_as_to_the_facts(converted: Converted) -> None:
    listed = {(e.method, e.path) for e in converted.legacy.facts.endpoints}
    assert ("ANY", "/{arg1}") in listed
    assert ("GET", "/maybe/page-{n}/") in listed
    walk = {path for _, path in converted.legacy.walk}
    assert {"/maybe/page-{n}/", "/feed{arg}xml", "/{arg}"} <= walk


def test_a_hook_that_ends_with_a_return_answers_all_the_same(converted: Converted) -> None:
    text = converted.module("app.shelves.routers")
    assert "book = await create(session, Book, data, gone=True)\n    return await read(" in text
    assert "book = await update(session, book, data, gone=False)\n    return await read(" in text


def test_a_filter_method_may_call_its_value_value(converted: Converted) -> None:
    text = converted.module("app.shelves.filters")
    assert "def by_letters(self, queryset: Select[Book], name: str, value_: Any)" in text


def test_only_paths_that_have_format_suffixes_get_them(converted: Converted) -> None:
    text = converted.module("app.shelves.routers")
    assert (
        "format_suffix=True" not in text.partition("either_router = Router(")[2].partition(")")[0]
    )
    assert '@either_router.get("/suffixed/", format_suffix=True' in text
    bare = [line for line in text.splitlines() if '"/bare/' in line]
    assert len(bare) == 1
    assert "format_suffix" not in bare[0]


@pytest.mark.parametrize(
    ("setting", "accepted"),
    [
        ('REST_FRAMEWORK["UNAUTHENTICATED_USER"] = "shelves.models.Shelf"', "UNAUTHENTICATED_USER"),
        (
            'DISALLOWED_USER_AGENTS = [__import__("re").compile("bot")]\n'
            'MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]',
            "DISALLOWED_USER_AGENTS",
        ),
    ],
)
def test_a_setting_that_shows_everywhere_keeps_everything_until_accepted(
    tmp_path_factory: pytest.TempPathFactory, setting: str, accepted: str
) -> None:
    files = {
        "shelves/models.py": MODELS,
        "shelves/serializers.py": SERIALIZERS,
        "shelves/views.py": VIEWS,
        "urls.py": URLS,
    }
    project = legacy_project(tmp_path_factory.mktemp("settings"), files, setting)
    assert project.convert().codes("GET /cursor/") == ["W104"]
    assert project.convert(accept=[accepted]).converted("GET /cursor/")


def test_what_is_saved_is_shown_by_the_name_that_it_has(converted: Converted) -> None:
    text = converted.module("app.shelves.routers")
    assert "    instance = await create(session, Book, data)\n" in text
    assert "    return await read(session, BookRead, instance)\n" in text


def test_an_empty_list_stays_one(converted: Converted) -> None:
    text = converted.function("app.shelves.queries", "none_of_books")
    assert ".where(Book.id.in_([]))" in text


DOCUMENTED = """
from drf_spectacular.utils import extend_schema_view
from rest_framework import generics

from .models import Book
from .serializers import BookSerializer


def changed(**documentation):
    return lambda view: view


as_documented = extend_schema_view(get="Books.")
as_changed = changed(get="Books.")


@as_documented
class Documented(generics.ListAPIView):
    queryset = Book.objects.order_by("id")
    serializer_class = BookSerializer


@as_changed
class Changed(generics.ListAPIView):
    queryset = Book.objects.order_by("id")
    serializer_class = BookSerializer
"""


def test_a_decorator_held_in_a_variable_is_what_made_it(tmp_path: Path) -> None:
    files = {
        "drf_spectacular/utils.py": "def extend_schema_view(**kw):\n    return lambda view: view\n",
        "things/models.py": MODELS,
        "things/serializers.py": SERIALIZERS,
        "things/views.py": DOCUMENTED,
        "urls.py": (
            "from django.urls import path\nfrom things import views\n\nurlpatterns = [\n"
            '    path("documented/", views.Documented.as_view()),\n'
            '    path("changed/", views.Changed.as_view()),\n]\n'
        ),
    }
    things = legacy_project(tmp_path, files).convert()
    assert things.converted("GET /documented/")
    assert things.codes("GET /changed/") == ["E125"]
