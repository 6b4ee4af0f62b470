"""A small Django + DRF project, a hand-written ASGI twin of three of its endpoints, their facts."""

from pathlib import Path
from typing import Any

from strangler.facts import Facts

SETTINGS = """
import os

import pymysql

pymysql.install_as_MySQLdb()
SECRET_KEY = "the-key-of-the-notes"
DEBUG = True
ALLOWED_HOSTS = []
ROOT_URLCONF = "urls"
USE_TZ = True
TIME_ZONE = "UTC"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "rest_framework",
    "rest_framework.authtoken", "notes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "notes.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
                      "LOCATION": "redis://198.51.100.7:6379"}}
Q_CLUSTER = {"redis": {"host": "queue.internal"}}
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": [
    "rest_framework.authentication.TokenAuthentication"]}
"""

MODELS = """
import uuid

from django.db import models


class Note(models.Model):
    owner = models.ForeignKey("auth.User", on_delete=models.CASCADE)
    code = models.UUIDField(default=uuid.uuid4, unique=True)
    title = models.CharField(max_length=50)
    stars = models.PositiveIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
"""

VIEWS = """
import os
import random
import socket
import time
from decimal import Decimal

import dramatiq
from celery import Celery
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django_q.brokers import get_broker
from django_q.tasks import async_task
from dramatiq.brokers.redis import RedisBroker
from huey import RedisHuey
from notes.models import Note
from redis import Redis, RedisError
from rest_framework import filters, pagination, permissions, serializers, viewsets
from rest_framework.decorators import api_view, permission_classes
from rest_framework.response import Response
from rq import Queue


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "code", "title", "stars", "created"]
        read_only_fields = ["code", "created"]

    def validate_stars(self, value):
        if value > 5:
            raise serializers.ValidationError("At most five.")
        return value


class Pages(pagination.PageNumberPagination):
    page_size = 3
    page_size_query_param = "size"
    max_page_size = 5


class IsOwner(permissions.IsAuthenticatedOrReadOnly):
    def has_object_permission(self, request, view, obj):
        return request.method == "GET" or obj.owner_id == request.user.id


class NoteViewSet(viewsets.ModelViewSet):
    queryset = Note.objects.order_by("id")
    serializer_class = NoteSerializer
    permission_classes = [IsOwner]
    pagination_class = Pages
    filter_backends = [filters.SearchFilter, filters.OrderingFilter]
    search_fields = ["title"]
    ordering_fields = ["stars", "title"]

    def get_queryset(self):
        queryset = super().get_queryset()
        least = self.request.query_params.get("least", "")
        if least.isdigit():
            queryset = queryset.filter(stars__gte=least)
        return queryset

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)


@api_view(["POST"])
@permission_classes([permissions.IsAuthenticated])
def stamp(request):
    print("user code prints", flush=True)
    os.write(1, b"and writes to the descriptor\\n")
    note = Note.objects.create(owner=request.user, title="stamp")
    return Response(NoteSerializer(note).data, status=201)


@api_view(["GET"])
def dice(request):
    return Response({"rolled": random.random()})


asked = 0
if os.environ.get("SERVICE"):
    host, port = os.environ["SERVICE"].split(":")
    socket.create_connection((host, int(port)), timeout=2).close()


@api_view(["GET"])
def weak(request):
    global asked
    asked += 1
    how = os.environ.get("WEAKNESS")
    if how == "raise":
        raise KeyError("something")
    if how == "hang":
        time.sleep(30)
    if how == "die" or (how == "die midway" and asked % 3 == 0):
        os._exit(7)
    return Response({"well": True})


@api_view(["GET"])
def odd(request):
    what = request.query_params.get("what")
    if what == "connect":
        try:
            socket.create_connection(("198.51.100.9", 80), timeout=2)
        except OSError as error:
            return Response({"refused": type(error).__name__})
    if what == "exit":
        os._exit(7)
    if what == "hang":
        time.sleep(30)
    if what == "mail":
        mail = EmailMultiAlternatives(
            "Größe", "text\\n", "Ä <a@example.com>", ["b@example.com"], bcc=["c@example.com"])
        mail.attach_alternative("<p>text</p>", "text/html")
        mail.attach("a.bin", b"\\x00\\x01", "application/octet-stream")
        mail.send()
    if what == "task":
        queue = Celery(broker="amqp://198.51.100.7//", backend="rpc://")
        queue.send_task("notes.count", args=[1], kwargs={"deep": True}, countdown=5)
    if what == "rq":
        Queue("mail", connection=Redis("queue.internal")).enqueue("notes.send", 1, deep=True)
    if what == "dramatiq":
        broker = RedisBroker(host="queue.internal")
        dramatiq.actor(print, actor_name="notes.send", broker=broker).send_with_options(
            args=[1], kwargs={"deep": True}, delay=1000)
    if what == "huey":
        RedisHuey("notes", host="queue.internal").task(name="send")(len).schedule([1], delay=60)
    if what == "django-q":
        async_task("notes.send", 1, deep=True, broker=get_broker())
    if what == "caching":
        cache.set("page", {"at": Decimal("1.50"), "of": [1]}, 60)
        cache.add("page", "another")
        cache.set("count", 1, None)
        cache.incr("count", 4)
        cache.delete("old")
        cache.set("throttle_user_1", [1.5], 60)
    if what == "list":
        try:
            Redis("cache.internal").lpush("recent", 1)
        except RedisError as error:
            return Response({"refused": str(error)})
    if what == "file":
        default_storage.save("notes/a.txt", ContentFile(b"content"))
    if what == "many":
        [str(note.owner) for note in Note.objects.order_by("pk")[:5]]
    if what == "cache":
        cache.set("a", cache.get("a", 0) + 1)
        return Response({"count": cache.get("a")})
    if what == "raise":
        raise KeyError("something")
    return Response({})
"""

