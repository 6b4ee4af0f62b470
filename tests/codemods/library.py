"""A small lending library that every rule has something to do in."""

from tests.codemods import post_office

SETTINGS = (
    """
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "books.middleware.ServedByMiddleware",
    "books.middleware.LastMiddleware",
]
INSTALLED_APPS += ["django_filters"]
REST_FRAMEWORK["EXCEPTION_HANDLER"] = "books.errors.handler"
"""
    + post_office.SETTINGS
)

MIDDLEWARE = '''
from django.utils.deprecation import MiddlewareMixin


class ServedByMiddleware:
    """Says who answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["X-Served-By"] = "library"
        if request.path.startswith("/private/"):
            response["Cache-Control"] = "no-store"
        return response


class LastMiddleware(MiddlewareMixin):
    def process_response(self, request, response):
        """Where they are files, leave them."""
        if response.status_code != 200 or not hasattr(response, "file_to_stream"):
            return response
        return self.stream(response)
'''

ERRORS = """
from rest_framework import exceptions
from rest_framework.views import exception_handler


class TooMany(exceptions.APIException):
    status_code = 409
    default_detail = "Enough is enough."
    default_code = "too_many"


def absent(exc, context, response):
    view = context.get("view")
    if view and hasattr(view, "queryset") and view.queryset is not None:
        response.data = {view.queryset.model._meta.verbose_name: response.data["detail"]}
    return response


def handler(exc, context):
    response = exception_handler(exc, context)
    others = {"NotFound": absent, "Http404": absent}
    name = exc.__class__.__name__
    if name in others:
        return others[name](exc, context, response)
    if response is not None and isinstance(exc, TooMany):
        response.data = {"error": response.data}
    return response
"""

MODELS = '''
from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.text import slugify


class LiveQuerySet(models.QuerySet):
    def thick(self, pages: int = 100):
        return self.filter(pages__gte=pages)


class LiveManager(models.Manager.from_queryset(LiveQuerySet)):
    much = 900

    def vast(self):
        return self.filter(pages__gt=self.much)

    def get_queryset(self):
        return LiveQuerySet(self.model, using=self._db).filter(gone=False)


class Author(models.Model):
    """Who wrote it."""

    name = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Tag(models.Model):
    label = models.CharField(max_length=20)

    def save(self, *args, **kwargs):
        if self._state.adding:
            self.label = self.label.strip()
        super().save(*args, **kwargs)

    def slug(self):
        return slugify(self.label)

    def alone(self):
        found = []
        found.append(self)
        return found

    def double(self, times):
        """Make it twice."""
        with transaction.atomic():
            locked = Tag.objects.select_for_update().get(pk=self.pk)
            fresh = Tag(label=locked.label * times)
            fresh.save()
        self.refresh_from_db(fields=["label"])


@receiver(post_save, sender=Tag)
def limit_tags(sender, instance, created, **kwargs):
    names = list(Tag.objects.values_list("label", flat=True))
    if created and len(names) > 1000:
        instance.delete()


class Book(models.Model):
    class State(models.TextChoices):
        IN = "in", "In"
        OUT = "out", "Out"

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    sequel = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    tags = models.ManyToManyField(Tag, blank=True)
    title = models.CharField(max_length=60)
    state = models.CharField(max_length=5, choices=State.choices, default=State.IN)
    pages = models.PositiveIntegerField(default=0)
    price = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    due = models.DateTimeField(null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    gone = models.BooleanField(default=False)
    cover = models.FileField(upload_to="covers/", blank=True)

    everything = models.Manager()
    objects = LiveManager()

    class Meta:
        ordering = ["-pages", "id"]

    @property
    def is_long(self):
        return self.pages > 500

    def hours(self):
        return self.pages / 40
'''

