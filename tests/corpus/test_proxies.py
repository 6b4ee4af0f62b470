"""Proxy models answer as in Django: their own methods, managers, order and signals, one table."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver


class StaffQuery(models.QuerySet):
    def senior(self):
        return self.filter(years__gte=0)


class StaffManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(kind="staff")

    def senior(self):
        return self.get_queryset().filter(years__gte=0)


class Person(models.Model):
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, default="guest", choices=[("guest", "guest"), ("staff", "staff"), ("teacher", "teacher")])
    years = models.IntegerField(default=0)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self):
        return self.name

    @property
    def label(self):
        return f"person {self.name}"

    def about(self):
        return f"about {self.label}"


class Staff(Person):
    objects = StaffManager()

    class Meta:
        proxy = True
        ordering = ["-years", "id"]
        verbose_name = "staff member"

    def __str__(self):
        return f"{self.name} of the staff"

    @property
    def label(self):
        return f"staff {self.name}"

    def save(self, *args, **kwargs):
        self.kind = "staff"
        super().save(*args, **kwargs)


class Guest(Person):
    class Meta:
        proxy = True


class Senior(Staff):
    class Meta:
        proxy = True

    @property
    def label(self):
        return f"senior {self.name}"


class Loud(Person):
    class Meta:
        proxy = True
        ordering = ["-name", "id"]

    def __str__(self):
        return self.name.upper()

    def describe(self):
        return f"{self.label} {self}"

    @property
    def label(self):
        return f"loud {self.name}"


class Teacher(Person):
    room = models.CharField(max_length=10)

    @property
    def label(self):
        return f"teacher {self.name} in {self.room}"

    def save(self, *args, **kwargs):
        self.kind = "teacher"
        super().save(*args, **kwargs)


class Head(Teacher):
    class Meta:
        proxy = True

    @property
    def label(self):
        return f"head {self.name} in {self.room}"


class Desk(models.Model):
    number = models.IntegerField(unique=True)
    owner = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="desks")
    users = models.ManyToManyField(Loud, related_name="used_desks", blank=True)

    class Meta:
        ordering = ["number"]


class Note(models.Model):
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notes")
    text = models.CharField(max_length=60)

    class Meta:
        ordering = ["id"]


class Event(models.Model):
    text = models.CharField(max_length=60)


@receiver(post_save, sender=Staff)
def staff_saved(sender, instance, created, **kwargs):
    Event.objects.create(text=f"staff {instance.name} {created}")


@receiver(post_save, sender=Person)
def person_saved(sender, instance, created, **kwargs):
    Event.objects.create(text=f"person {instance.name} {created}")


@receiver(pre_delete, sender=Staff)
def staff_gone(sender, instance, **kwargs):
    Event.objects.create(text=f"gone {instance.name}")
"""

VIEWS = """
from rest_framework import filters, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from things.models import Desk, Guest, Head, Loud, Note, Person, Senior, Staff, Teacher


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "text", "person"]


class PersonSerializer(serializers.ModelSerializer):
    label = serializers.CharField(read_only=True)
    shown = serializers.StringRelatedField(source="*", read_only=True) if False else None
    notes = NoteSerializer(many=True, read_only=True)

    class Meta:
        model = Person
        fields = ["id", "name", "kind", "years", "label", "about", "notes"]


class StaffSerializer(serializers.ModelSerializer):
    notes = serializers.SlugRelatedField(many=True, read_only=True, slug_field="text")
    text = serializers.SerializerMethodField()

    class Meta:
        model = Staff
        fields = ["id", "name", "years", "label", "notes", "desks", "text"]
        read_only_fields = ["desks", "label"]

    def get_text(self, obj):
        return str(obj)


class DeskSerializer(serializers.ModelSerializer):
    who = StaffSerializer(source="owner", read_only=True)
    name = serializers.StringRelatedField(source="owner")

    class Meta:
        model = Desk
        fields = ["id", "number", "owner", "users", "who", "name"]


class GuestSerializer(serializers.ModelSerializer):
    class Meta:
        model = Guest
        fields = ["id", "name", "label"]


class People(viewsets.ModelViewSet):
    queryset = Person.objects.all()
    serializer_class = PersonSerializer


class StaffView(viewsets.ModelViewSet):
    queryset = Staff.objects.all()
    serializer_class = StaffSerializer
    filter_backends = [filters.SearchFilter, filters.OrderingFilter]
    search_fields = ["name", "desks__number"]
    ordering_fields = ["name", "years"]

    @action(detail=False)
    def senior(self, request):
        return Response(StaffSerializer(Staff.objects.senior(), many=True).data)


class Seniors(viewsets.ModelViewSet):
    queryset = Senior.objects.filter(years__gt=-2)
    serializer_class = GuestSerializer

    def get_serializer_class(self):
        return SeniorSerializer


class SeniorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Senior
        fields = ["id", "name", "label"]


class Guests(viewsets.ModelViewSet):
    queryset = Guest.objects.filter(kind="guest")
    serializer_class = GuestSerializer


class Desks(viewsets.ModelViewSet):
    queryset = Desk.objects.select_related("owner").filter(owner__years__gte=0)
    serializer_class = DeskSerializer


class LoudSerializer(serializers.ModelSerializer):
    describe = serializers.CharField(read_only=True)
    about = serializers.CharField(read_only=True)
    class Meta:
        model = Loud
        fields = ["id", "name", "describe", "about", "used_desks"]
        read_only_fields = ["used_desks"]


class Louds(viewsets.ModelViewSet):
    queryset = Loud.objects.all()
    serializer_class = LoudSerializer


class TeacherSerializer(serializers.ModelSerializer):
    about = serializers.CharField(read_only=True)

    class Meta:
        model = Teacher
        fields = ["id", "name", "room", "kind", "label", "about", "notes"]
        read_only_fields = ["notes", "kind"]


class HeadSerializer(TeacherSerializer):
    class Meta(TeacherSerializer.Meta):
        model = Head


class Teachers(viewsets.ModelViewSet):
    queryset = Teacher.objects.all()
    serializer_class = TeacherSerializer


class Heads(viewsets.ModelViewSet):
    queryset = Head.objects.exclude(room="")
    serializer_class = HeadSerializer


class Notes(viewsets.ModelViewSet):
    queryset = Note.objects.all()
    serializer_class = NoteSerializer
"""

URLS = """
from rest_framework.routers import SimpleRouter
from things import views
router = SimpleRouter()
router.register("people", views.People)
router.register("staff", views.StaffView)
router.register("guests", views.Guests)
router.register("seniors", views.Seniors)
router.register("desks", views.Desks)
router.register("louds", views.Louds)
router.register("teachers", views.Teachers)
router.register("heads", views.Heads)
router.register("notes", views.Notes)
urlpatterns = router.urls
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"urls.py": URLS, "things/models.py": MODELS, "things/views.py": VIEWS}
    return small_project(tmp_path / "legacy", files)


def test_proxies_answer_as_before_on_sqlite(project: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/things.db"
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)) == []


def test_proxies_answer_as_before_on_postgresql(
    project: Path, tmp_path: Path, postgres: Cluster
) -> None:
    url = postgres.new_database("corpus_proxies")
    converted(project, tmp_path, DATABASE_URL=url)
    assert not_equal(verified(project, tmp_path, "--cases", "20", DATABASE_URL=url)) == []
