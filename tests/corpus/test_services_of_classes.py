"""Services whose functions are class methods, copies of the request's data, users who may be unknown."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

LOGINS = """
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
INSTALLED_APPS.insert(0, "django.contrib.sessions")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"],
}
"""

URLS = """
from django.urls import path

from things import views

urlpatterns = [path(f"api/{name.lower()}/", getattr(views, name).as_view()) for name in views.NAMES]
"""

MODELS = """
from django.conf import settings
from django.db import models


class Cart(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    title = models.CharField(max_length=30)
    size = models.IntegerField(default=0)

    @classmethod
    def open_for(cls, title, size=1):
        return cls.objects.create(title=title, size=size)
"""

SERVICES = '''
from .models import Cart


class CartService:
    """What carts can do."""

    LIMIT = 3

    @staticmethod
    def key(number):
        return f"cart:{number}"

    @classmethod
    def add(cls, title, size=1):
        """A new cart, and its key."""
        cart = Cart.objects.create(title=cls.shorten(title), size=size)
        return {"key": cls.key(cart.size), "title": cart.title}

    @classmethod
    def shorten(cls, title):
        return title[:5]

    @classmethod
    def big(cls, size):
        return Cart.objects.filter(size__gt=size).count()


def carts_of(*, filters):
    carts = Cart.objects.order_by("id")
    if filters.get("size"):
        carts = carts.filter(size=filters["size"])
    if "title" in filters:
        carts = carts.filter(title__startswith=filters["title"])
    return carts


class LaterService(CartService):
    @classmethod
    def count(cls):
        return Cart.objects.count()
'''

VIEWS = '''
from rest_framework import generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Cart
from .services import CartService, LaterService, carts_of

NAMES = ["Added", "Big", "Opened", "Later", "Copied", "Kept", "Changed", "Owned", "Mine", "Set",
         "Asked", "Listed"]


class CartSerializer(serializers.ModelSerializer):
    class Meta:
        model = Cart
        fields = ["id", "title", "size"]


class Input(serializers.Serializer):
    title = serializers.CharField(max_length=20)
    size = serializers.IntegerField(default=2)
    tags = serializers.ListField(child=serializers.CharField(max_length=5), required=False)


class Added(APIView):
    def post(self, request):
        serializer = Input(data=request.data)
        serializer.is_valid(raise_exception=True)
        title = serializer.validated_data["title"]
        return Response(CartService.add(title, size=serializer.validated_data["size"]))


class Big(APIView):
    def get(self, request):
        return Response({"n": CartService.big(1), "key": CartService.key(7)})


class Opened(APIView):
    def post(self, request):
        serializer = Input(data=request.data)
        serializer.is_valid(raise_exception=True)
        cart = Cart.open_for(serializer.validated_data["title"])
        return Response(CartSerializer(cart).data)


class Later(APIView):
    def get(self, request):
        return Response({"n": LaterService.count()})


class Copied(APIView):
    """The size is the server's, whatever clients send."""

    def post(self, request):
        data = request.data.copy()
        data["size"] = 7
        serializer = CartSerializer(data=data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)


class Kept(APIView):
    def post(self, request):
        data = request.data.copy()
        data["title"] = "kept"
        serializer = CartSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"own": data["title"], "sent": request.data.get("title")})


class Changed(APIView):
    def post(self, request):
        data = request.data.copy()
        data.pop("size", None)
        data.setdefault("title", "none")
        data.update({"size": 4})
        serializer = Input(data=data)
        serializer.is_valid(raise_exception=True)
        found = serializer.validated_data
        return Response({"title": found["title"], "size": found["size"]})


class OwnedSerializer(CartSerializer):
    def create(self, validated_data):
        user = self.context["request"].user
        return Cart.objects.create(owner=user, **validated_data)


class Owned(generics.CreateAPIView):
    serializer_class = OwnedSerializer


class Mine(generics.CreateAPIView):
    """Strangers may come, and fail."""

    permission_classes = [permissions.AllowAny]
    serializer_class = CartSerializer

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)


class Query(serializers.Serializer):
    title = serializers.CharField(max_length=5, required=False)
    size = serializers.IntegerField(required=False)
    big = serializers.BooleanField(required=False)
    days = serializers.ListField(child=serializers.IntegerField(), required=False)
    page = serializers.IntegerField(default=3)


class Asked(APIView):
    def get(self, request):
        serializer = Query(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        found = serializer.validated_data
        return Response({"title": found.get("title"), "size": found.get("size"), "page": found["page"],
                         "big": found.get("big"), "days": found.get("days")})


class Listed(APIView):
    """The query goes to a service as it is."""

    def get(self, request):
        serializer = Query(data=request.GET)
        serializer.is_valid(raise_exception=True)
        carts = carts_of(filters=serializer.validated_data)
        return Response(CartSerializer(carts, many=True).data)


class Set(APIView):
    def post(self, request):
        cart, made = Cart.objects.get_or_create(title="set", defaults={"owner": request.user})
        cart.owner = request.user
        cart.save()
        return Response({"made": made, "owner": cart.owner_id is not None})
'''


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_services_copies_and_strangers(server: str, tmp_path: Path, postgres: Cluster) -> None:
    url = f"sqlite:///{tmp_path}/carts.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_services_of_classes")
    files = {
        "urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS,
        "things/services.py": SERVICES, "settings.py": SETTINGS + LOGINS,
    }  # fmt: skip
    project = small_project(tmp_path / "carts", files)
    report = converted(project, tmp_path, DATABASE_URL=url)
    stay = {
        e["id"]: [(reason["code"], reason["message"]) for reason in e["reasons"]]
        for e in report["endpoints"]
        if e["status"] != "converted"
    }
    assert stay == {}
    evidence = verified(project, tmp_path, DATABASE_URL=url)
    assert not_equal(evidence) == []