SERIALIZERS = '''
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoError
from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.reverse import reverse
from rest_framework.settings import api_settings

from .models import Author, Book, Tag


class AccountSerializer(serializers.ModelSerializer):
    class Meta:
        model = get_user_model()
        fields = ["id", "username"]


class SignUpSerializer(serializers.ModelSerializer):
    class Meta:
        model = get_user_model()
        fields = ["id", "username", "password"]
        extra_kwargs = {"password": {"write_only": True}}

    def validate(self, attrs):
        given = self.context["request"].parser_context["kwargs"].get("pk")
        if given == "0" and self.Meta.model.objects.exists():
            raise serializers.ValidationError("There is no such user.")
        user = getattr(self, "asking", None) or self.context["request"].user
        try:
            validate_password(attrs["password"], user if user.is_authenticated else None)
        except DjangoError as error:
            found = serializers.as_serializer_error(error)
            raise serializers.ValidationError({"password": found[api_settings.NON_FIELD_ERRORS_KEY]})
        return attrs

    def create(self, validated_data):
        """Hash the password."""
        return get_user_model().objects.create_user(**validated_data)

    def update(self, instance, validated_data):
        password = validated_data.pop("password", None)
        for key, value in validated_data.items():
            setattr(instance, key, value)
        user = super().update(instance, validated_data)
        if user.username == "locked":
            user.password = make_password("never")
        Tag.objects.filter(label=user.username).delete()
        if password:
            validate_password(password, user)
            user.set_password(password)
            user.save()
        return user


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = ["id", "name"]


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["id", "label"]


class BookSerializer(serializers.ModelSerializer):
    """A book as clients see it."""

    mine = serializers.SerializerMethodField()
    hours = serializers.SerializerMethodField()
    sequel_title = serializers.SerializerMethodField()
    byline = serializers.SerializerMethodField()
    labels = serializers.SerializerMethodField()
    thickest = serializers.SerializerMethodField()
    siblings = serializers.SerializerMethodField()
    marks = serializers.SerializerMethodField()
    uri = serializers.SerializerMethodField()
    front = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = [
            "id", "title", "author", "sequel", "tags", "state", "pages", "price", "due", "day",
            "is_long", "mine", "hours", "sequel_title", "byline", "labels", "thickest", "siblings",
            "marks", "uri", "front",
        ]

    def get_mine(self, obj):
        return obj.owner == self.context["request"].user

    def get_hours(self, obj):
        return round(obj.hours(), 1)

    def get_sequel_title(self, obj):
        return obj.sequel and obj.sequel.title

    def get_byline(self, obj):
        return f"by {obj.author}"

    def get_siblings(self, obj):
        return Book.objects.filter(author=obj.author).count()

    def get_marks(self, obj):
        return TagSerializer(obj.tags.all(), many=True).data

    def get_uri(self, obj):
        return reverse("book-detail", kwargs={"pk": obj.pk}, request=self.context["request"])

    def get_front(self, obj):
        request = self.context["request"]
        return request.build_absolute_uri(obj.cover.url) if obj.cover else None

    def get_labels(self, obj):
        if hasattr(obj, "tags") and obj.pk == 0:
            return 0
        return obj.tags.filter(label__startswith="a").count()

    def get_thickest(self, obj):
        found = obj.author.books.aggregate(Max("pages"), several=Count("day", distinct=True))
        return found["pages__max"] or found["several"]

    def validate_pages(self, value):
        if value > 5000:
            raise serializers.ValidationError(_("Too thick."))
        return value

    def validate(self, attrs):
        due = attrs.get("due", getattr(self.instance, "due", None))
        if due is not None and attrs["title"] == "Now":
            raise serializers.ValidationError({"due": ["Never."]})
        return attrs
'''

