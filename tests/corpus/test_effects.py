"""What a request does outside of the database is done as before: tasks, letters, caches, signals."""

from pathlib import Path
from typing import Any

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

WITH_EFFECTS = (
    SETTINGS
    + """
INSTALLED_APPS += ["rest_framework.authtoken"]
REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = [
    "rest_framework.authentication.TokenAuthentication",
]
CELERY_BROKER_URL = "amqp://nobody:nothing@198.51.100.7//"
CELERY_RESULT_BACKEND = "rpc://"
CELERY_TASK_DEFAULT_QUEUE = "shop"
CELERY_TASK_ROUTES = {"things.tasks.slow_*": {"queue": "slow"}}
EMAIL_HOST = "198.51.100.7"
EMAIL_USE_TLS = True
DEFAULT_FROM_EMAIL = "Der Läden <shop@example.org>"
ADMINS = [("Ann", "ann@example.org")]
_REDIS = "django.core.cache.backends.redis.RedisCache"
CACHES = {
    "default": {"BACKEND": _REDIS, "LOCATION": "redis://198.51.100.7/1", "KEY_PREFIX": "shop"},
    "slow": {"BACKEND": _REDIS, "LOCATION": "redis://198.51.100.7/2", "KEY_PREFIX": "shop", "TIMEOUT": None},
    "near": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
"""
)

CELERY = """
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""

TASKS = """
from celery import shared_task

from .queue import app


@shared_task(bind=True, ignore_result=True, priority=4)
def receipt(self, order_id, copies=1):
    pass


@app.task(name="count-all", queue="counting", expires=300)
def count_all(kind, *, since=None):
    pass


@app.task
def slow_report(name):
    pass


@shared_task
def follow(pk):
    pass
"""

MODELS = """
from decimal import Decimal

from django.conf import settings
from django.core.cache import cache
from django.core.mail import mail_admins, send_mail
from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import Signal, receiver

from .tasks import follow, receipt

order_paid = Signal()


class Order(models.Model):
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="orders"
    )
    item = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=1)
    price = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("1.50"))
    paid = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    def pay(self):
        self.paid = True
        self.save()
        transaction.on_commit(lambda: receipt.delay(self.pk, copies=2))

    def confirm(self):
        send_mail(
            subject=f"Order {self.pk}",
            message="Thank you for {} × {}".format(self.count, self.item),
            from_email=settings.DEFAULT_FROM_EMAIL,
            recipient_list=[self.owner.email],
            fail_silently=True,
        )

    def total(self):
        key = f"total:{self.pk}"
        total = cache.get(key)
        if total is None:
            total = self.count * self.price
            cache.set(key, total, timeout=120)
        return total


@receiver(post_save, sender=Order)
def told(sender, instance, created, **kwargs):
    cache.delete_many([f"total:{instance.pk}", "orders:list"])
    if created:
        transaction.on_commit(lambda: follow.delay(instance.pk))
        mail_admins("Große Bestellung", f"{instance.item}", html_message=f"<b>{instance.item}</b>")


@receiver(order_paid)
def counted(sender, order, by, **kwargs):
    Order.objects.filter(pk=order.pk).update(count=order.count + 1)


@receiver(order_paid, sender=Order)
def written(sender, order, **kwargs):
    send_mail("Paid", order.item, None, ["books@example.org"])
    if order.count > 2:
        raise ValueError("too many")
"""

SERVICES = """
from functools import partial

from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from .models import Order
from .tasks import count_all, receipt


@transaction.atomic
def place_order(*, user, item, count):
    order = Order.objects.create(owner=user, item=item, count=count)
    transaction.on_commit(partial(receipt.delay, order.id))
    transaction.on_commit(lambda: announce(order))
    if count > 50:
        raise ValueError("too many")
    return order


def announce(order):
    total = Order.objects.filter(owner=order.owner).count()
    count_all.apply_async(kwargs={"kind": order.item, "since": total}, countdown=60, priority=2)
    letter = EmailMultiAlternatives(
        "Placed", "x" * 1200, to=[order.owner.email], bcc=["all@example.org"]
    )
    letter.attach_alternative(f"<p>{order.item}</p>", "text/html")
    letter.attach("order.csv", f"item;{order.item}", "text/csv")
    letter.send()
"""

VIEWS = """
from django.core.cache import cache, caches
from django.core.mail import BadHeaderError, EmailMessage, send_mass_mail
from django.db import transaction
from rest_framework import permissions, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Order, order_paid
from .services import place_order
from .tasks import count_all, follow, slow_report

slow = caches["slow"]


class OrderSerializer(serializers.ModelSerializer):
    total = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = ["id", "item", "count", "price", "paid", "total"]
        read_only_fields = ["paid"]

    def get_total(self, obj):
        return obj.total()