URLS = """
from django.urls import include, path
from notes import views
from rest_framework.routers import SimpleRouter

router = SimpleRouter()
router.register("notes", views.NoteViewSet)
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/stamp/", views.stamp),
    path("api/dice/", views.dice),
    path("api/odd/", views.odd),
    path("api/weak/", views.weak),
]
"""

#: Answers as the legacy project does; FAULT names one way in which it does not.
APP = """
import inspect
import json
import os
import pickle
import smtplib
import socket
import sqlite3
import urllib.parse
import uuid
from datetime import datetime, timezone
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import redis
import redis.asyncio
from celery import Celery

FAULT = os.environ.get("FAULT", "").split(",")
FILE = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
assert os.environ["SECRET_KEY"] == "the-key-of-the-notes"
for fault in FAULT:
    if fault.startswith("service="):
        host, port = fault.removeprefix("service=").split(":")
        socket.create_connection((host, int(port)), timeout=2).close()
if "boot" in FAULT:
    raise RuntimeError("no such thing")
PAGE = (
    b"\\n<!doctype html>\\n<html lang=\\"en\\">\\n<head>\\n  <title>Not Found</title>\\n"
    b"</head>\\n<body>\\n"
    b"  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>\\n"
    b"</body>\\n</html>\\n"
)
PLAIN = [
    ("x-frame-options", "DENY"), ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"), ("cross-origin-opener-policy", "same-origin"),
]


def connect():
    connection = sqlite3.connect(FILE, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def shown(row):
    stars = str(row["stars"]) if "text" in FAULT else row["stars"]
    created = row["created"].replace(" ", "T")
    return {"id": row["id"], "code": str(uuid.UUID(row["code"])), "title": row["title"],
            "stars": stars, "created": created if "offset" in FAULT else created + "Z"}


def user(connection, header):
    if header is None:
        return None, None
    word, *rest = header.split()
    if word.lower() != "token":
        return None, None
    if not rest:
        return None, "Invalid token header. No credentials provided."
    if len(rest) > 1:
        return None, "Invalid token header. Token string should not contain spaces."
    found = connection.execute(
        "SELECT u.* FROM authtoken_token t JOIN auth_user u ON u.id = t.user_id WHERE t.key = ?",
        rest).fetchone()
    if found is None:
        return None, "Invalid token."
    if not found["is_active"]:
        return None, "User inactive or deleted."
    return found["id"], None


def refusal(status, detail, *headers):
    return status, {"detail": detail}, headers


def stamp(connection, sender):
    code, now = uuid.uuid4().hex, datetime.now(timezone.utc).replace(tzinfo=None)
    if "code" in FAULT:
        code = "00000000000040008000000000000001"
    at = now.isoformat(" ")
    added = connection.execute(
        "INSERT INTO notes_note (owner_id, code, title, stars, created) VALUES (?, ?, ?, 0, ?)",
        [sender, code, "stamp", at])
    if "twice" in FAULT:
        connection.execute(
            "INSERT INTO notes_note (owner_id, code, title, stars, created) "
            "VALUES (?, ?, 'again', 0, ?)", [sender, uuid.uuid4().hex, at])
    row = connection.execute("SELECT * FROM notes_note WHERE id = ?", [added.lastrowid]).fetchone()
    if "lost" in FAULT:
        connection.execute("DELETE FROM notes_note WHERE id = ?", [row["id"]])
    return 201, shown(row), ()


def note(connection, method, key, sender, query):
    least, words = query.get("least", ""), query.get("search", "").lower().split()
    if not key.lstrip("-").isdigit():
        return refusal(404, "Not found.")
    found = connection.execute("SELECT * FROM notes_note WHERE id = ?", [key]).fetchone()
    if found is None or (least.isdigit() and found["stars"] < int(least)):
        return refusal(404, "No Note matches the given query.")
    if "search" not in FAULT and any(word not in found["title"].lower() for word in words):
        return refusal(404, "No Note matches the given query.")
    if method == "GET":
        return 200, shown(found), ()
    if found["owner_id"] != sender and "owner" not in FAULT:
        return refusal(403, "You do not have permission to perform this action.")
    connection.execute("DELETE FROM notes_note WHERE id = ?", [key])
    return 204, None, ()


def odd(what):
    if what == "mail":
        letter = EmailMessage()
        letter["Subject"], letter["From"] = "Größe", "Ä <a@example.com>"
        letter["To"] = "b@example.com"
        letter.set_content("text" if "letter" in FAULT else "text\\n")
        letter.add_alternative("<p>other</p>" if "letter" in FAULT else "<p>text</p>", "html")
        letter.add_attachment(
            b"\\x00\\x01", maintype="application", subtype="octet-stream", filename="a.bin")
        to = ["b@example.com", "c@example.com"]
        if "async" in FAULT:
            return aiosmtplib.send(letter, recipients=to, hostname="mail.internal", port=587)
        with smtplib.SMTP("198.51.100.7", 587, timeout=2) as server:
            server.starttls()
            server.login("user", "password")
            server.send_message(letter, to_addrs=to)
    if what == "task":
        queue = Celery(broker="amqp://198.51.100.7//", backend="rpc://")
        arguments = [2] if "argument" in FAULT else [1]
        queue.send_task("notes.count", args=arguments, kwargs={"deep": True}, countdown=5)
    if what == "caching":
        cached = {"at": Decimal("1.50"), "of": [1, 2] if "cached" in FAULT else [1]}
        kind = redis.asyncio.Redis if "async" in FAULT else redis.Redis
        later = kind(host="198.51.100.7").pipeline()
        later.set(":1:page", pickle.dumps(cached), ex=60).set(":1:count", 1)
        later.incrby(":1:count", 4)
        if "stale" not in FAULT:
            later.delete(":1:old")
        return later.execute()
    if what == "file":
        folder = Path(os.environ["MEDIA_ROOT"], "notes")
        folder.mkdir(exist_ok=True)
        (folder / "a.txt").write_bytes(b"content")
    return 200, {}, ()


def answer(scope, headers):
    if scope["path"] == "/api/odd/":
        return 200, {}, ()
    method, path = scope["method"], scope["path"]
    challenge = ("www-authenticate", "Token")
    connection = connect()
    accept = headers.get("accept", "*/*")
    if "json" not in accept and "*/*" not in accept:
        return refusal(406, "Could not satisfy the request Accept header.")
    sender, problem = user(connection, headers.get("authorization"))
    if problem:
        return refusal(401, problem, challenge)
    if sender is None and method != "GET":
        return refusal(401, "Authentication credentials were not provided.", challenge)
    if path == "/api/stamp/":
        return stamp(connection, sender)
    query = dict(urllib.parse.parse_qsl(scope["query_string"].decode()))
    return note(connection, method, path.split("/")[3], sender, query)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    print("the new application prints", flush=True)
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    allow = "OPTIONS, POST" if "stamp" in scope["path"] else \\
        "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
    if "." in scope["path"]:
        status, content = 404, PAGE
        lines = [*PLAIN, ("content-type", "text/html; charset=utf-8")]
    else:
        if scope["path"] == "/api/odd/":
            later = odd(scope["query_string"].decode().removeprefix("what="))
            if inspect.isawaitable(later):
                await later
        status, body, extra = answer(scope, headers)
        lines = [*PLAIN, ("vary", "Accept"), ("allow", allow), *extra]
        content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        if body is not None:
            lines.append(("content-type", "application/json"))
    await send({"type": "http.response.start", "status": status,
                "headers": [(name.encode(), value.encode()) for name, value in lines]})
    await send({"type": "http.response.body", "body": content})
"""


