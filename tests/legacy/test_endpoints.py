"""The URL resolver as endpoints: Django is asked whether each of them is there."""

import json
from collections import Counter
from collections.abc import Callable

import pytest

from strangler.endpoint import Endpoint as Name
from strangler.facts import Endpoint, Facts

from .conftest import SETTINGS, Project

URLS = r"""
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.cache import cache_page
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import RedirectView, TemplateView
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.urlpatterns import format_suffix_patterns

from zoo import views
from zoo.models import Animal

default = DefaultRouter()
default.register("animals", views.Animals)
simple = SimpleRouter(trailing_slash=False)
simple.register("keepers", views.Keepers, basename="keeper")


def anything(request, **kwargs):
    return HttpResponse("")


@csrf_exempt
@require_http_methods(["GET", "POST", "OPTIONS"])
def limited(request):
    return HttpResponse("")


@cache_page(60)
@require_safe
def safe(request):
    return HttpResponse("")


@api_view(["GET", "PUT"])
@permission_classes([IsAdminUser])
def figures(request, year):
    "The figures of a year."
    return Response({})


nested = [path("inner/<slug:slug>/", anything, {"extra": 1}, name="inner")]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include(default.urls)),
    path("v<int:version>/", include((simple.urls, "keepers"), namespace="v")),
    path("limited/", limited),
    path("safe/", safe),
    re_path(r"^figures/(?P<year>[0-9]{4})/?$", figures),
    re_path(r"^shop/(?:(?P<part>[a-z]+)/)?(\d+)/x\.y$", anything),
    re_path(r"^shop/", include([re_path(r"^deep/(?P<word>\w+(?:-\w+)*)$", anything)])),
    path("items/<int:pk>/", anything),
    path("items/<uuid:pk>/", anything),
    path("items/<str:name>/", anything),
    path("items/<int:pk>/", limited),
    re_path(r"^codes/(?P<code>[0-9]{2})/$", anything),
    re_path(r"^codes/(?P<code>[a-z]+)/$", anything),
    path("schema/", anything, name="schema-page"),
    re_path(r"^schema(?P<format>\.json|\.yaml)$", figures, name="schema-file"),
    re_path(r"^look/(?!no)(?P<word>\w+)$", anything),
    re_path(r"^look/(?P<word>\w+)$", anything),
    path("sp ace/", anything),
    *i18n_patterns(path("local/", anything)),
    path("nested/", include((nested, "n")), {"outer": "x"}),
    path("plain/", views.Plain.as_view()),
    path("both/", views.Both.as_view(http_method_names=["get", "options"])),
    path("template/", TemplateView.as_view(template_name="x.html")),
    path("token/", obtain_auth_token),
    path("generic/", ListAPIView.as_view(queryset=Animal.objects.all())),
    *format_suffix_patterns([path("suffixed/", views.Plain.as_view())]),
    path("class/", views.Callable()),
    re_path(r"", RedirectView.as_view(url="/")),
]
"""

VIEWS = """
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from rest_framework import generics, pagination, permissions, serializers, throttling, viewsets
from rest_framework.decorators import action
from rest_framework.views import APIView

from zoo.models import Animal


class AnimalSerializer(serializers.ModelSerializer):
    class Meta:
        model = Animal
        fields = ["id", "name"]


class ShortSerializer(serializers.Serializer):
    name = serializers.CharField()


class Pages(pagination.PageNumberPagination):
    page_size = 7


class IsKeeper(permissions.BasePermission):
    pass


class Hourly(throttling.UserRateThrottle):
    rate = "9/hour"


class Animals(viewsets.ModelViewSet):
    "All animals."

    queryset = Animal.objects.select_related("keeper").prefetch_related("friends")
    serializer_class = AnimalSerializer
    pagination_class = Pages
    permission_classes = [permissions.IsAuthenticated & (IsKeeper | ~permissions.IsAdminUser)]
    throttle_classes = [Hourly, throttling.ScopedRateThrottle]
    throttle_scope = "zoo"
    filterset_fields = ["name"]
    search_fields = ["=name"]
    ordering_fields = "__all__"
    ordering = ["-id"]
    lookup_value_regex = "[0-9]+"

    def get_serializer_class(self):
        return ShortSerializer if self.action == "list" else super().get_serializer_class()

    @method_decorator(never_cache)
    def create(self, request):
        "Take one in."
        return super().create(request)

    @action(detail=True, methods=["post", "delete"], permission_classes=[permissions.AllowAny])
    def feed(self, request, pk):
        pass

    @feed.mapping.put
    def overfeed(self, request, pk):
        pass


class Keepers(viewsets.ViewSet):
    def list(self, request, version):
        pass

    def retrieve(self, request, version, pk):
        pass

    def get_permissions(self):
        if self.request.user.email.endswith("x"):
            return []
        return super().get_permissions()


class Plain(APIView):
    def get(self, request, format=None):
        pass

    def post(self, request, format=None):
        pass


class Both(View):
    def get(self, request):
        return HttpResponse("")

    def post(self, request):
        return HttpResponse("")


class Callable:
    def __call__(self, request):
        return HttpResponse("")
"""

