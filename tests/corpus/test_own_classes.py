"""Authenticators, renderers, field classes and handlers that a project wrote do what they did."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project

pytestmark = pytest.mark.slow

MODELS = """
from django.conf import settings
from django.db import models


class Tag(models.Model):
    label = models.CharField(max_length=30, unique=True)

    class Meta:
        ordering = ["label"]


class Card(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    town = models.CharField(max_length=30, blank=True)
    liked = models.ManyToManyField("things.Note", related_name="fans")

    def likes(self, note):
        return self.liked.filter(pk=note.pk).exists()

    def like(self, note):
        self.liked.add(note)

    def forget(self, note):
        self.liked.remove(note)


class Note(models.Model):
    slug = models.SlugField(max_length=40, unique=True)
    text = models.CharField(max_length=80)
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="notes")
    tags = models.ManyToManyField(Tag)

    class Meta:
        ordering = ["id"]
        verbose_name = "little note"
"""

HANDLING = """
from rest_framework.views import exception_handler


def _named(exc, context, response):
    view = context.get("view", None)
    if view and hasattr(view, "queryset") and view.queryset is not None:
        name = view.queryset.model._meta.verbose_name
        response.data = {"errors": {name: response.data["detail"]}}
    else:
        response = _wrapped(exc, context, response)
    return response


def _wrapped(exc, context, response):
    response.data = {"errors": response.data}
    return response


def handler(exc, context):
    response = exception_handler(exc, context)
    handlers = {"NotFound": _named, "ValidationError": _wrapped}
    kind = exc.__class__.__name__
    if kind in handlers:
        return handlers[kind](exc, context, response)
    return response