VIEWS = '''
import django_filters
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.db.models import Count, F, Q
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from rest_framework import filters, mixins, pagination, permissions, status, viewsets
from rest_framework.authentication import BasicAuthentication
from rest_framework.decorators import action
from rest_framework.parsers import FormParser
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework_simplejwt.tokens import RefreshToken

from .errors import TooMany
from .models import Author, Book, Tag
from .serializers import AccountSerializer, AuthorSerializer, BookSerializer, SignUpSerializer, TagSerializer

LIMIT = 3


class Pages(pagination.PageNumberPagination):
    """Twenty at a time."""

    page_size = 20
    page_size_query_param = "size"
    max_page_size = 50
    last_page_strings = ("end",)

    def get_paginated_response(self, data):
        return Response({"count": self.page.paginator.count, "books": data})


class IsOwner(permissions.BasePermission):
    """Everybody reads, owners write."""

    message = "Not yours."

    def has_permission(self, request, view):
        return self._reads(request) or bool(request.user and request.user.is_authenticated)

    @staticmethod
    def _reads(request):
        return request.method in permissions.SAFE_METHODS

    def has_object_permission(self, request, view, obj):
        if request.method == "GET":
            return True
        return self.message != "" and obj.owner == request.user


class IsStaff(permissions.BasePermission):
    def has_permission(self, request, view):
        if not request.user or getattr(view, "closed", False):
            return False
        return request.user.is_staff


class BookFilter(django_filters.FilterSet):
    least = django_filters.NumberFilter(field_name="pages", lookup_expr="gte")
    short = django_filters.BooleanFilter(method="only_short")

    class Meta:
        model = Book
        fields = ["state"]

    def only_short(self, queryset, name, value):
        if value:
            return queryset.filter(pages__lt=100)
        return queryset


def shelves(word):
    conditions = Q(title__icontains=word)
    conditions |= Q(pages=0)
    books = Book.everything.filter(conditions).only("title")
    busy = Author.objects.annotate(written=Count("books")).filter(written__gt=1)
    return {
        "busy": [(author.name, author.written) for author in busy],
        "titles": list(books.values("title", "author__name")),
        "days": list(Book.everything.dates("day", "month")),
    }


class Labeller:
    def __init__(self, word):
        self.word = word

    def label(self, *, times=1):
        return Tag.objects.create(label=self.word * times)


def label_all():
    tags = Tag.objects.bulk_create([Tag(label="a"), Tag(label="b")])
    tag, made = Tag.objects.get_or_create(label="c")
    tag = tag if made else Tag.objects.get_or_create(label="d")[0]
    tag.full_clean()
    Labeller("e").label(times=2)
    for book in Book.everything.filter(pages=0):
        book.tags.add(tag)
    return len(tags)


class BookViewSet(viewsets.ModelViewSet):
    """Books, the thick ones first."""

    queryset = Book.objects.all()
    serializer_class = BookSerializer
    permission_classes = [IsOwner]
    pagination_class = Pages
    filter_backends = [
        django_filters.rest_framework.DjangoFilterBackend,
        filters.SearchFilter,
        filters.OrderingFilter,
    ]
    filterset_class = BookFilter
    search_fields = ["title", "author__name"]
    ordering_fields = ["pages"]

    def get_queryset(self):
        queryset = super().get_queryset().select_related("author", "sequel")
        # the list is long, so it loads what it shows
        if self.action == "list":
            queryset = queryset.prefetch_related("tags")
        title = self.request.query_params.get("title")
        if title:
            queryset = queryset.filter(Q(title__icontains=title) | Q(author__name=title))
        return queryset

    @action(detail=True, methods=["post"])
    def lend(self, request, pk=None):
        """Give the book away."""
        book = self.get_object()
        if book.state == Book.State.OUT:
            raise TooMany()
        book.state = Book.State.OUT
        book.due = timezone.now() + timezone.timedelta(days=7)
        book.save(update_fields=["state", "due"])
        return Response(self.get_serializer(book).data, status=status.HTTP_202_ACCEPTED)

    @action(detail=False)
    def statistics(self, request):
        now = timezone.now()
        with transaction.atomic():
            count = self.get_queryset().filter(due__lt=now).count()
        return Response({"late": count, "limit": self._limit(2)})

    def _limit(self, factor):
        return LIMIT * factor

    @action(detail=False)
    def shelves(self, request):
        """Questions of many kinds."""
        return Response(shelves(request.query_params.get("word", "")))

    @action(detail=False, methods=["post"])
    def label_all(self, request):
        return Response({"labels": label_all()})

    @action(detail=False, authentication_classes=[BasicAuthentication])
    def first_of(self, request):
        found = Book.everything.filter(gone=True).order_by("-due").first()
        return Response({"title": found.title if found is not None else None})

    @action(detail=False, throttle_classes=[AnonRateThrottle])
    def slow(self, request):
        vast = Book.objects.vast().exists()
        return Response({"vast": vast, "thick": Book.objects.thick(pages=300).exists()})

    @action(detail=False, methods=["post"], parser_classes=[FormParser])
    def form(self, request):
        return Response(status=204)


class MyBookViewSet(mixins.CreateModelMixin, viewsets.GenericViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
    permission_classes = [permissions.IsAuthenticated]

    @transaction.atomic
    def perform_create(self, serializer):
        data = self.request.headers.get("X-State", "in")
        serializer.save(owner=self.request.user, state=data)


class ShelfViewSet(viewsets.ReadOnlyModelViewSet):
    """The books of one owner."""

    queryset = Book.objects.all()
    serializer_class = BookSerializer
    permission_classes = [permissions.AllowAny]
    pagination_class = None
    lookup_field = "title"

    def get_queryset(self):
        if not self.request.user.is_authenticated:
            return self.queryset.none()
        return (
            Book.objects.filter(owner=self.request.user, tags__label="x", author__name__startswith="A")
            .exclude(price=None)
            .exclude(pages__gt=F("id"))
            .distinct()
            .order_by("title")
        )


class UserBooksViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
    pagination_class = None

    def get_queryset(self):
        ids = self.request.query_params.get("ids", "").split(",")
        value = self.request.query_params.get("value")
        queryset = Book.objects.filter(owner_id=self.kwargs["user_id"])
        if value:
            queryset = queryset.filter(pages=value, id__in=ids)
        return queryset


class AccountViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = get_user_model().objects.all().order_by("id")
    serializer_class = AccountSerializer
    permission_classes = [IsStaff]
    pagination_class = None
    closed = False


class AuthorViewSet(viewsets.ModelViewSet):
    queryset = Author.objects.all()
    serializer_class = AuthorSerializer
    pagination_class = None

    def create(self, request, *args, **kwargs):
        serializer = AuthorSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self.perform_create(serializer)
        headers = self.get_success_headers(serializer.data)
        return Response(serializer.data, status=status.HTTP_201_CREATED, headers=headers)

    @action(detail=False, methods=["post"])
    def shelve(self, request):
        number = Tag.objects.filter(label="old").update(label="new")
        print("relabelled", number)
        tag = Tag.objects.create(label="fresh")
        for author in Author.objects.all():
            number += len(author.name)
        return Response({"n": number, "id": tag.id})

    @action(detail=False, methods=["post"])
    def another(self, request):
        serializer = self.serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)

    @action(detail=False, methods=["post"])
    def forgotten(self, request):
        user = get_object_or_404(get_user_model(), username=request.COOKIES.get("name"))
        uid = urlsafe_base64_encode(force_bytes(user.pk))
        token = default_token_generator.make_token(user)
        refresh = RefreshToken.for_user(user)
        refresh["code"] = get_random_string(6, allowed_chars="0123456789")
        return Response({"uid": uid, "token": token, "access": str(refresh.access_token)})

    @action(detail=False)
    def first_book(self, request):
        book = get_object_or_404(Book, author__name=request.query_params.get("name"))
        day = parse_date(request.query_params.get("day", "2024-01-02"))
        return Response({"title": book.title, "day": day})

    @action(detail=False)
    def some(self, request):
        return Response(self.get_serializer(self.get_queryset()[2:5], many=True).data)


class TagViewSet(viewsets.ModelViewSet):
    queryset = Tag.objects.all()
    serializer_class = TagSerializer
    pagination_class = None

    def check_permissions(self, request):
        if "X-Closed" in request.headers:
            self.permission_denied(request, message="Closed.")
        super().check_permissions(request)

    def finalize_response(self, request, response, *args, **kwargs):
        response["X-Tags"] = "some"
        return super().finalize_response(request, response, *args, **kwargs)

    @action(detail=True, methods=["post"])
    def double(self, request, pk=None):
        tag = self.get_object()
        tag.double(2)
        return Response({"slug": tag.slug(), "alone": len(tag.alone())})


class SignUpViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, viewsets.GenericViewSet):
    queryset = get_user_model().objects.all()
    serializer_class = SignUpSerializer
'''

