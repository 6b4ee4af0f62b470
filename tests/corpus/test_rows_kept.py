"""Queries in variables that are used again after something was written: Django keeps the rows it read."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

URLS = """
from django.urls import path

from things import views

urlpatterns = [path(f"api/{name.lower()}/", getattr(views, name).as_view()) for name in views.NAMES]
"""

MODELS = """
from django.db import models


class Task(models.Model):
    title = models.CharField(max_length=30)
    done = models.BooleanField(default=False)
    size = models.IntegerField(default=0)

    def shut(self):
        self.done = True
        self.save()


class Note(models.Model):
    text = models.CharField(max_length=30)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="notes")
"""

VIEWS = '''
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Note, Task
from .services import close, seen, shut_first

NAMES = [
    "Closed", "Emptied", "Counted", "Filtered", "Again", "Branched", "Bound", "Helped", "Looked",
    "Late", "Peeked", "Looped", "Inner", "Handed", "Narrowed", "Shut", "Seen",
]


class TaskSerializer(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = ["id", "title", "done", "size"]


class Closed(APIView):
    """The rows stay those that were open."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        for task in tasks:
            task.done = True
            task.save()
        return Response(TaskSerializer(tasks, many=True).data)


class Emptied(APIView):
    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        if not tasks:
            return Response({"none": True})
        Task.objects.filter(done=False).update(done=True)
        return Response({"n": len(tasks), "titles": [task.title for task in tasks]})


class Counted(APIView):
    """The variable cannot hold rows: it is counted, and made into another query."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        for task in tasks:
            task.done = True
            task.save()
        return Response({"n": tasks.count(), "all": tasks.filter(size=1).count()})


class Filtered(APIView):
    """A new query asks again on both sides."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        titles = [task.title for task in tasks]
        Task.objects.filter(done=False).update(done=True)
        return Response({"n": tasks.filter(size__gte=0).count(), "titles": titles})


class Again(APIView):
    """Nothing was read before the write: both ask after it."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        Task.objects.create(title="new", size=2)
        return Response(TaskSerializer(tasks, many=True).data)


class Branched(APIView):
    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        if request.data.get("close"):
            for task in tasks:
                task.done = True
                task.save()
        return Response([task.title for task in tasks])


class Bound(APIView):
    """The name is given to another query."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        for task in tasks:
            task.done = True
            task.save()
        tasks = Task.objects.filter(done=True).order_by("id")
        return Response(TaskSerializer(tasks, many=True).data)


class Helped(APIView):
    """A function writes."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        titles = [task.title for task in tasks]
        close(1)
        return Response({"titles": titles, "left": [task.title for task in tasks]})


class Looked(APIView):
    """A function only reads."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        titles = [task.title for task in tasks]
        return Response({"titles": titles, "n": seen(1), "left": [task.title for task in tasks]})


class Late(APIView):
    """Read after one write and again after another: the rows cannot be read where they are bound."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        Task.objects.create(title="late", size=1)
        titles = [task.title for task in tasks]
        Task.objects.filter(done=False).update(done=True)
        return Response({"titles": titles, "left": len(tasks)})


class Peeked(APIView):
    """`exists` and `count` keep no rows."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        if not tasks.exists():
            return Response({"none": tasks.count()})
        Task.objects.filter(size=0).update(done=True)
        return Response({"n": tasks.count(), "titles": [task.title for task in tasks]})


class Looped(APIView):
    """The second round reads what the first one wrote, or not."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        found = []
        for size in (0, 1):
            found.append(len([task for task in tasks]))
            Task.objects.filter(size=size).update(done=True)
        return Response(found)


class Inner(APIView):
    """Each round has a query of its own."""

    def post(self, request):
        found = []
        for size in (0, 1):
            tasks = Task.objects.filter(done=False, size=size).order_by("id")
            for task in tasks:
                task.done = True
                task.save()
            found.append(size)
        return Response(found)


class Handed(APIView):
    """A query that has its rows goes into another query, which asks for itself."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        titles = [task.title for task in tasks]
        Task.objects.filter(size=0).update(done=True)
        notes = Note.objects.filter(task__in=tasks)
        return Response({"titles": titles, "notes": notes.count(), "n": len(tasks)})


class Shut(APIView):
    """A method of the model writes."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        for task in tasks:
            task.shut()
        return Response(TaskSerializer(tasks, many=True).data)


class Seen(APIView):
    """A function calls one that does."""

    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        n = len(tasks)
        shut_first()
        return Response({"n": n, "left": [task.title for task in tasks]})


class Narrowed(APIView):
    def post(self, request):
        tasks = Task.objects.filter(done=False).order_by("id")
        if not tasks:
            tasks = Task.objects.filter(size=0).order_by("id")
        Task.objects.create(title="more")
        return Response([task.title for task in tasks])
'''

SERVICES = '''
from .models import Task


def close(size):
    """Close the tasks of a size."""
    return Task.objects.filter(size=size).update(done=True)


def shut_first():
    """Shut the first task that is open."""
    Task.objects.filter(done=False).order_by("id").first().shut()


def seen(size):
    """The number of tasks of a size."""
    return Task.objects.filter(size=size).count()
'''

# What cannot be had of a statement, since Django keeps what it read.
STAY = {"counted", "late", "looped", "handed", "narrowed"}

FILES = {
    "urls.py": URLS,
    "things/models.py": MODELS,
    "things/views.py": VIEWS,
    "things/services.py": SERVICES,
    "things/migrations/__init__.py": "",
    "things/migrations/0001_initial.py": """
from django.db import migrations, models


def fill(apps, editor):
    task, note = apps.get_model("things", "Task"), apps.get_model("things", "Note")
    for number in range(6):
        row = task.objects.create(title=f"task {number}", done=number == 5, size=number % 3)
        note.objects.create(text=f"note {number}", task=row)


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Task", [
            ("id", models.BigAutoField(primary_key=True)),
            ("title", models.CharField(max_length=30)),
            ("done", models.BooleanField(default=False)),
            ("size", models.IntegerField(default=0)),
        ]),
        migrations.CreateModel("Note", [
            ("id", models.BigAutoField(primary_key=True)),
            ("text", models.CharField(max_length=30)),
            ("task", models.ForeignKey("things.Task", models.CASCADE, related_name="notes")),
        ]),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
""",
}


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_rows_are_those_that_django_keeps(server: str, tmp_path: Path, postgres: Cluster) -> None:
    url = f"sqlite:///{tmp_path}/tasks.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_rows_kept")
    project = small_project(tmp_path / "tasks", FILES)
    report = converted(project, tmp_path, DATABASE_URL=url)
    stay = {
        e["id"].split("/")[2]: [reason["code"] for reason in e["reasons"]]
        for e in report["endpoints"]
        if e["status"] != "converted"
    }
    assert set(stay) == STAY, stay
    assert all("Q134" in codes for codes in stay.values()), stay
    evidence = verified(project, tmp_path, DATABASE_URL=url)
    assert not_equal(evidence) == []