"""

VIEWS = '''
import json
from importlib import import_module

import jwt
from django.conf import settings
from django.contrib.auth import authenticate, get_user, get_user_model
from rest_framework import authentication, exceptions, generics, permissions, renderers
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Card, Note, Tag

User = get_user_model()


class CardAuthentication(authentication.BaseAuthentication):
    word = "Card"

    def authenticate(self, request):
        request.user = None
        words = authentication.get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].decode("utf-8").lower() != self.word.lower():
            return None
        return self._read(request, words[1].decode("utf-8"))

    def authenticate_header(self, request):
        return self.word

    def _read(self, request, token):
        try:
            claims = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])
        except:
            raise exceptions.AuthenticationFailed("No card.")
        try:
            user = User.objects.get(pk=claims["id"])
        except User.DoesNotExist:
            raise exceptions.AuthenticationFailed("Nobody's card.")
        if not user.is_active:
            raise exceptions.AuthenticationFailed("A card of the past.")
        return (user, token)


class HeaderSession(authentication.BaseAuthentication):
    def authenticate(self, request):
        value = request.headers.get("Authorization")
        if not value or not value.startswith("Session "):
            return None
        engine = import_module(settings.SESSION_ENGINE)
        SessionStore = engine.SessionStore
        request.session = SessionStore(value.split()[1])
        user = get_user(request)
        return user, None


class LooseSession(authentication.SessionAuthentication):
    """Without the check for forged requests."""

    def enforce_csrf(self, request):
        return


class Wrapped(renderers.JSONRenderer):
    charset = "utf-8"
    one = "object"

    def render(self, data, media_type=None, renderer_context=None):
        if data.get("errors", None) is not None:
            return super().render(data)
        if data.get("results", None) is not None:
            return json.dumps({self.many: data["results"], "number": data["count"]})
        return json.dumps({self.one: data})


class NoteRenderer(Wrapped):
    one = "note"
    many = "notes"


class Asking(renderers.JSONRenderer):
    charset = "utf-8"
    object_label = "object"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        if renderer_context is None:
            renderer_context = {}
        view = renderer_context.get("view")
        if hasattr(view, "object_label"):
            object_label = view.object_label
        else:
            object_label = self.object_label
        response = renderer_context.get("response")
        if not response:
            raise ValueError("Response not found in renderer context")
        errors = data.get("errors", None) if isinstance(data, dict) else None
        if errors is not None:
            return super(Asking, self).render(data)
        shown = {"status_code": response.status_code, object_label: data, "of": getattr(view, "of", None)}
        return json.dumps(shown).encode(self.charset)


class LabelField(serializers.RelatedField):
    def get_queryset(self):
        return Tag.objects.all()

    def to_internal_value(self, data):
        if not isinstance(data, str) or len(data) > 20:
            raise serializers.ValidationError("No label.")
        tag, created = Tag.objects.get_or_create(label=data.lower())
        return tag

    def to_representation(self, value):
        return value.label


class CardSerializer(serializers.ModelSerializer):
    username = serializers.CharField(source="user.username", read_only=True)
    mine = serializers.SerializerMethodField()

    class Meta:
        model = Card
        fields = ["username", "town", "mine"]

    def get_mine(self, obj):
        request = self.context.get("request", None)
        if request is None:
            return None
        return obj.user == request.user


class NoteSerializer(serializers.ModelSerializer):
    card = CardSerializer(read_only=True)
    tags = LabelField(many=True, required=False)
    liked = serializers.SerializerMethodField()

    class Meta:
        model = Note
        fields = ["slug", "text", "card", "tags", "liked"]

    def to_representation(self, instance):
        data = super().to_representation(instance)
        data["size"] = len(instance.text)
        if not data["tags"]:
            data.pop("tags")
        return data

    def create(self, validated_data):
        card = self.context.get("card", None)
        tags = validated_data.pop("tags", [])
        note = Note.objects.create(card=card, **validated_data)
        for tag in tags:
            note.tags.add(tag)
        return note

    def get_liked(self, obj):
        request = self.context.get("request", None)
        if request is None:
            return False
        if not request.user.is_authenticated:
            return False
        return request.user.card.likes(obj)


class LoginSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=100, write_only=True)
    staff = serializers.BooleanField(read_only=True)

    def validate(self, data):
        user = authenticate(username=data["username"], password=data["password"])
        if user is None:
            raise serializers.ValidationError("Who is that?")
        return {"username": user.username, "staff": user.is_staff}


class Notes(viewsets.GenericViewSet):
    queryset = Note.objects.select_related("card", "card__user")
    serializer_class = NoteSerializer
    authentication_classes = [CardAuthentication]
    permission_classes = [permissions.IsAuthenticatedOrReadOnly]
    renderer_classes = [NoteRenderer]
    lookup_field = "slug"

    def list(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        if page is not None:
            serializer = self.serializer_class(page, context={"request": request}, many=True)
            return self.get_paginated_response(serializer.data)
        return Response(self.get_serializer(self.get_queryset(), many=True).data)

    def retrieve(self, request, slug):
        try:
            note = self.queryset.get(slug=slug)
        except Note.DoesNotExist:
            raise exceptions.NotFound("There is no such note.")
        return Response(self.serializer_class(note).data)

    def create(self, request):
        context = {"request": request}
        context["card"] = request.user.card
        given = request.data.get("note", {})
        serializer = self.serializer_class(data=given, context=context)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)


class Likes(APIView):
    authentication_classes = [LooseSession, CardAuthentication]
    permission_classes = [permissions.IsAuthenticated]
    renderer_classes = [Asking]
    object_label = "liked"

    def _note(self, slug):
        try:
            return Note.objects.get(slug=slug)
        except Note.DoesNotExist:
            raise exceptions.NotFound("There is no such note.")

    def post(self, request, note_slug=None):
        note = self._note(note_slug)
        request.user.card.like(note)
        return Response(NoteSerializer(note, context={"request": request}).data, status=201)

    def delete(self, request, note_slug=None):
        note = self._note(note_slug)
        request.user.card.forget(note)
        return Response(NoteSerializer(note, context={"request": request}).data)


class Me(generics.RetrieveUpdateAPIView):
    serializer_class = CardSerializer
    authentication_classes = [CardAuthentication]
    permission_classes = [permissions.IsAuthenticated]

    def retrieve(self, request, *args, **kwargs):
        return Response(self.serializer_class(request.user.card).data)

    def update(self, request, *args, **kwargs):
        partial = kwargs.pop("partial", False)
        card = request.user.card
        serializer = self.serializer_class(card, data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


class Whoever(APIView):
    authentication_classes = [HeaderSession]

    def get(self, request):
        user = request.user
        return Response({"name": user.username if user.is_authenticated else None})


class Known(Whoever):
    permission_classes = [permissions.IsAuthenticated]


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["label"]

    def to_representation(self, obj):
        return obj.label


class Tags(generics.ListAPIView):
    queryset = Tag.objects.all()
    serializer_class = TagSerializer
    pagination_class = None
    authentication_classes = []

    def list(self, request):
        serializer = self.serializer_class(self.get_queryset(), many=True)
        return Response({"tags": serializer.data})


class Login(APIView):
    authentication_classes = []

    def post(self, request):
        serializer = LoginSerializer(data=request.data.get("login", {}))
        serializer.is_valid(raise_exception=True)
        return Response(serializer.data)
'''

URLS = """
from django.urls import include, path, re_path
from rest_framework.routers import DefaultRouter

from things import views

router = DefaultRouter(trailing_slash=False)
router.register("notes", views.Notes)
urlpatterns = [
    path("api/", include(router.urls)),
    re_path(r"^api/notes/(?P<note_slug>[-\\w]+)/like/?$", views.Likes.as_view()),
    re_path(r"^api/me/?$", views.Me.as_view()),
    re_path(r"^api/whoever/$", views.Whoever.as_view()),
    re_path(r"^api/known/$", views.Known.as_view()),
    re_path(r"^api/tags/?$", views.Tags.as_view()),
    re_path(r"^api/login/?$", views.Login.as_view()),
]
"""

MORE = """
INSTALLED_APPS += ["django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "things.handling.handler",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 3,
}
"""


FILES = {
    "settings.py": SETTINGS + MORE,
    "urls.py": URLS,
    "things/models.py": MODELS,
    "things/views.py": VIEWS,
    "things/handling.py": HANDLING,
}


def test_classes_of_the_project_answer_as_they_did(tmp_path: Path) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/notes.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    drf = [e for e in conversion["endpoints"] if e["kind"] == "drf"]
    assert {e["id"]: e["reasons"] for e in drf if e["status"] != "converted"} == {}
    assert not_equal(verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)) == []