DESK = '''
import json
import logging
from importlib import import_module
from pathlib import Path

import django_filters
import jwt
from django.conf import settings
from django.contrib.auth import authenticate, get_user, get_user_model, login, logout
from django.db import IntegrityError
from django.http import JsonResponse
from rest_framework import authentication, exceptions, permissions, renderers, serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Book, Tag

User = get_user_model()
logger = logging.getLogger(__name__)


class CardAuthentication(authentication.BaseAuthentication):
    """A signed card."""

    word = "Card"

    def authenticate(self, request):
        request.user = None
        words = authentication.get_authorization_header(request).split()
        if len(words) != 2 or words[0].decode() != self.word:
            return None
        return self._read(request, words[1].decode())

    def _read(self, request, token):
        try:
            claims = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])
        except jwt.InvalidTokenError:
            raise exceptions.AuthenticationFailed("No card.")
        try:
            user = User.objects.get(pk=claims["id"])
        except (User.DoesNotExist, IntegrityError):
            raise exceptions.AuthenticationFailed("Nobody's card.")
        return (user, token)


class BadgeAuthentication(authentication.BaseAuthentication):
    """A session whose name a header brings."""

    def authenticate(self, request):
        badge = request.headers.get("X-Badge")
        if badge is None:
            return None
        engine = import_module(settings.SESSION_ENGINE)
        request.session = engine.SessionStore(badge)
        return get_user(request), None


class WrappedRenderer(renderers.JSONRenderer):
    charset = "utf-8"
    label = "data"

    def render(self, data, media_type=None, renderer_context=None):
        if renderer_context is None:
            renderer_context = {}
        view = renderer_context.get("view")
        label = view.label if hasattr(view, "label") else self.label
        if renderer_context["response"].status_code >= 400:
            label = getattr(view, "wrong", "wrong")
        return json.dumps({label: data})


class LabelField(serializers.RelatedField):
    def get_queryset(self):
        return Tag.objects.all()

    def to_internal_value(self, data):
        tag, created = Tag.objects.get_or_create(label=data)
        return tag

    def to_representation(self, value):
        return value.label


class TaggedSerializer(serializers.ModelSerializer):
    tags = LabelField(many=True, required=False)

    class Meta:
        model = Book
        fields = ["id", "title", "author", "tags"]

    def validate(self, attrs):
        self.shelved = "shelf" in self.initial_data
        return attrs

    def to_representation(self, instance):
        data = super().to_representation(instance)
        data["long"] = instance.pages > 500
        return data

    def create(self, validated_data):
        tags = validated_data.pop("tags", [])
        book = Book.objects.create(owner=self.context["member"], **validated_data)
        for tag in tags:
            book.tags.add(tag)
        self._shelve(book)
        return book

    def _shelve(self, book):
        book.state = Book.State.IN
        book.save(update_fields=["state"])


class TagFilter(django_filters.FilterSet):
    class Meta:
        model = Tag
        fields = ["id"]


class DeskTagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["id"]


class DeskView(APIView):
    authentication_classes = [CardAuthentication]
    permission_classes = [permissions.IsAuthenticated]
    renderer_classes = [WrappedRenderer]
    label = "desk"

    def post(self, request):
        context = {"request": request, "member": request.user}
        serializer = TaggedSerializer(data=request.data.get("book", {}), context=context)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        status = 202 if serializer.shelved else 201
        return Response(serializer.data, status=status)

    def delete(self, request):
        tag = Tag.objects.get(label="old")
        self.check_object_permissions(request, tag)
        return Response({"id": tag.id})


class HallView(APIView):
    def put(self, request):
        paginator = PageNumberPagination()
        paginator.page_size = 3
        tags = TagFilter(request.GET, queryset=Tag.objects.order_by("id")).qs
        page = paginator.paginate_queryset(tags, request, view=self)
        shown = DeskTagSerializer(page, many=True)
        return paginator.get_paginated_response(shown.data)

    def get(self, request):
        visits = request.session.get("visits", 0) + 1
        request.session["visits"] = visits
        if visits > 100:
            del request.session["visits"]
        return Response({"visits": visits, "version": request.version})

    def post(self, request):
        user = authenticate(username=request.data["name"], password=request.data["password"])
        if user is None:
            raise exceptions.AuthenticationFailed("Nobody.")
        login(request, user)
        return Response({"name": user.username})

    def delete(self, request):
        logout(request)
        return Response(status=204)


class PorchView(APIView):
    authentication_classes = [BadgeAuthentication]
    permission_classes = [permissions.IsAuthenticated]

    def get(self, request):
        response = Response({"name": request.user.username, "zone": settings.TIME_ZONE})
        response.set_cookie("seen", "porch", max_age=60)
        return response


class DoorView(APIView):
    authentication_classes = []

    def get(self, request):
        logger.info("%s was asked", request.method)
        return JsonResponse({"open": True}, status=203)

    def post(self, request):
        user = authenticate(username=request.data["name"], password=request.data["password"])
        if user is None:
            raise exceptions.AuthenticationFailed()
        return Response({"id": user.id})

    def put(self, request):
        sent = request.FILES["badge"]
        if "HTTP_X_DOOR" in request.META:
            return Response({"door": request.META["HTTP_X_DOOR"]})
        return Response({"ending": Path(sent.name).suffix, "by": request.META.get("HTTP_X_FOR")})
'''

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from books import desk, kept, letters, post_office, signals, views

