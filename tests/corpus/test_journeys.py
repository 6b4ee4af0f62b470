"""A row that a client makes is read, changed and deleted alike, one request after the other."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "urls.py": """
from rest_framework.routers import SimpleRouter

from things import views

router = SimpleRouter()
router.register("books", views.Books)
urlpatterns = router.urls
""",
    "things/models.py": """
import uuid

from django.db import models


class Book(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(max_length=20)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["title", "id"]
""",
    "things/views.py": """
from rest_framework import serializers, viewsets

from things.models import Book


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["id", "title", "changed"]


class Books(viewsets.ModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
""",
}
#: Shows what was shown first, whatever was changed since: from the same state that is right.
STALE = """
    return _shown.setdefault(str(book.id), await read(session, BookRead, book))
"""


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_new_rows_have_the_same_life(server: str, tmp_path: Path, postgres: Cluster) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/books.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_journeys")
    converted(project, tmp_path, DATABASE_URL=url)
    evidence = verified(project, tmp_path, "--cases", "25", DATABASE_URL=url)
    assert not_equal(evidence) == []
    notes = {each["id"]: " ".join(each["notes"]) for each in evidence["endpoints"]}
    assert "journey of a new row: POST → GET → PATCH → DELETE → GET" in notes["DELETE /books/{pk}/"]
    assert "journey of a new row: POST → GET → PUT → GET" in notes["PUT /books/{pk}/"]
    assert "journey" not in notes["POST /books/"]

    routers = tmp_path / "api/app/things/routers.py"
    text = routers.read_text()
    head, name, tail = text.partition("async def retrieve_books(")
    stale = tail.replace("    return await read(session, BookRead, book)\n", STALE.lstrip("\n"), 1)
    routers.write_text(f"{head}{name}{stale}\n\n_shown = {{}}\n")
    emitted = tmp_path / "test_differences.py"
    options = ("--cases", "25", "--emit-tests", str(emitted))
    broken = verified(project, tmp_path, *options, DATABASE_URL=url)
    found = {str(name): verdict for name, verdict, *_ in not_equal(broken)}
    assert {"PUT /books/{pk}/", "PATCH /books/{pk}/"} <= found.keys()
    assert set(found.values()) == {"different"}
    places = {d["pointer"] for e in broken["endpoints"] for d in e["differences"]}
    assert places & {"/title", "/changed"}
    assert "def test_" not in emitted.read_text(), "one request alone would show no difference"
