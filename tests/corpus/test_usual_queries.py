"""What teams write around queries: managers of their own, filters, counts that clients order by."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("boards", views.Boards, basename="board")
router.register("cards", views.Cards)
router.register("orders", views.Orders, basename="order")
urlpatterns = [
    *router.urls,
    path("boards/<str:board>/cards/<str:card>/", views.one),
    path("people/", views.People.as_view()),
]
"""

MODELS = """
from decimal import Decimal

from django.contrib.auth.models import AbstractUser, UserManager
from django.conf import settings
from django.db import models
from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce


class PersonQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)


class PersonManager(UserManager.from_queryset(PersonQuerySet)):
    pass


class Person(AbstractUser):
    objects = PersonManager()


class BoardQuerySet(models.QuerySet):
    def of(self, user):
        return self.filter(Q(owner=user) | Q(members=user)).distinct()

    def counted(self):
        return self.annotate(
            card_count=Count("cards", distinct=True),
            done_count=Count("cards", filter=Q(cards__state="done"), distinct=True),
        )


class BoardManager(models.Manager):
    def get_queryset(self):
        return BoardQuerySet(self.model, using=self._db).filter(gone=False)

    def of(self, user):
        return self.get_queryset().of(user).order_by("id")


class Board(models.Model):
    name = models.CharField(max_length=20)
    code = models.CharField(max_length=3)
    gone = models.BooleanField(default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="boards")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="visited")

    objects = BoardManager()

    class Meta:
        ordering = ["-id"]
        unique_together = [("name", "code")]

    def last_title(self):
        card = self.cards.order_by("-id").first()
        return card.title if card else None

    def done(self):
        return self.cards.filter(state="done").count()


class CardQuerySet(models.QuerySet):
    def seen_by(self, user):
        if user.is_staff:
            return self
        return self.filter(board__owner=user)


class Card(models.Model):
    State = models.TextChoices("State", "todo done")

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="cards")
    title = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=4, choices=[("todo", "To do"), ("done", "Done")], default="todo")
    rank = models.PositiveIntegerField(default=0)
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    objects = CardQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def save(self, *args, **kwargs):
        if self._state.adding and not self.rank:
            last = Card.objects.aggregate(last=Max("rank"))["last"] or 0
            self.rank = last + 1
        super().save(*args, **kwargs)


class Order(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        ordering = ["id"]

    def get_total(self):
        rows = self.lines.aggregate(total=Coalesce(Sum(F("count") * F("price")), Decimal("0")))
        return rows["total"]


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    count = models.PositiveIntegerField(default=1)
    price = models.DecimalField(max_digits=6, decimal_places=2)

    class Meta:
        ordering = ["id"]
"""

