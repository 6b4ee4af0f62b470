"""Settings that last for a time, keys of rows that may lack, texts with gaps, constants of models, orders by a
key and rows that may point nowhere.
"""

from pathlib import Path

import pytest

from tests.corpus.asked import asked
from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "settings.py": SETTINGS
    + """
from datetime import timedelta

LINK_TOKEN_LIFETIME = timedelta(minutes=int(os.environ.get("LINK_MINUTES", "5")))
LONG_LIFETIME = timedelta(days=2)
TREE_CACHE_KEY = "tree:all"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
""",
    "urls.py": """
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("tasks", views.Tasks)
router.register("clerks", views.Clerks)
urlpatterns = [path("", include(router.urls)), path("kept/", views.Kept.as_view()), path("lamps/<int:pk>/", views.Lamps.as_view())]
""",
    "things/models.py": """
from django.db import models

LONGEST = 9


class Desk(models.Model):
    QUIET = "quiet"

    name = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, default="loud")


class Lamp(models.Model):
    desk = models.OneToOneField(Desk, related_name="lamp", on_delete=models.CASCADE)


class Clerk(models.Model):
    name = models.CharField(max_length=20)
    desk = models.ForeignKey(Desk, null=True, blank=True, on_delete=models.CASCADE)

    @property
    def is_quiet(self):
        '''Where nobody talks.'''
        return self.name.startswith(Desk.QUIET)

    @property
    def is_long(self):
        return len(self.name) > LONGEST


class Task(models.Model):
    title = models.CharField(max_length=20)
    desk = models.ForeignKey(Desk, null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        ordering = ["id"]
""",
    "things/views.py": """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.shortcuts import get_object_or_404
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Clerk, Desk, Task


def not_shouted(value):
    if value.isupper():
        raise ValidationError("%(value)s is 100%% too loud for %(who)s.", params={"value": value, "who": "us"})


class TaskSerializer(serializers.ModelSerializer):
    title = serializers.CharField(max_length=20, validators=[not_shouted])
    mail = serializers.EmailField(required=False, write_only=True, validators=[EmailValidator("No mail.", "odd")])

    class Meta:
        model = Task
        fields = ["id", "title", "desk", "mail"]

    def validate(self, attrs):
        attrs.pop("mail", None)
        others = Task.objects.filter(title=attrs.get("title", ""))
        if others.exclude(pk=getattr(self.instance, "pk", None)).exists():
            raise serializers.ValidationError("There is one.")
        if attrs.get("title") == "never":
            raise ValidationError("%(title)s, at %(key)s", params={"title": "x", "key": getattr(self.instance, "pk", 0)})
        return attrs


class Tasks(viewsets.ModelViewSet):
    queryset = Task.objects.all()
    serializer_class = TaskSerializer

    @action(detail=False)
    def turned(self, request):
        data = TaskSerializer(Task.objects.all(), many=True).data
        found = sorted(data, key=lambda each: (each["title"], -each["id"]), reverse=True)
        return Response({"all": found, "last": max([3, 1, 2], key=lambda n: -n)})


class Lamps(APIView):
    def get(self, request, pk):
        desk = get_object_or_404(Desk, pk=pk)
        try:
            return Response({"lamp": desk.lamp.id})
        except Exception as error:
            return Response({"error": str(error)}, status=409)


class ClerkSerializer(serializers.ModelSerializer):
    class Meta:
        model = Clerk
        fields = ["id", "name", "desk", "is_quiet", "is_long"]


class Clerks(viewsets.ModelViewSet):
    queryset = Clerk.objects.order_by("id")
    serializer_class = ClerkSerializer

    @action(detail=True)
    def tasks(self, request, pk=None):
        clerk = self.get_object()
        found = Task.objects.filter(desk=clerk.desk)
        others = Task.objects.exclude(desk=clerk.desk)
        return Response({"own": [t.id for t in found], "others": [t.id for t in others]})


class Kept(APIView):
    def get(self, request):
        users = get_user_model().objects.order_by("id")
        return Response({
            "link": settings.LINK_TOKEN_LIFETIME.total_seconds(),
            "long": str(settings.LONG_LIFETIME),
            "tree": settings.TREE_CACHE_KEY,
            "usable": [user.has_usable_password() for user in users],
        })
""",
}
SEED = """
from django.contrib.auth import get_user_model
from things.models import Clerk, Desk, Lamp, Task
desk, other = Desk.objects.create(name="a"), Desk.objects.create(name="b")
Lamp.objects.create(desk=desk)
Clerk.objects.create(name="quiet one", desk=desk)
Clerk.objects.create(name="nobody at all")
for n, place in enumerate([desk, None, other, None, desk]):
    Task.objects.create(title="t%d" % (n % 3), desk=place)
get_user_model().objects.create_user("a", password="p")
get_user_model().objects.create_user("b")
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_values_are_what_they_were(server: str, tmp_path: Path, postgres: Cluster) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    on = postgres if server == "postgresql" else None
    url = f"sqlite:///{tmp_path}/kept.db" if on is None else on.new_database("corpus_kept_values")
    report = converted(project, tmp_path, DATABASE_URL=url)
    assert {e["id"]: e["reasons"] for e in report["endpoints"] if e["status"] != "converted"} == {}
    written = (tmp_path / "api/app/constants.py").read_text()
    assert "timedelta(minutes=int(os.environ.get(" in written
    with asked(project, tmp_path, on, SEED) as both:
        for path in (
            "/kept/",
            "/clerks/",
            "/clerks/1/tasks/",
            "/clerks/2/tasks/",
            "/tasks/turned/",
        ):
            assert both.agree("GET", path).status == 200
        assert both.agree("GET", "/lamps/1/").status == 200
        assert b"Desk has no lamp." in both.agree("GET", "/lamps/2/").body
        for title in ("LOUD", "t1", "never", "fresh"):
            both.agree("POST", "/tasks/", {"title": title})
            both.agree("PATCH", "/tasks/2/", {"title": title})
        for mail in ("a@b.de", "a@b", "", "a@localhost"):
            both.agree("PATCH", "/tasks/3/", {"mail": mail})
    evidence = verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)
    left = not_equal(evidence)
    assert [e for e in left if e[:2] != ("GET /lamps/{pk}/", "insufficient")] == []  # asked above
