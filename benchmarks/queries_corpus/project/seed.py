"""Makes the tables of the corpus and fills them with rows from a seed: python seed.py SEED."""

import datetime
import os
import random
import sys
from decimal import Decimal
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402
from library.models import (  # noqa: E402
    Author,
    Book,
    Club,
    Membership,
    Note,
    Profile,
    Publisher,
    Review,
    Shelf,
    Tag,
)

UTC = datetime.UTC
WORDS = ("Ash", "ash", "Birch", "birch tree", "100%", "a_b", "Ärger", "ärger", "It's", "", "Cedar")
MOMENTS = (
    datetime.datetime(2023, 12, 31, 22, 59, 59, 999999, tzinfo=UTC),
    datetime.datetime(2023, 12, 31, 23, 30, tzinfo=UTC),
    datetime.datetime(2024, 2, 29, 12, 30, 15, 250000, tzinfo=UTC),
    datetime.datetime(2024, 3, 31, 1, tzinfo=UTC),
    datetime.datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
    datetime.datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
    datetime.datetime(2025, 6, 15, 22, 30, tzinfo=UTC),
)
DOCUMENTS = (None, {}, {"a": 1}, {"a": "x"}, {"a": None}, {"a": True}, {"b": {"c": [1, 2]}}, [1])


class Maker:
    """Random values, the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def word(self) -> str:
        return self.random.choice(WORDS)

    def maybe(self, value: Any, share: float = 0.3) -> Any:
        return None if self.random.random() < share else value

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def price(self) -> Decimal:
        return Decimal(self.random.choice(["0.00", "9.50", "9.99", "12.00", "19.90", "100.10"]))

    def day(self) -> datetime.date:
        return datetime.date(2024, 1, 1) + datetime.timedelta(days=self.number(-2, 3) * 50)

    def moment(self) -> datetime.datetime:
        return self.random.choice(MOMENTS)

    def some(self, rows: list[Any], most: int) -> list[Any]:
        return self.random.sample(rows, self.number(0, min(most, len(rows))))


def people(make: Maker) -> list[Author]:
    """Authors with bosses, friends, profiles and clubs."""
    authors: list[Author] = []
    for place in range(8):
        authors.append(Author.objects.create(
            name=make.word(), email=make.maybe(f"{place}@example.com"), born=make.maybe(make.day()),
            active=make.number(0, 3) > 0, rating=make.maybe(make.price()),
            boss=make.maybe(make.random.choice(authors)) if authors else None,
        ))  # fmt: skip
    for author in authors:
        author.friends.add(*make.some([a for a in authors if a != author], 2))
        if make.number(0, 1):
            Profile.objects.create(author=author, motto=make.maybe(make.word()),
                                   followers=make.number(0, 3))  # fmt: skip
    for place in range(3):
        club = Club.objects.create(name=f"club {place}")
        for author in make.some(authors, 5):
            Membership.objects.create(club=club, author=author, level=make.number(1, 3))
    return authors


def books(make: Maker, authors: list[Author]) -> None:
    """Books with reviews, tags and notes."""
    publishers = [
        Publisher.objects.create(name=make.word(), city=make.maybe(make.word())) for _ in range(3)
    ]
    names = ("new", "old", "red", "blue")
    tags = [Tag.objects.create(name=name, weight=make.maybe(make.number(0, 2))) for name in names]
    made: list[Book] = []
    for _ in range(18):
        book = Book.objects.create(
            title=make.word(), subtitle=make.maybe(make.word()),
            pages=make.maybe(make.random.choice([0, 1, 5, 5, 100, 250])),
            stock=make.number(0, 4), price=make.maybe(make.price()),
            weight=make.maybe(make.random.choice([0.5, 1.25, 2.0])),
            state=make.random.choice(Book.State.values), fresh=make.maybe(bool(make.number(0, 1))),
            published=make.maybe(make.day()), printed_at=make.maybe(make.moment()),
            created=make.moment(), data=make.random.choice(DOCUMENTS),
            author=make.random.choice(authors), editor=make.maybe(make.random.choice(authors)),
            publisher=make.maybe(make.random.choice(publishers)),
            sequel=make.maybe(make.random.choice(made)) if made else None,
        )  # fmt: skip
        made.append(book)
        book.tags.add(*make.some(tags, 3))
        for _ in range(make.number(0, 3)):
            Review.objects.create(
                book=book, reviewer=make.maybe(make.random.choice(authors)),
                stars=make.number(1, 5), text=make.maybe(make.word()),
                written=make.maybe(make.moment()),
            )  # fmt: skip
        for _ in range(make.number(0, 2)):
            Note.everything.create(book=book, text=make.word(), hidden=bool(make.number(0, 1)))


def main() -> None:
    """Tables, then rows."""
    models.signals.post_migrate.receivers.clear()
    call_command("migrate", run_syncdb=True, verbosity=0)
    make = Maker(sys.argv[1])
    books(make, people(make))
    for number in range(5):
        Shelf.objects.create(room=f"room {number % 2}", number=number, label=make.maybe("x"),
                             books=make.number(0, 3))  # fmt: skip
    Book.objects.update(updated=models.F("created"))
    connection.close()


if __name__ == "__main__":
    main()