VIEWS = """
import django_filters
from django.db.models import Q
from django.utils.dateparse import parse_date
from rest_framework import generics, serializers, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from things.models import Board, Card, Line, Order, Person


class BoardSerializer(serializers.ModelSerializer):
    card_count = serializers.IntegerField(read_only=True)
    done_count = serializers.IntegerField(read_only=True)
    last_title = serializers.CharField(read_only=True)
    finished = serializers.IntegerField(source="done", read_only=True)

    class Meta:
        model = Board
        fields = ["id", "name", "code", "card_count", "done_count", "last_title", "finished"]


class CardFilter(django_filters.FilterSet):
    mine = django_filters.BooleanFilter(method="filter_mine")
    label = django_filters.CharFilter(method="filter_label")

    class Meta:
        model = Card
        fields = {"state": ["exact", "in"], "rank": ["in", "range", "gte"]}

    def filter_mine(self, queryset, name, value):
        '''Those that the caller keeps.'''
        return queryset.filter(keeper=self.request.user) if value else queryset

    def filter_label(self, queryset, name, value):
        return queryset.filter(Q(title__icontains=value) | Q(board__name__icontains=value))


class CardSerializer(serializers.ModelSerializer):
    class Meta:
        model = Card
        fields = ["id", "board", "title", "state", "rank", "keeper"]

    def validate(self, attrs):
        board = attrs.get("board") or getattr(self.instance, "board", None)
        if board is not None and board.name == attrs.get("title"):
            raise serializers.ValidationError({"title": "That is the board."})
        return attrs


class Boards(viewsets.ModelViewSet):
    serializer_class = BoardSerializer
    ordering_fields = ["id", "name", "card_count"]
    ordering = ["id"]

    def get_board(self):
        return get_object_or_404(Board.objects.of(self.request.user), pk=self.kwargs["pk"])

    def get_queryset(self):
        boards = Board.objects.get_queryset().of(self.request.user)
        if self.action == "few":
            return boards
        return boards.counted().order_by("id")

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)

    @action(detail=False)
    def busy(self, request):
        boards = self.get_queryset().filter(card_count__gt=0)
        return Response([board.name for board in boards])

    @action(detail=True)
    def day(self, request, pk=None):
        board = self.get_board()
        day = parse_date(request.query_params.get("day", "2024-02-03"))
        return Response({"board": board.name, "day": day})


class Cards(viewsets.ModelViewSet):
    queryset = Card.objects.all()
    serializer_class = CardSerializer
    filterset_class = CardFilter

    def get_queryset(self):
        return super().get_queryset().seen_by(self.request.user)


class LineSerializer(serializers.ModelSerializer):
    class Meta:
        model = Line
        fields = ["count", "price"]


class OrderSerializer(serializers.ModelSerializer):
    lines = LineSerializer(many=True)
    total = serializers.DecimalField(source="get_total", max_digits=12, decimal_places=2, read_only=True)

    class Meta:
        model = Order
        fields = ["id", "name", "lines", "total"]

    def validate_lines(self, lines):
        if not lines:
            raise serializers.ValidationError("One line at least.")
        if len({line["price"] for line in lines}) < len(lines):
            raise serializers.ValidationError("Two lines have one price.")
        return lines

    def _keep(self, order, lines):
        Line.objects.bulk_create([
            Line(order=order, count=line.get("count", 1), price=line["price"]) for line in lines
        ])

    def create(self, validated_data):
        lines = validated_data.pop("lines")
        order = Order.objects.create(**validated_data)
        self._keep(order, lines)
        return order


class Orders(viewsets.ModelViewSet):
    queryset = Order.objects.prefetch_related("lines")
    serializer_class = OrderSerializer
    http_method_names = ["get", "post"]


@api_view(["GET"])
def one(request, board, card):
    found = get_object_or_404(Card, pk=card, board=board)
    return Response({"title": found.title})


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Person
        fields = ["id", "username", "password"]
        extra_kwargs = {"password": {"write_only": True}}

    def create(self, validated_data):
        return Person.objects.create_user(**validated_data)


class People(generics.ListCreateAPIView):
    serializer_class = PersonSerializer

    def get_queryset(self):
        return Person.objects.active().order_by("id")
"""

REST = """
AUTH_USER_MODEL = "things.Person"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.OrderingFilter",
    ],
}
"""


@pytest.fixture
def boards(tmp_path: Path) -> Path:
    apps = '"rest_framework.authtoken", "django_filters", "things",'
    settings = SETTINGS.replace('"things",', apps) + REST
    texts = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    texts |= {"settings.py": settings, "things/migrations/__init__.py": ""}
    project = small_project(tmp_path / "boards", texts)
    command = [sys.executable, "manage.py", "makemigrations", "things"]
    environment = {**os.environ, "DATABASE_URL": "sqlite:///:memory:"}
    subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True)
    return project


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_queries_of_usual_projects_answer_as_before(
    server: str, boards: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/boards.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_usual_queries")
    conversion = converted(boards, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left == {}
    evidence = verified(boards, tmp_path, "--cases", "25", DATABASE_URL=url)
    different = [e for e in not_equal(evidence) if e[1] != "insufficient"]
    assert different == []
    assert (
        sum(e["verdict"] == "equal" for e in evidence["endpoints"])
        >= len(evidence["endpoints"]) - 3
    )
