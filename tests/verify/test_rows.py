"""Rows that are made on the twins: so that lists, states, orders and deletes have something to show."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from strangler.verify.project import Project
from strangler.verify.source import prepared
from strangler.verify.twins import Twins
from tests.verify.conftest import plain_environment

FILES = {
    "manage.py": "",
    "shelf/__init__.py": "",
    "urls.py": "urlpatterns = []",
    "settings.py": """
ROOT_URLCONF = "urls"
SECRET_KEY = "not-used"
INSTALLED_APPS = ["shelf"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shelf.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
""",
    "shelf/models.py": """
import uuid

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Upper


class Book(models.Model):
    title = models.CharField(max_length=50)
    slug = models.SlugField(unique=True)
    year = models.IntegerField(default=2000)
    kind = models.CharField(max_length=5, choices=[("novel", "Novel"), ("essay", "Essay")])
    lent = models.BooleanField(default=False)
    note = models.CharField(max_length=20, null=True)
    sequel_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="sequels")

    class Meta:
        ordering = ["-year", "id"]


class Shelf(models.Model):
    room = models.IntegerField()
    number = models.IntegerField()

    class Meta:
        ordering = ["room", "number"]


class Offer(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)
    shelf = models.ForeignKey(Shelf, models.CASCADE)
    price = models.DecimalField(max_digits=6, decimal_places=2)
    copies = models.IntegerField(validators=[MaxValueValidator(40)])
    weight = models.IntegerField(default=0)

    class Meta:
        unique_together = [("book", "shelf")]


class Page(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)
    number = models.IntegerField()

    class Meta:
        ordering = ["number", "id"]


class Loan(models.Model):
    since = models.DateField()
    until = models.DateField()
    least = models.IntegerField(default=0)
    most = models.IntegerField(default=0)

    def save(self, *args, **options):
        if not (self.since < self.until and self.least <= self.most):
            raise ValueError("the wrong way round")
        super().save(*args, **options)


class Reader(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    card = models.CharField(max_length=20, unique=True, null=True)
    short = models.GeneratedField(
        expression=Upper("card"), output_field=models.CharField(max_length=20), db_persist=True
    )


class Visit(models.Model):
    reader = models.ForeignKey(Reader, models.CASCADE, to_field="card")
""",
}


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[tuple[Twins, dict[str, Any]]]:
    """A template with seven books, six of which are plain, and what was said of them."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    project = Project(
        tmp_path, "settings", sys.executable, tmp_path, "", sys.executable, plain_environment()
    )
    told = project.legacy(None, "none")
    told.close()
    made = prepared(project, told.hello, None)
    with project.seeding(made.template(), "none") as executor:
        executor.ask({"op": "migrate"})
        executor.ask({"op": "add", "name": "books", "source": BOOKS})
        executor.ask({"op": "books"})
        models = {"shelf.Book": 6, "shelf.Offer": 2, "shelf.Page": 3, "shelf.Shelf": 4}
        executor.ask({"op": "rows", "models": {**models, "shelf.Loan": 3, "shelf.Visit": 2}})
        answer = executor.ask({"op": "states", "models": models, "deleted": ["shelf.Book"]})
        wanted = {"model": "shelf.Offer", "count": 9}
        answer["copied"] = executor.ask({"op": "copies", **wanted})["made"]
        answer["limits"] = executor.ask({"op": "limits", "models": models})
        again = executor.ask({"op": "limits", "models": {"shelf.Offer": 1}})["made"]
        executor.ask({"op": "forget", "rows": again})
    made.freeze()
    yield made, answer
    made.close()


BOOKS = """
def operations(legacy):
    def books(message):
        book = load("shelf.models").Book
        for number in range(6):
            book.objects.create(
                title="Book", slug="book-%d" % number, year=1990 + number, kind="novel"
            )
        return {}
    return {"books": books}
"""


def test_every_state_of_a_column_has_a_row_that_is_usual_otherwise(
    twins: tuple[Twins, dict[str, Any]],
) -> None:
    books = twins[0].rows("shelf_book", 99)
    assert {book["kind"] for book in books} == {"novel", "essay"}
    assert {book["lent"] for book in books} == {0, 1}
    lent = [book for book in books if book["lent"]]
    assert [(book["kind"], book["note"]) for book in lent] == [("novel", None)]
    assert [book["kind"] for book in books if book["note"] is not None] == ["novel"]
    assert len({book["slug"] for book in books}) == len(books)


def test_rows_begin_before_they_end(twins: tuple[Twins, dict[str, Any]]) -> None:
    loans = twins[0].rows("shelf_loan", 99)
    assert len(loans) == 3
    assert any(loan["least"] < loan["most"] for loan in loans)


def test_a_key_to_a_column_that_may_be_null_refers_to_a_row_that_has_it(
    twins: tuple[Twins, dict[str, Any]],
) -> None:
    readers = twins[0].rows("shelf_reader", 99)  # with keys, of which the database makes a column
    visits = twins[0].rows("shelf_visit", 99)
    assert len(visits) == 2
    assert {one["reader_id"] for one in visits} <= {one["card"] for one in readers}


def test_two_rows_show_what_decides_among_equals(twins: tuple[Twins, dict[str, Any]]) -> None:
    made, answer = twins
    assert answer["tied"] == ["shelf.Page"]
    first, second, *others = sorted(page["number"] for page in made.rows("shelf_page", 99))
    assert first == second
    assert len(set(others)) == len(others) > 0


def test_what_rows_are_ordered_by_first_shows(twins: tuple[Twins, dict[str, Any]]) -> None:
    made, answer = twins
    assert "shelf.Shelf" in answer["crossed"]
    shelves = made.rows("shelf_shelf", 99)
    by_room = sorted(shelves, key=lambda row: (row["room"], row["number"]))
    assert by_room != sorted(shelves, key=lambda row: row["number"])


def test_each_foreign_key_alone_refers_to_a_row(twins: tuple[Twins, dict[str, Any]]) -> None:
    made, answer = twins
    sequels = {book["sequel_of_id"] for book in made.rows("shelf_book", 99)}
    paged = {page["book_id"] for page in made.rows("shelf_page", 99)}
    added = {int(key) for key in answer["added"]["shelf.Book"]}
    assert added & (sequels - paged)
    assert added & (paged - sequels)


def test_copies_refer_to_other_rows_where_they_must_not_repeat(
    twins: tuple[Twins, dict[str, Any]],
) -> None:
    made, answer = twins
    offers = made.rows("shelf_offer", 99)
    assert answer["copied"] == 9
    assert len({(offer["book_id"], offer["shelf_id"]) for offer in offers}) == len(offers) >= 11


def test_a_row_has_the_greatest_numbers_and_is_taken_back_where_asked(
    twins: tuple[Twins, dict[str, Any]],
) -> None:
    """Decimals as large as their digits allow; whole numbers of two digits, or as allowed."""
    made, answer = twins
    great = [row for row in made.rows("shelf_offer", 99) if float(row["price"]) == 9999.99]
    assert [(row["copies"], row["weight"]) for row in great] == [(40, 99)]
    assert answer["limits"]["made"] == {"shelf.Offer": [str(great[0]["id"])]}
    assert answer["limits"]["asked"]["shelf.Book"] == [str(great[0]["book_id"])]