MODELS = """
from django.db import models


class Animal(models.Model):
    name = models.CharField(max_length=40)
    keeper = models.ForeignKey("self", models.CASCADE)
    friends = models.ManyToManyField("self")
"""

MORE = """
INSTALLED_APPS += [
    "django.contrib.admin", "django.contrib.messages", "django.contrib.sessions",
    "rest_framework.authtoken",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
LANGUAGES = [("de", "German"), ("en-us", "English")]
REST_FRAMEWORK = {
    "DEFAULT_THROTTLE_RATES": {"zoo": "3/min"},
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
}
"""

RESOLVE = """
import json, sys
import django
django.setup()
from django.urls import Resolver404, resolve
found = []
for path in json.load(sys.stdin):
    try:
        view = resolve(path).func
    except Resolver404:
        found.append(None)
        continue
    view = getattr(view, "cls", None) or getattr(view, "view_class", view)
    found.append(getattr(view, "__name__", type(view).__name__))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def zoo(new_project: Callable[[], Project]) -> Project:
    """A project with a URL pattern of each kind."""
    project = new_project()
    project.write("site_settings.py", SETTINGS + MORE)
    project.write("site_urls.py", URLS)
    project.write("zoo/models.py", MODELS)
    project.write("zoo/views.py", VIEWS)
    return project


@pytest.fixture(scope="module")
def facts(zoo: Project) -> Facts:
    return zoo.facts()


def endpoint(facts: Facts, name: str) -> Endpoint:
    return next(each for each in facts.endpoints if each.id == name)


def at(facts: Facts, path: str) -> dict[str, str | None]:
    """The methods of a path with their actions."""
    return {each.method: each.action for each in facts.endpoints if each.path == path}


def test_every_endpoint_is_one_that_django_finds(zoo: Project, facts: Facts) -> None:
    """A path with sample values resolves to the view that the facts name."""
    samples = {"int": "7", "uuid": "0b8b6d6e-7d0f-4f0e-8a52-0c5a3f0f7d11", "slug": "a-b"}
    own = {
        "regex:[0-9]{4}": "2024",
        "regex:[0-9]+": "7",
        "regex:[0-9]{2}": "42",
        "regex:(\\d+)": "7",
        "regex:[a-z]+": "q",
        "regex:\\.json|\\.yaml": ".json",
    }
    asked = [each for each in facts.endpoints if each.kind != "admin"]
    paths = []
    for each in asked:
        path = each.path
        for name, kind in each.converters.items():
            value = {**samples, **own, "regex:de|en-us": "en-us"}.get(kind, "word")
            for shown in (name, f"{name}:{kind.removeprefix('regex:')}"):
                path = path.replace(f"{{{shown}}}", value)
        paths.append(path.replace("%20", " "))
    script = zoo.write("resolving.py", RESOLVE)
    found = json.loads(zoo.run(str(script), stdin=json.dumps(paths)))
    wrong = [
        (each.id, path, name)
        for each, path, name in zip(asked, paths, found, strict=True)
        if each.view.rpartition(".")[2] != name
    ]
    assert wrong == []


def test_every_id_is_a_name_of_its_own(facts: Facts) -> None:
    """Each parses, and none stands there twice."""
    ids = [each.id for each in facts.endpoints]
    assert [str(Name.parse(each)) for each in ids] == ids
    assert max(Counter(ids).values()) == 1


def test_nothing_but_the_hidden_pattern_is_amiss(facts: Facts) -> None:
    """A pattern that an equal earlier one hides is no endpoint, and is told."""
    assert [each.code for each in facts.problems] == ["shadowed"]
    assert at(facts, "/items/{pk:int}/") == {"ANY": None}


def test_the_independent_walk_finds_the_same(zoo: Project, facts: Facts) -> None:
    """As many pairs of each method."""
    walked = zoo.walked()
    assert len(walked) == len(facts.endpoints)
    assert ("ANY", "/{language}/local/") in walked
    assert Counter(method for method, _ in walked) == Counter(e.method for e in facts.endpoints)


def test_viewsets_serve_what_their_router_maps(facts: Facts) -> None:
    """Method and action; HEAD and OPTIONS are no endpoints."""
    assert at(facts, "/api/animals/") == {"GET": "list", "POST": "create"}
    assert at(facts, "/api/animals/{pk}/") == {
        "GET": "retrieve", "PUT": "update", "PATCH": "partial_update", "DELETE": "destroy",
    }  # fmt: skip
    feed = {"POST": "feed", "DELETE": "feed", "PUT": "overfeed"}
    assert at(facts, "/api/animals/{pk}/feed/") == feed
    assert at(facts, "/v{version}/keepers") == {"GET": "list"}


def test_format_suffixes_belong_to_their_endpoint(facts: Facts) -> None:
    """Whoever adds them: the router or `format_suffix_patterns`."""
    animals = endpoint(facts, "GET /api/animals/{pk}/")
    assert (
        animals.suffix_variants == ("/api/animals/{pk}.{format}/",)
        or len(animals.suffix_variants) == 1
    )
    assert len(endpoint(facts, "POST /suffixed/").suffix_variants) == 1
    with_format = {each.path for each in facts.endpoints if "{format}" in each.path}
    assert with_format == {"/schema{format}"}  # another view answers there than at /schema/


def test_allow_lists_what_drf_lists(facts: Facts) -> None:
    """In the order of DRF, HEAD and OPTIONS included."""
    assert endpoint(facts, "GET /api/animals/").allowed_methods == (
        "GET", "POST", "HEAD", "OPTIONS",
    )  # fmt: skip


def test_views_without_a_limit_answer_any_method(facts: Facts) -> None:
    """Functions, and objects that are called; decorators and classes limit."""
    assert at(facts, "/class/") == {"ANY": None}
    assert set(at(facts, "/limited/")) == {"GET", "POST"}
    assert set(at(facts, "/safe/")) == {"GET"}
    assert at(facts, "/both/") == {"GET": "get"}
    assert at(facts, "/figures/{year}/") == {"GET": "get", "PUT": "put"}


def test_colliding_templates_carry_their_converters(facts: Facts) -> None:
    """The one that takes anything stays bare."""
    paths = [each.path for each in facts.endpoints if each.path.startswith("/items/")]
    assert paths == ["/items/{pk:int}/", "/items/{pk:uuid}/", "/items/{name}/"]
    codes = [each.path for each in facts.endpoints if each.path.startswith("/codes/")]
    assert codes == ["/codes/{code:[0-9]{2}}/", "/codes/{code:[a-z]+}/"]


def test_expressions_become_templates(facts: Facts) -> None:
    """Named and nameless groups, escapes, optional slashes; `exact` tells what got lost."""
    figures = endpoint(facts, "GET /figures/{year}/")
    assert figures.converters == {"year": "regex:[0-9]{4}"}
    assert (figures.optional_slash, figures.exact) == (True, True)
    part = endpoint(facts, "ANY /shop/{part}/{arg1}/x.y")
    assert (part.exact, part.converters["arg1"]) == (False, "regex:(\\d+)")
    deep = endpoint(facts, "ANY /shop/deep/{word}")
    assert deep.converters == {"word": "regex:\\w+(?:-\\w+)*"}
    ahead = endpoint(facts, r"ANY /look/{word:(?!no)\w+}")
    assert not ahead.exact
    local = endpoint(facts, "ANY /{language}/local/")
    assert local.converters["language"] == "regex:de|en-us"
    rest = endpoint(facts, "GET /")
    assert not rest.anchored


def test_arguments_and_namespaces_come_from_all_levels(facts: Facts) -> None:
    """Those of the includes too."""
    inner = endpoint(facts, "ANY /nested/inner/{slug}/")
    assert {name: value.value for name, value in inner.url_arguments.items()} == {
        "outer": "x", "extra": 1,
    }  # fmt: skip
    assert (inner.namespace, inner.url_name) == ("n", "inner")
    assert endpoint(facts, "GET /v{version}/keepers").namespace == "v"


def test_kinds_tell_whose_view_it_is(facts: Facts) -> None:
    """The project's DRF and Django views, those of packages, the admin."""
    kinds = {each.path: each.kind for each in facts.endpoints}
    assert kinds["/api/animals/"] == kinds["/figures/{year}/"] == kinds["/generic/"] == "drf"
    assert kinds["/limited/"] == kinds["/template/"] == kinds["/class/"] == "django"
    assert kinds["/token/"] == kinds["/api/"] == "package"
    assert kinds["/admin/login/"] == "admin"