def write_project(folder: Path) -> Path:
    """The folder of manage.py; the generated application is in `newapp` below it."""
    app = folder / "notes"
    new = folder / "newapp" / "app"
    for made in (app, new):
        made.mkdir(parents=True)
        (made / "__init__.py").touch()
    (folder / "manage.py").write_text(
        'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")\n'
    )
    (folder / "settings.py").write_text(SETTINGS)
    (folder / "urls.py").write_text(URLS)
    (app / "models.py").write_text(MODELS)
    (app / "views.py").write_text(VIEWS)
    (new / "main.py").write_text(APP)
    return folder


def _field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    column = more.pop("attname", name)
    return {
        "name": name,
        "attname": column,
        "column": column,
        "cls": f"django.db.models.fields.{kind}",
        "internal_type": kind,
        **more,
    }


_USER = {"kind": "foreign_key", "model": "auth.User", "to_field": "id", "on_delete": "CASCADE"}
_MODELS = [
    {
        "name": "auth.User",
        "path": "django.contrib.auth.models.User",
        "package": "django",
        "db_table": "auth_user",
        "pk": "id",
        "fields": [_field("id", "AutoField", primary_key=True), _field("username", "CharField")],
    },
    {
        "name": "notes.Note",
        "path": "notes.models.Note",
        "db_table": "notes_note",
        "pk": "id",
        "fields": [
            _field("id", "BigAutoField", primary_key=True),
            _field("owner", "ForeignKey", attname="owner_id", relation=_USER),
            _field("code", "UUIDField", unique=True),
            _field("title", "CharField", max_length=50),
            _field("stars", "PositiveIntegerField"),
            _field("created", "DateTimeField", auto_now_add=True),
        ],
    },
]


