"""What many projects write: envelopes of pages, properties that ask the database, tokens, loggers."""

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
    path("api/orders/", views.Orders.as_view()),
    path("api/pages/", views.Numbered.as_view()),
    path("api/slices/", views.Sliced.as_view()),
    path("api/plain/", views.Plain.as_view()),
    path("api/counted/", views.Counted.as_view()),
    path("api/grouped/", views.Grouped.as_view()),
    path("api/counted/<int:pk>/", views.OneCounted.as_view()),
    path("api/register/", views.Register.as_view()),
    path("api/token/", views.CreateToken.as_view()),
]
"""

MODELS = """
from django.conf import settings
from django.db import models


class Order(models.Model):
    name = models.CharField(max_length=20)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-name", "-id"]

    def __str__(self):
        return self.name

    @property
    def total(self):
        '''What the lines come to.'''
        return sum(line.quantity * line.price for line in self.lines.all())

    @property
    def is_empty(self):
        return not self.lines.exists()


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    quantity = models.PositiveSmallIntegerField(default=1)
    price = models.DecimalField(max_digits=6, decimal_places=2, default=1)
"""

VIEWS = """
import logging

from django.contrib.auth import authenticate, get_user_model
from django.db.models import Count, Sum
from django.http import HttpResponse, JsonResponse
from rest_framework import generics, serializers, status
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.pagination import LimitOffsetPagination, PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Order

logger = logging.getLogger(__name__)


class OrderSerializer(serializers.ModelSerializer):
    total = serializers.DecimalField(max_digits=12, decimal_places=2, read_only=True)

    class Meta:
        model = Order
        fields = ["id", "name", "total", "is_empty"]


class CountedSerializer(serializers.ModelSerializer):
    line_count = serializers.IntegerField(read_only=True)
    pieces = serializers.IntegerField(read_only=True)

    class Meta:
        model = Order
        fields = ["id", "name", "line_count", "pieces"]


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = get_user_model()
        fields = ["id", "username"]


class Pages(PageNumberPagination):
    page_size = 2
    page_size_query_param = "size"

    def get_paginated_response(self, data):
        return Response({
            "links": {"next": self.get_next_link(), "previous": self.get_previous_link()},
            "count": self.page.paginator.count,
            "pages": self.page.paginator.num_pages,
            "page": self.page.number,
            "results": data,
        })

    def get_paginated_response_schema(self, schema):
        return schema


class Slices(LimitOffsetPagination):
    default_limit = 3

    def get_next_link(self):
        link = super().get_next_link()
        return link and f"{link}#next"

    def get_paginated_response(self, data):
        from collections import OrderedDict

        names = [row["name"] for row in data]
        meta = {"names": names, "here": len(data), "offset": self.offset}
        return Response(OrderedDict([("next", self.get_next_link()), ("meta", meta), ("rows", data)]))


class Numbers(Pages):
    def get_next_link(self):
        if not self.page.has_next():
            return None
        return self.page.next_page_number()

    def get_previous_link(self):
        return self.page.previous_page_number() if self.page.has_previous() else None


class Orders(generics.ListCreateAPIView):
    queryset = Order.objects.order_by("id")
    serializer_class = OrderSerializer
    pagination_class = Pages

    def perform_create(self, serializer):
        order = serializer.save()
        logger.info("made %s", order)


class Numbered(generics.ListAPIView):
    queryset = Order.objects.order_by("-id")
    serializer_class = OrderSerializer
    pagination_class = Numbers


class Sliced(generics.ListAPIView):
    queryset = Order.objects.order_by("id")
    serializer_class = OrderSerializer
    pagination_class = Slices


class Grouped(generics.ListAPIView):
    queryset = Order.objects.all()
    serializer_class = CountedSerializer

    def get_queryset(self):
        queryset = super().get_queryset()
        return queryset.annotate(line_count=Count("lines"), pieces=Sum("lines__quantity"))


class Counted(Grouped):
    def get_queryset(self):
        return super().get_queryset().order_by("id")


class OneCounted(generics.RetrieveAPIView):
    queryset = Order.objects.annotate(line_count=Count("lines"), pieces=Sum("lines__quantity"))
    serializer_class = CountedSerializer


class Plain(APIView):
    def get(self, request):
        order = Order.objects.order_by("id").first()
        if order is None or request.query_params.get("none"):
            return HttpResponse("nôthing", status=203, content_type="text/plain")
        if request.query_params.get("list"):
            return JsonResponse([order.made, OrderSerializer(order).data], safe=False, status=202)
        response = JsonResponse({"at": order.made, "day": order.made.date(), "total": order.total})
        response["X-Order"] = order.pk
        return response

    def post(self, request):
        return HttpResponse()


class LoginSerializer(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)

    def validate(self, attrs):
        name, password = attrs.get("username"), attrs.get("password")
        user = authenticate(
            request=self.context.get("request"), username=name, password=password
        )
        if not user:
            raise serializers.ValidationError("Who is that?", code="authorization")
        attrs["user"] = user
        return attrs


class CreateToken(ObtainAuthToken):
    serializer_class = LoginSerializer


class Register(generics.CreateAPIView):
    serializer_class = UserSerializer

    def create(self, request, *args, **kwargs):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = serializer.save()
        token, made = Token.objects.get_or_create(user=user)
        answer = {"user": serializer.data, "key": token.key, "made": made}
        return Response(answer, status=status.HTTP_201_CREATED)
"""


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    settings = SETTINGS.replace('"things",', '"rest_framework.authtoken", "things",')
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "orders", {**texts, "settings.py": settings})


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_what_many_projects_write_answers_as_before(
    server: str, orders: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/orders.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_usual_views")
    conversion = converted(orders, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    # Django drops the model's order from a query with GROUP BY; what comes then is the server's.
    ids = [e["id"] for e in conversion["endpoints"] if e["id"] != "GET /api/grouped/"]
    assert (
        "queryset.order_by(None)\n        .order_by(Order.id)"
        in (tmp_path / "api/app/things/queries.py").read_text()
    )
    evidence = verified(orders, tmp_path, *ids, "--cases", "15", DATABASE_URL=url)
    assert not_equal(evidence) == []