def test_policies_are_those_of_the_action(facts: Facts) -> None:
    """Composed permissions as trees, an action's own, throttles with their rates."""
    listed = endpoint(facts, "GET /api/animals/")
    (tree,) = listed.permissions
    assert (tree.op, tree.of[0].path) == ("and", "rest_framework.permissions.IsAuthenticated")
    either = tree.of[1]
    assert (either.op, either.of[0].path, either.of[0].package) == (
        "or",
        "zoo.views.IsKeeper",
        None,
    )
    assert (either.of[1].op, either.of[1].of[0].path) == (
        "not", "rest_framework.permissions.IsAdminUser",
    )  # fmt: skip
    feed = endpoint(facts, "POST /api/animals/{pk}/feed/")
    assert [each.path for each in feed.permissions] == ["rest_framework.permissions.AllowAny"]
    assert [(each.scope, each.rate) for each in listed.throttles] == [
        ("user", "9/hour"), ("zoo", "3/min"),
    ]  # fmt: skip
    figures = endpoint(facts, "PUT /figures/{year}/")
    assert [each.path for each in figures.permissions] == ["rest_framework.permissions.IsAdminUser"]


def test_a_view_that_wants_a_real_user_is_read_from_its_class(facts: Facts) -> None:
    """And says that it was."""
    listed = endpoint(facts, "GET /v{version}/keepers")
    assert [each.path for each in listed.permissions] == ["rest_framework.permissions.AllowAny"]
    assert any("get_permissions" in text for text in listed.dynamic)