class Orders(viewsets.ModelViewSet):
    queryset = Order.objects.order_by("id")
    serializer_class = OrderSerializer
    permission_classes = [permissions.IsAuthenticated]

    def list(self, request, *args, **kwargs):
        data = cache.get("orders:list")
        if data is None:
            data = self.get_serializer(self.get_queryset(), many=True).data
            cache.set("orders:list", data, 60 * 5)
        return Response(data)

    def perform_create(self, serializer):
        order = serializer.save(owner=self.request.user)
        follow.apply_async((order.pk,), countdown=5, queue="now")
        transaction.on_commit(order.confirm)

    def perform_update(self, serializer):
        with transaction.atomic():
            order = serializer.save()
            transaction.on_commit(lambda: follow.delay(pk=order.id))

    def perform_destroy(self, instance):
        self.request.user.email_user("Gone", f"{instance.item} is gone")
        pk = instance.pk
        instance.delete()
        transaction.on_commit(lambda: follow.delay(pk))

    @action(detail=True, methods=["post"])
    def pay(self, request, pk=None):
        order = self.get_object()
        order.pay()
        order_paid.send_robust(sender=Order, order=order, by=request.user)
        slow_report.delay(order.price)
        result = count_all.delay("paid", since=order.created)
        return Response({"task": result.id}, status=202)

    @action(detail=True, methods=["post"])
    def seen(self, request, pk=None):
        order = self.get_object()
        key = "views_%s" % order.pk
        views = 1 if cache.add(key, 1, 3600) else cache.incr(key)
        cache.touch(key, 7200)
        return Response({"views": views, "known": key in cache})

    @action(detail=True, methods=["post"])
    def wait(self, request, pk=None):
        return Response({"report": slow_report.delay(pk).get(timeout=3)})

    @action(detail=True, methods=["post"])
    def wrong(self, request, pk=None):
        return Response({"task": slow_report.delay().id})

    @action(detail=True, methods=["post"])
    def near(self, request, pk=None):
        return Response({"near": caches["near"].get(pk)})

    @action(detail=True, methods=["post"])
    def kept(self, request, pk=None):
        cache.set("orders", Order.objects.all())
        return Response({})


class Checkout(APIView):
    permission_classes = [permissions.IsAuthenticated]

    class InputSerializer(serializers.Serializer):
        item = serializers.CharField(max_length=30)
        count = serializers.IntegerField(min_value=1, max_value=40)

    def post(self, request):
        serializer = self.InputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        order = place_order(user=request.user, **serializer.validated_data)
        return Response({"id": order.id}, status=201)


class Contact(APIView):
    class InputSerializer(serializers.Serializer):
        name = serializers.CharField(max_length=30)
        email = serializers.EmailField()

    def post(self, request):
        serializer = self.InputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        letter = EmailMessage(
            f"Message of {data['name']}", "Grüße", to=["Zoë <zoe@example.org>"], cc=[data["email"]]
        )
        letter.content_subtype = "html"
        try:
            sent = letter.send(fail_silently=False)
        except BadHeaderError:
            return Response({"error": "bad"}, status=400)
        return Response({"sent": sent})


class Stats(APIView):
    def get(self, request):
        count = cache.get_or_set("orders:count", lambda: Order.objects.count(), 60)
        slow.set_many({"a": count, "b": [1, {"x": count}]}, timeout=100)
        top = cache.get("top")
        if not top:
            top = list(Order.objects.values("id", "price").order_by("-price", "id")[:3])
            cache.set("top", top)
        return Response({"many": slow.get_many(["a", "b", "c"]), "top": top})

    def post(self, request):
        letters = [("News", each.item, None, ["a@example.org"]) for each in Order.objects.all()]
        return Response({"sent": send_mass_mail(letters, fail_silently=True)})
"""

URLS = """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("orders", views.Orders)
urlpatterns = [
    path("api/", include(router.urls)),
    path("api/checkout/", views.Checkout.as_view()),
    path("api/contact/", views.Contact.as_view()),
    path("api/stats/", views.Stats.as_view()),
]
"""
REFUSED = {
    "POST /api/orders/{pk}/wait/": ("X101", "things/views.py:76"),
    "POST /api/orders/{pk}/wrong/": ("X101", "things/views.py:80"),
    "POST /api/orders/{pk}/near/": ("X104", "things/views.py:84"),
    "POST /api/orders/{pk}/kept/": ("X104", "things/views.py:88"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "settings.py": WITH_EFFECTS,
        "urls.py": URLS,
        "things/queue.py": CELERY,
        "things/tasks.py": TASKS,
        "things/models.py": MODELS,
        "things/services.py": SERVICES,
        "things/views.py": VIEWS,
    }
    return small_project(tmp_path / "legacy", files)


def left(conversion: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Code and line of what keeps endpoints on legacy."""
    return {
        e["id"]: (e["reasons"][0]["code"], e["reasons"][0]["source"])
        for e in conversion["endpoints"]
        if e["status"] != "converted"
    }


def kinds(report: dict[str, Any]) -> set[str]:
    """The kinds of effects that were compared."""
    notes = " ".join(note for e in report["endpoints"] for note in e.get("notes", ()))
    return {kind for kind in ("task", "mail", "cache") if f" {kind}" in notes}


def test_effects_are_the_same_on_sqlite(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/effects.db"
    assert left(converted(project, tmp_path, DATABASE_URL=url)) == REFUSED
    report = verified(project, tmp_path, "--cases", "8", DATABASE_URL=url)
    assert not_equal(report) == []
    assert kinds(report) == {"task", "mail", "cache"}
    routers = tmp_path / "api" / "app" / "things" / "routers.py"
    routers.write_text(routers.read_text().replace("slow_cache.", "cache."))
    only = ("GET /api/stats/", "--cases", "8")
    [(_, verdict, *_)] = not_equal(verified(project, tmp_path, *only, DATABASE_URL=url))
    assert verdict == "different"  # the same keys in another of CACHES


def test_effects_are_the_same_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_effects")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