router = SimpleRouter()
router.register("books", views.BookViewSet)
router.register("mine", views.MyBookViewSet, basename="my-book")
router.register("accounts", views.AccountViewSet, basename="account")
router.register("shelf", views.ShelfViewSet, basename="shelf")
router.register(r"users/(?P<user_id>[0-9]+)/books", views.UserBooksViewSet, basename="user-book")
router.register("authors", views.AuthorViewSet)
router.register("tags", views.TagViewSet)
router.register("sign-ups", views.SignUpViewSet, basename="sign-up")
urlpatterns = [
    path("api/", include(router.urls)),
    path("desk/", desk.DeskView.as_view()),
    path("door/", desk.DoorView.as_view()),
    path("hall/", desk.HallView.as_view()),
    path("letters/", letters.MailView.as_view()),
    path("kept/", kept.CacheView.as_view()),
    path("opened/", signals.SignalView.as_view()),
    path("tasks/", post_office.TaskView.as_view()),
    path("porch/", desk.PorchView.as_view()),
]
"""

FILES = {
    "books/middleware.py": MIDDLEWARE,
    "books/desk.py": DESK,
    "books/errors.py": ERRORS,
    "books/models.py": MODELS,
    "books/serializers.py": SERIALIZERS,
    "books/views.py": VIEWS,
    "urls.py": URLS,
    **post_office.FILES,
}
