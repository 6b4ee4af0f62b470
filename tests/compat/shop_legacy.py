"""A small shop in Django and DRF: what the HTTP side of compat has to agree with."""

import datetime
import decimal
import uuid
from typing import Any

import django_filters.rest_framework as df
from django.db import connection, models
from django.http import Http404
from django.urls import include, path, re_path
from rest_framework import (
    exceptions,
    filters,
    generics,
    pagination,
    permissions,
    serializers,
    throttling,
    versioning,
    viewsets,
)
from rest_framework.authentication import BaseAuthentication
from rest_framework.decorators import action
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView


class Category(models.Model):
    name = models.CharField(max_length=50)
    parent = models.ForeignKey("self", models.CASCADE, null=True)

    class Meta:
        app_label = "wireshop"
        db_table = "wireshop_category"


class Tag(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "wireshop"
        db_table = "wireshop_tag"


class Product(models.Model):
    name = models.CharField(max_length=50)
    note = models.CharField(max_length=50, null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.IntegerField()
    active = models.BooleanField(null=True)
    status = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    day = models.DateField()
    sku = models.UUIDField()
    category = models.ForeignKey(Category, models.CASCADE, null=True)
    tags = models.ManyToManyField(Tag, db_table="wireshop_product_tags")

    class Meta:
        app_label = "wireshop"
        db_table = "wireshop_product"


MODELS = (Category, Tag, Product)


def create_tables() -> None:
    """Create the tables that are missing; several test modules share one database."""
    known = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in MODELS:
            if model._meta.db_table not in known:
                editor.create_model(model)


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["id", "name", "price"]


class HeaderAuthentication(BaseAuthentication):
    """`X-User: name`; the name "bad" fails."""

    def authenticate(self, request: Any) -> Any:
        name = request.headers.get("X-User")
        if name == "bad":
            raise exceptions.AuthenticationFailed("No such user.")
        return (name, "key") if name else None

    def authenticate_header(self, request: Any) -> str:
        return 'Header realm="api"'


class SilentAuthentication(HeaderAuthentication):
    """The same, without a WWW-Authenticate."""

    def authenticate_header(self, request: Any) -> Any:
        return None


class IsKnown(permissions.BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return isinstance(request.user, str)


class IsAdmin(permissions.BasePermission):
    message = "Only admins."

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user == "admin"


class Never(throttling.BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return "X-Slow" not in request.headers

    def wait(self) -> float:
        return 41.2


class Base:
    authentication_classes = [HeaderAuthentication]
    permission_classes = [permissions.AllowAny]
    renderer_classes = [JSONRenderer, BrowsableAPIRenderer]
    throttle_classes = []
    pagination_class = None
    filter_backends = []


class Numbered(pagination.PageNumberPagination):
    page_size = 3
    page_size_query_param = "size"
    max_page_size = 5


class Limited(pagination.LimitOffsetPagination):
    default_limit = 3
    max_limit = 6


class ByTime(pagination.CursorPagination):
    page_size = 3
    ordering = "-created_at"
    page_size_query_param = "size"


class ByStock(ByTime):
    ordering = ("stock", "-id")


class ListView(Base, generics.ListAPIView):
    queryset = Product.objects.order_by("id")
    serializer_class = ProductSerializer


class SearchView(ListView):
    filter_backends = [filters.SearchFilter, filters.OrderingFilter]
    search_fields = ["name", "^note", "=status", "category__name"]
    ordering_fields = ["price", "stock", "category__name", "id"]
    ordering = ["-id"]


class TagSearchView(SearchView):
    search_fields = ["name", "tags__name", "category__parent__name"]
    pagination_class = Numbered


class NumberInFilter(df.BaseInFilter, df.NumberFilter):
    pass


class NumberRangeFilter(df.BaseRangeFilter, df.NumberFilter):
    pass


class ProductFilter(df.FilterSet):
    name = df.CharFilter(max_length=12)
    has = df.CharFilter("name", "icontains")
    note = df.CharFilter("note", exclude=True)
    min_price = df.NumberFilter("price", "gte")
    stock = df.NumberFilter()
    stock_lt = df.NumberFilter("stock", "lt")
    price = df.RangeFilter()
    active = df.BooleanFilter()
    no_note = df.BooleanFilter("note", "isnull")
    status = df.ChoiceFilter(choices=[("new", "New"), ("old", "Old")], null_label="none")
    statuses = df.MultipleChoiceFilter("status", choices=[("new", "New"), ("old", "Old")])
    category = df.ModelChoiceFilter(queryset=Category.objects.all(), null_label="none")
    category_name = df.CharFilter("category__name")
    not_category = df.CharFilter("category__name", exclude=True)
    parent = df.CharFilter("category__parent__name", "istartswith")
    tag = df.CharFilter("tags__name", "icontains")
    tag_once = df.CharFilter("tags__name", "icontains", distinct=True)
    no_tag = df.CharFilter("tags__name", exclude=True)
    tags = df.ModelMultipleChoiceFilter(queryset=Tag.objects.all())
    all_tags = df.ModelMultipleChoiceFilter("tags", queryset=Tag.objects.all(), conjoined=True)
    sku = df.UUIDFilter()
    day = df.DateFilter()
    created = df.IsoDateTimeFilter("created_at", "gte")
    created_loose = df.DateTimeFilter("created_at", "lt")
    created_day = df.DateFilter("created_at", "date")
    year = df.NumberFilter("created_at", "year")
    month = df.NumberFilter("created_at", "month")
    between = df.DateFromToRangeFilter("created_at")
    ids = NumberInFilter("id", lookup_expr="in")
    prices = NumberRangeFilter("price")
    odd = df.BooleanFilter(method="only_odd")
    o = df.OrderingFilter(fields=[("price", "cost"), ("name", "name")])

    def only_odd(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.filter(stock__in=[1, 3, 5, 7, 9]) if value else queryset


class FilterView(ListView):
    filter_backends = [df.DjangoFilterBackend]
    filterset_class = ProductFilter


class EchoView(Base, APIView):
    def post(self, request: Any) -> Response:
        data = request.data
        if hasattr(data, "lists"):
            data = {key: [getattr(one, "name", one) for one in data.getlist(key)] for key in data}
        return Response({"data": data}, status=201)

    def put(self, request: Any) -> Response:
        return Response(None)

    def delete(self, request: Any) -> Response:
        return Response(status=204, headers={"X-Gone": "yes"})


class RaiseView(Base, APIView):
    def get(self, request: Any, kind: str) -> Response:
        raise {
            "validation": exceptions.ValidationError({"a": ["b"]}),
            "text": exceptions.ValidationError("plain"),
            "dict": exceptions.ValidationError({"a": "b"}),
            "parse": exceptions.ParseError(),
            "missing": Http404("No such thing."),
            "bare": Http404(),
            "denied": exceptions.PermissionDenied(),
            "anonymous": exceptions.NotAuthenticated(),
            "failed": exceptions.AuthenticationFailed(),
            "throttled": exceptions.Throttled(wait=1),
            "teapot": exceptions.APIException("tea", "pot"),
            "crash": ZeroDivisionError(),
        }[kind]


class ClosedView(EchoView):
    permission_classes = [IsKnown]


class SilentView(ClosedView):
    authentication_classes = [SilentAuthentication]


class NobodyView(ClosedView):
    authentication_classes = []


class AdminView(EchoView):
    permission_classes = [IsKnown, IsAdmin]
    throttle_classes = [Never]


class VersionView(Base, APIView):
    def get(self, request: Any, **_: Any) -> Response:
        return Response({"version": request.version})


class AcceptVersion(VersionView):
    class Scheme(versioning.AcceptHeaderVersioning):
        default_version = "1.0"
        allowed_versions = ("1.0", "2.0")

    versioning_class = Scheme


class QueryVersion(VersionView):
    class Scheme(versioning.QueryParameterVersioning):
        default_version = "1.0"
        allowed_versions = ("1.0", "2.0")

    versioning_class = Scheme


class PathVersion(VersionView):
    class Scheme(versioning.URLPathVersioning):
        allowed_versions = ("v1", "v2")

    versioning_class = Scheme


class ValuesView(Base, APIView):
    renderer_classes = [JSONRenderer]

    def get(self, request: Any) -> Response:
        return Response(VALUES)


def values() -> dict[str, Any]:
    """Every kind of value that DRF's encoder takes."""
    return {
        "moment": datetime.datetime(2024, 1, 2, 3, 4, 5, 678, tzinfo=datetime.UTC),
        "naive": datetime.datetime(2024, 1, 2, 3, 4, 5),
        "day": datetime.date(2024, 1, 2),
        "clock": datetime.time(1, 2, 3, 4),
        "span": datetime.timedelta(days=1, seconds=2, microseconds=3),
        "decimal": decimal.Decimal("1.50"),
        "uuid": uuid.UUID(int=5),
        "bytes": b"abc",
        "tuple": (1, 2),
        "set": {1},
        "lines": "a\u2028b\u2029c\u00e9\U0001f600",
        "floats": [1e100, 0.1, 1.0, -0.0],
        "keys": {1: "a", None: "b", 2.5: "c"},
        "nothing": None,
    }


VALUES = values()


class Items(Base, viewsets.ViewSet):
    """Routes that compete for the same paths."""

    def list(self, request: Any) -> Response:
        return Response(["list"])

    def retrieve(self, request: Any, pk: str) -> Response:
        return Response({"retrieve": pk})

    def destroy(self, request: Any, pk: str) -> Response:
        return Response(status=204)

    @action(detail=False, methods=["post"], permission_classes=[IsKnown])
    def recent(self, request: Any) -> Response:
        return Response({"recent": True})

    @action(detail=True, methods=["post", "put"])
    def publish(self, request: Any, pk: str) -> Response:
        return Response({"publish": pk, "method": request.method})


class KeyView(Base, APIView):
    def get(self, request: Any, **kwargs: Any) -> Response:
        return Response({key: str(value) for key, value in kwargs.items()})


router = SimpleRouter()
router.register("items", Items, basename="item")

urlpatterns = [
    path("api/pages/", ListView.as_view(pagination_class=Numbered)),
    path("api/limits/", ListView.as_view(pagination_class=Limited)),
    path("api/times/", ListView.as_view(pagination_class=ByTime)),
    path("api/stocks/", ListView.as_view(pagination_class=ByStock)),
    path("api/search/", SearchView.as_view()),
    path("api/tagged/", TagSearchView.as_view()),
    path("api/filter/", FilterView.as_view()),
    path("api/echo/", EchoView.as_view()),
    path("api/raise/<str:kind>/", RaiseView.as_view()),
    path("api/closed/", ClosedView.as_view()),
    path("api/silent/", SilentView.as_view()),
    path("api/nobody/", NobodyView.as_view()),
    path("api/admin/", AdminView.as_view()),
    path("api/values/", ValuesView.as_view()),
    path("api/version/accept/", AcceptVersion.as_view()),
    path("api/version/query/", QueryVersion.as_view()),
    path("api/<str:version>/version/", PathVersion.as_view()),
    path("api/keys/int/<int:key>/", KeyView.as_view()),
    path("api/keys/slug/<slug:key>/", KeyView.as_view()),
    path("api/keys/uuid/<uuid:key>/", KeyView.as_view()),
    path("api/keys/path/<path:key>/end/", KeyView.as_view()),
    re_path(r"^api/keys/hex/(?P<key>[0-9a-f]{4})/$", KeyView.as_view()),
    path("api/bare", KeyView.as_view()),
    path("api/", include(router.urls)),
]