def test_what_a_view_declares_is_told(facts: Facts) -> None:
    """Serializer of the action, queryset, paginator, filters, ordering."""
    listed = endpoint(facts, "GET /api/animals/")
    assert (listed.serializer, listed.serializer_dynamic) == ("zoo.views.ShortSerializer", True)
    one = endpoint(facts, "GET /api/animals/{pk}/")
    assert one.serializer == "zoo.views.AnimalSerializer"
    assert listed.queryset is not None
    assert (listed.queryset.model, listed.queryset.plain) == ("zoo.Animal", True)
    assert listed.queryset.select_related == ("keeper",)
    assert listed.queryset.prefetch_related == ("friends",)
    assert (listed.paginator, listed.lookup_value_regex) == ("zoo.views.Pages", "[0-9]+")
    assert (listed.search_fields, listed.ordering_fields) == (("=name",), "__all__")
    assert listed.ordering == ("-id",)
    assert listed.filterset == "zoo.views.Animals.AutoFilterSet"
    (filters,) = [each for each in facts.filtersets if each.name == listed.filterset]
    assert [(each.name, each.lookup_expr) for each in filters.filters] == [("name", "exact")]
    (pages,) = [each for each in facts.paginators if each.name == "zoo.views.Pages"]
    assert (pages.kind, pages.attributes["page_size"].value) == ("page_number", 7)
    assert pages.attributes["page_query_param"].value == "page"


def test_handlers_are_found_with_line_docstring_and_decorators(facts: Facts) -> None:
    """The handler's own if the project wrote it, else the class's."""
    lines = VIEWS.lstrip("\n").splitlines()
    create = endpoint(facts, "POST /api/animals/")
    assert create.source == f"zoo/views.py:{lines.index('    def create(self, request):') + 1}"
    assert create.docstring == "Take one in."
    assert create.decorators == ("django.views.decorators.cache.never_cache",)
    listed = endpoint(facts, "GET /api/animals/")
    start = lines.index("class Animals(viewsets.ModelViewSet):") + 1
    assert (listed.source, listed.docstring) == (f"zoo/views.py:{start}", "All animals.")
    safe = endpoint(facts, "GET /safe/")
    assert safe.decorators == (
        "django.middleware.cache.CacheMiddleware",
        "django.views.decorators.http.require_http_methods",
    )
    figures = endpoint(facts, "GET /figures/{year}/")
    assert (figures.view, figures.function_view) == ("site_urls.figures", True)
    assert figures.docstring == "The figures of a year."
    lines = URLS.lstrip("\n").splitlines()
    assert figures.source == f"site_urls.py:{lines.index('def figures(request, year):') + 1}"


def test_what_options_tells_is_noted_of_packages_that_look_at_settings_only(
    project: Project,
) -> None:
    """SimpleJWT's views choose their serializer by a method, but always the same one."""
    project.write(
        "site_urls.py",
        """
        from django.urls import path
        from rest_framework_simplejwt import views

        urlpatterns = [
            path("refresh/", views.TokenRefreshView.as_view()),
            path("verify/", views.TokenVerifyView.as_view()),
        ]
        """,
    )
    told = {endpoint.path: endpoint.options for endpoint in project.facts().endpoints}
    assert told["/refresh/"] is not None
    assert told["/verify/"] is not None
    assert set(told["/refresh/"]["fields"]) == {"refresh", "access"}
    assert told["/verify/"]["name"] == "Token Verify"
