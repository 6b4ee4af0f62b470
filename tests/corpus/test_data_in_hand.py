"""Handlers that go on with a serializer's data, or with a response, before they answer with it."""

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
for name in ("Read", "Changed", "Items", "Copied", "Whole", "Handed", "Renamed", "Pages"):
    router.register(name.lower(), getattr(views, name), basename=name.lower())
urlpatterns = [path("api/", include(router.urls))]
"""

MODELS = """
import uuid

from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=30)


class Book(models.Model):
    title = models.CharField(max_length=30)
    price = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    day = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    tags = models.ManyToManyField(Tag, blank=True)
    main = models.ForeignKey(Tag, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
"""

VIEWS = """
from collections import OrderedDict

from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import APIException
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler

from .models import Book, Tag


class Teapot(APIException):
    status_code = 418


def handler(exc, context):
    if isinstance(exc, Teapot):
        return Response({"oops": str(exc)}, status=418, headers={"X-Teapot": 1})
    return exception_handler(exc, context)


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["id", "name"]


class BookSerializer(serializers.ModelSerializer):
    shown = TagSerializer(source="tags", many=True, read_only=True)
    main_tag = TagSerializer(source="main", read_only=True)
    raw = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ["id", "title", "price", "day", "at", "key", "tags", "main", "main_tag", "shown", "raw"]

    def get_raw(self, book):
        return {"price": book.price, "day": book.day, "at": book.at, "pair": (book.title, book.id)}


class Plain(viewsets.ModelViewSet):
    queryset = Book.objects.prefetch_related("tags").select_related("main").order_by("id")
    serializer_class = BookSerializer


class Read(Plain):
    http_method_names = ["get", "post", "put"]

    def retrieve(self, request, *args, **kwargs):
        data = self.get_serializer(self.get_object()).data
        if data["main_tag"]:
            return Response({"name": data["main_tag"]["name"]}, headers={"X-Price": data["price"]})
        if "day" not in data:
            return Response({"no": 1})
        keys = {key.upper(): value for key, value in data.items()}
        return Response({"shown": [t["name"] for t in data["shown"]], "keys": keys})

    def list(self, request, *args, **kwargs):
        queryset = self.filter_queryset(self.get_queryset())
        data = self.get_serializer(queryset, many=True).data
        found = [dict(item, size=len(item["title"])) for item in data if item["title"]]
        return Response({"found": found, "count": len(data)})

    def create(self, request, *args, **kwargs):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        return Response({"id": serializer.data["id"], "title": serializer.data.get("title")}, 201)

    def update(self, request, *args, **kwargs):
        book = self.get_object()
        if not book.title:
            return Response({"no": "title"}, status=409)
        serializer = self.get_serializer(book, data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_update(serializer)
        payload = {"book": serializer.data}
        payload["n"] = len(payload["book"]["tags"])
        code = 200 if payload["n"] else 203
        return Response(payload, status=code)


class Changed(Plain):
    http_method_names = ["get"]

    def retrieve(self, request, *args, **kwargs):
        data = dict(self.get_serializer(self.get_object()).data)
        del data["key"]
        data.update({"note": "made"})
        data["shown"].append({"x": 1})
        return Response({**data, "title": data.pop("title")})


class Items(Plain):
    http_method_names = ["get", "post"]

    def create(self, request, *args, **kwargs):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        return Response(dict(serializer.data, made=True), status=201)

    def list(self, request, *args, **kwargs):
        data = self.get_serializer(self.get_queryset(), many=True).data
        for place, item in enumerate(data):
            item["place"] = place
        return Response(data)

    def retrieve(self, request, *args, **kwargs):
        payload = {"book": self.get_serializer(self.get_object()).data, "more": [1]}
        return Response(payload)


class Copied(Plain):
    http_method_names = ["get"]

    def retrieve(self, request, *args, **kwargs):
        data = self.get_serializer(self.get_object()).data
        return Response(OrderedDict(data))

    def list(self, request, *args, **kwargs):
        data = self.get_serializer(self.get_queryset(), many=True).data
        return Response(dict(rows=data, more=OrderedDict([("again", data), ("n", 1)])))


class Whole(Plain):
    http_method_names = ["post", "get", "put"]

    def create(self, request, *args, **kwargs):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        headers = self.get_success_headers(serializer.data)
        response = Response(serializer.data, status=201, headers=headers)
        response.data["note"] = "made"
        return response

    def list(self, request, *args, **kwargs):
        queryset = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(queryset)
        if page is not None:
            serializer = self.get_serializer(page, many=True)
            response = self.get_paginated_response(serializer.data)
        else:
            serializer = self.get_serializer(queryset, many=True)
            response = Response(serializer.data)
        response.data = {"results": response.data}
        response["X-Count"] = len(response.data["results"])
        return response

    def retrieve(self, request, *args, **kwargs):
        raise Teapot("short and stout")

    def update(self, request, *args, **kwargs):
        instance = self.get_object()
        serializer = self.get_serializer(instance, data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_update(serializer)
        response = Response(serializer.data)
        if response.status_code == 200:
            response.status_code = status.HTTP_202_ACCEPTED
        return Response({"data": response.data}, status=response.status_code, headers={"X-E": "€"})


class Handed(Plain):
    def create(self, request, *args, **kwargs):
        super().create(request, *args, **kwargs)
        return Response({"made": True}, status=status.HTTP_201_CREATED)

    def retrieve(self, request, *args, **kwargs):
        instance = self.get_object()
        response = super().retrieve(request, *args, **kwargs)
        response.data["again"] = instance.title
        return Response({"ok": True, "data": response.data}, status=response.status_code)

    def partial_update(self, request, *args, **kwargs):
        kwargs["partial"] = True
        return self.update(request, *args, **kwargs)

    def update(self, request, *args, **kwargs):
        response = super().update(request, *args, **kwargs)
        if response.status_code == 200:
            return Response({"message": "ok", "book": response.data})
        return response

    def destroy(self, request, *args, **kwargs):
        super().destroy(request, *args, **kwargs)
        return Response({"message": "gone"}, status=status.HTTP_200_OK)


class Renamed(Handed):
    http_method_names = ["get", "post"]

    def list(self, request, *args, **kwargs):
        response = super().list(request, *args, **kwargs)
        response.data = {"data": response.data}
        return response

    def create(self, request, *args, **kwargs):
        try:
            response = super().create(request, *args, **kwargs)
        except serializers.ValidationError as error:
            return Response({"wrong": error.detail}, status=422)
        return response


class Pages(Plain):
    pagination_class = PageNumberPagination
    http_method_names = ["get"]

    def list(self, request, *args, **kwargs):
        response = super().list(request, *args, **kwargs)
        if isinstance(response.data, dict):
            response.data["results"][0]["first"] = True
        return response


class Cut(PageNumberPagination):
    page_size = 2


class Short(Pages):
    pagination_class = Cut
"""
HANDLER = """
REST_FRAMEWORK["EXCEPTION_HANDLER"] = "things.views.handler"
"""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    urls = URLS.replace('"Pages")', '"Pages", "Short")')
    texts = {"urls.py": urls, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "books", {**texts, "settings.py": SETTINGS + HANDLER})


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_data_that_is_changed_before_it_is_answered_is_that_of_before(
    server: str, books: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/books.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_data_in_hand")
    conversion = converted(books, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    text = (tmp_path / "api/app/things/routers.py").read_text()
    assert 'payload = {"book": await read(session, BookRead, book), "more": [1]}' in text
    assert "data_ = [row.model_dump() for row in await read_all(" in text
    evidence = verified(books, tmp_path, "--cases", "12", DATABASE_URL=url)
    assert [each[0] for each in not_equal(evidence)] == ["GET /api/whole/{pk}/"]  # it always raises
    assert [each[:2] for each in not_equal(evidence) if each[1] == "different"] == []