def _serializer_field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    path = f"rest_framework.fields.{kind}"
    common = {"name": name, "cls": path, "drf_cls": path, "source": name, "model_field": name}
    return {**common, **more}


_SERIALIZERS = [
    {
        "name": "notes.views.NoteSerializer",
        "kind": "model",
        "model": "notes.Note",
        "fields": [
            _serializer_field("id", "IntegerField", read_only=True),
            _serializer_field("code", "UUIDField", read_only=True),
            _serializer_field("title", "CharField", required=True, options={"max_length": 50}),
            _serializer_field("stars", "IntegerField", options={"min_value": 0}),
            _serializer_field("created", "DateTimeField", read_only=True),
        ],
    }
]
_TOKEN = "rest_framework.authentication.TokenAuthentication"
_VIEWSET = {
    "kind": "drf",
    "view": "notes.views.NoteViewSet",
    "queryset": {"model": "notes.Note"},
    "serializer": "notes.views.NoteSerializer",
    "authenticators": [_TOKEN],
    "parsers": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.FormParser"],
    "filter_backends": [
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "search_fields": ["title"],
    "ordering_fields": ["stars", "title"],
    "paginator": "notes.views.Pages",
    "lookup_field": "pk",
}


def _line(text: str) -> str:
    number = next(i for i, line in enumerate(VIEWS.splitlines(), 1) if text in line)
    return f"notes/views.py:{number}"


def _endpoint(method: str, path: str, action: str, **more: Any) -> dict[str, Any]:
    identity = {"id": f"{method} {path}", "method": method, "path": path, "route": path}
    return {**identity, "action": action, **more}


def _viewset(method: str, path: str, action: str) -> dict[str, Any]:
    place = {"path": "notes.views.NoteViewSet.get_queryset", "source": _line("def get_queryset")}
    return _endpoint(method, path, action, **_VIEWSET, methods={"get_queryset": place})


def _function(method: str, name: str, **more: Any) -> dict[str, Any]:
    source = _line(f"def {name}(")
    plain = {"kind": "drf", "view": f"notes.views.{name}", "function_view": True, "source": source}
    return _endpoint(method, f"/api/{name}/", method.lower(), **plain, **more)


def facts() -> Facts:
    """What introspection would find, as far as `verify` needs it."""
    pages = {"page_size": 3, "page_query_param": "page", "page_size_query_param": "size"}
    attributes = {**pages, "max_page_size": 5}
    return Facts.model_validate(
        {
            "legacy": {"python": "3.11", "django": "5.2", "drf": "3.16"},
            "settings_module": "settings",
            "settings": {"AUTH_USER_MODEL": "auth.User"},
            "models": _MODELS,
            "serializers": _SERIALIZERS,
            "paginators": [
                {
                    "name": "notes.views.Pages",
                    "kind": "page_number",
                    "attributes": {
                        name: {"kind": "literal", "value": value}
                        for name, value in attributes.items()
                    },
                }
            ],
            "endpoints": [
                _viewset("GET", "/api/notes/", "list"),
                _viewset("POST", "/api/notes/", "create"),
                _viewset("GET", "/api/notes/{pk}/", "retrieve"),
                _viewset("PUT", "/api/notes/{pk}/", "update"),
                _viewset("PATCH", "/api/notes/{pk}/", "partial_update"),
                _viewset("DELETE", "/api/notes/{pk}/", "destroy"),
                _function("POST", "stamp", authenticators=[_TOKEN]),
                _function("GET", "dice"),
                _function("GET", "odd"),
                _function("GET", "weak"),
            ],
        }
    )
