"""A part of the library that reaches outside of the database: tasks, letters and the like."""

SETTINGS = """
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ROUTES = {"books.tasks.*": {"queue": "books"}}
_REDIS = "django.core.cache.backends.redis.RedisCache"
CACHES = {
    "default": {"BACKEND": _REDIS, "LOCATION": "redis://localhost/1", "KEY_PREFIX": "library"},
    "slow": {"BACKEND": _REDIS, "LOCATION": "redis://localhost/2", "TIMEOUT": None},
}
"""

CELERY = """
from celery import Celery

app = Celery("library")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""

TASKS = """
from books.celery import app


@app.task(priority=4)
def remind(book_id, *, times=1):
    pass
"""

VIEWS = """
from functools import partial

from django.db import transaction
from rest_framework.response import Response
from rest_framework.views import APIView

from books.models import Tag
from books.tasks import remind


class TaskView(APIView):
    def post(self, request):
        sent = remind.apply_async(args=[7], kwargs={"times": 2}, countdown=60)
        return Response({"task": sent.id})

    def put(self, request):
        with transaction.atomic():
            tag = Tag.objects.create(label="waiting")
            transaction.on_commit(partial(remind.delay, tag.pk))
        return Response(status=204)
"""

MAIL = """
from django.core.mail import EmailMultiAlternatives, send_mail
from rest_framework.response import Response
from rest_framework.views import APIView


class MailView(APIView):
    def post(self, request):
        sent = send_mail("Open", "We are.", None, ["all@example.org"], fail_silently=True)
        return Response({"sent": sent})

    def put(self, request):
        letter = EmailMultiAlternatives("Open", "We are.", to=["all@example.org"])
        letter.attach_alternative("<b>We are.</b>", "text/html")
        letter.send()
        return Response(status=204)
"""

CACHE = """
from django.core.cache import cache, caches
from rest_framework.response import Response
from rest_framework.views import APIView

from books.models import Tag


class CacheView(APIView):
    def get(self, request):
        count = cache.get_or_set("tags", lambda: Tag.objects.count(), 60)
        return Response({"count": count, "known": "tags" in cache})

    def delete(self, request):
        caches["slow"].delete_many(["tags", "books"])
        return Response(status=204)
"""

SIGNALS = """
from django.dispatch import Signal, receiver
from rest_framework.response import Response
from rest_framework.views import APIView

from books.models import Tag

opened = Signal()


@receiver(opened)
def mark(sender, word, **kwargs):
    Tag.objects.filter(label=word).update(label="open")


class SignalView(APIView):
    def post(self, request):
        opened.send(sender=None, word="shut")
        return Response(status=204)
"""

FILES = {
    "books/signals.py": SIGNALS,
    "books/kept.py": CACHE,
    "books/letters.py": MAIL,
    "books/celery.py": CELERY,
    "books/tasks.py": TASKS,
    "books/post_office.py": VIEWS,
}
