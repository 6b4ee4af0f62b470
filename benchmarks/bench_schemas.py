"""CPU time of validating and showing 100 objects: DRF's serializers against compat's schemas.

Run it by `python benchmarks/bench_schemas.py`. One line for each piece of work: microseconds for an
object with DRF, with compat, and how many times less that is.
"""

import datetime
import time
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any

import django
from django.conf import settings as django_settings
from starlette.requests import Request

from strangler.compat.context import Context
from strangler.compat.errors import ValidationError
from strangler.compat.fields_choices import Choice
from strangler.compat.fields_collections import ListOf
from strangler.compat.fields_numbers import Boolean, Integer, Number
from strangler.compat.fields_text import Char, Email, Slug
from strangler.compat.fields_time import DateTime
from strangler.compat.nested import Nested
from strangler.compat.outputs import Decimals, Timestamp
from strangler.compat.schemas import UNSET, ReadSchema, WriteSchema, validate

django_settings.configure(USE_TZ=True, TIME_ZONE="UTC", INSTALLED_APPS=["rest_framework"])
django.setup()

from rest_framework import serializers as drf  # noqa: E402 - needs settings

OBJECTS = 100
ROUNDS = 15


class OracleLine(drf.Serializer):
    sku = drf.SlugField(max_length=20)
    quantity = drf.IntegerField(min_value=1, max_value=99)
    price = drf.DecimalField(max_digits=8, decimal_places=2)


class OracleOrder(drf.Serializer):
    name = drf.CharField(max_length=50)
    note = drf.CharField(required=False, allow_blank=True)
    email = drf.EmailField(max_length=254)
    state = drf.ChoiceField(choices=["new", "paid", "sent"])
    total = drf.DecimalField(max_digits=10, decimal_places=2)
    count = drf.IntegerField(min_value=0)
    gift = drf.BooleanField(required=False)
    placed = drf.DateTimeField()
    tags = drf.ListField(child=drf.CharField(max_length=10))
    line = OracleLine()


class LineWrite(WriteSchema):
    sku: Annotated[str, Slug(max_length=20)]
    quantity: Annotated[int, Integer(1, 99)]
    price: Annotated[Decimal, Number(max_digits=8, decimal_places=2)]


class OrderWrite(WriteSchema):
    name: Annotated[str, Char(max_length=50)]
    note: Annotated[str, Char(allow_blank=True)] = UNSET
    email: Annotated[str, Email(max_length=254)]
    state: Annotated[str, Choice(["new", "paid", "sent"])]
    total: Annotated[Decimal, Number(max_digits=10, decimal_places=2)]
    count: Annotated[int, Integer(0)]
    gift: Annotated[bool, Boolean()] = UNSET
    placed: Annotated[datetime.datetime, DateTime()]
    tags: Annotated[list[str], ListOf(Char(max_length=10))]
    line: Annotated[LineWrite, Nested()]


class LineRead(ReadSchema):
    sku: str
    quantity: int
    price: Annotated[str, Decimals(2, max_digits=8)]


class OrderRead(ReadSchema):
    name: str
    note: str
    email: str
    state: str
    total: Annotated[str, Decimals(2, max_digits=10)]
    count: int
    gift: bool
    placed: Annotated[str, Timestamp()]
    tags: list[str]
    line: LineRead


def order(number: int) -> dict[str, Any]:
    """Return one order as a client sends it."""
    return {
        "name": f"Customer {number}",
        "note": "please ring twice",
        "email": f"customer{number}@example.com",
        "state": "paid",
        "total": "129.90",
        "count": number,
        "gift": True,
        "placed": "2024-05-06T07:08:09Z",
        "tags": ["red", "new"],
        "line": {"sku": f"sku-{number}", "quantity": 2, "price": "64.95"},
    }


def stored(sent: dict[str, Any]) -> SimpleNamespace:
    """Return the order as an object of an ORM would hold it."""
    line = {**sent["line"], "price": Decimal(sent["line"]["price"])}
    placed = datetime.datetime.fromisoformat(sent["placed"])
    values = {**sent, "total": Decimal(sent["total"]), "placed": placed}
    return SimpleNamespace(**{**values, "line": SimpleNamespace(**line)})


def microseconds(work: Callable[[], object]) -> float:
    """Return the least CPU time of one object in several rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times) / OBJECTS * 1_000_000


def main() -> None:
    """Measure and print."""
    sent = [order(number) for number in range(OBJECTS)]
    wrong = [{**one, "email": "no", "count": -1, "line": {}} for one in sent]
    rows = [stored(one) for one in sent]
    request = Request({"type": "http", "headers": []})
    context: Context[Any] = Context(request=request, session=None)  # type: ignore[arg-type]

    def ours(data: dict[str, Any]) -> object:
        try:
            return validate(OrderWrite, data, context).attrs()
        except ValidationError as error:
            return error.detail

    def theirs(data: dict[str, Any]) -> object:
        serializer = OracleOrder(data=data)
        return serializer.validated_data if serializer.is_valid() else serializer.errors

    def their_list() -> object:
        serializer = OracleOrder(data=sent, many=True)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    work: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "validate 100 requests": (
            lambda: [theirs(one) for one in sent],
            lambda: [ours(one) for one in sent],
        ),
        "refuse 100 requests": (
            lambda: [theirs(one) for one in wrong],
            lambda: [ours(one) for one in wrong],
        ),
        "validate a list of 100": (
            their_list,
            lambda: [one.attrs() for one in validate(list[OrderWrite], sent, context)],
        ),
        "show a list of 100": (
            lambda: OracleOrder(rows, many=True).data,
            lambda: [OrderRead.of(row, context).data() for row in rows],
        ),
    }
    for name, (drf_work, compat_work) in work.items():
        before, after = microseconds(drf_work), microseconds(compat_work)
        print(f"{name:24} {before:8.1f} {after:8.1f} {before / after:6.1f} x")


if __name__ == "__main__":
    main()
