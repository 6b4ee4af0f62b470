"""Conditions select the rows that Django's lookups select, on either database."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, Q
from django.db.models.functions import Trunc
from sqlalchemy import select
from sqlalchemy.orm import Session

from strangler.compat import date_parts, json_lookups, lookups
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin

TEXTS = (
    "",
    "a",
    "A",
    "ab",
    "aB%",
    "a_b",
    "a\\b",
    "100%",
    "_",
    "ä",
    "Ä",
    "straße",
    "STRASSE",
    "ſ",
    "İ",
    "ı",
    "K",
    "k",
    "x'y",
    'x"y',
    "5",
    "15",
    "naïve\nline",
    "true",
    None,
)
NUMBERS = (None, -(2**31), -5, 0, 1, 5, 15, 50, 2**31 - 1)
# Both clock changes of Berlin, and the ends of years and days there.
MOMENTS = (
    None,
    datetime(2023, 12, 31, 22, 59, 59, 999999, tzinfo=UTC),
    datetime(2023, 12, 31, 23, tzinfo=UTC),
    datetime(2024, 1, 1, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 30, 15, 250000, tzinfo=UTC),
    datetime(2024, 3, 31, 0, 59, 59, tzinfo=UTC),
    datetime(2024, 3, 31, 1, tzinfo=UTC),
    datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
    datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
    datetime(2024, 12, 29, 23, 0, tzinfo=UTC),
    datetime(2024, 12, 31, 22, 30, tzinfo=UTC),
)
DOCUMENTS = (
    None,
    {},
    [],
    {"a": 1},
    {"a": "1"},
    {"a": 1.0},
    {"a": None},
    {"a": True},
    {"a": False},
    {"a": "true"},
    {"a": "null"},
    {"a": {"b": [1, "x", None]}},
    {"a": [1, 2]},
    [1, {"a": 2}],
    {"b": "Ab"},
    {"a": "ab"},
    {"0": "key"},
    "a",
    5,
)


@pytest.fixture
def rows(twin: Twin) -> None:
    kinds = dj.Kinds.objects.using(twin.alias)
    kinds.bulk_create(dj.Kinds(text=text, name="a" if text == "ab" else text) for text in TEXTS)
    kinds.bulk_create(dj.Kinds(whole=number, flag=bool(number)) for number in NUMBERS)
    kinds.bulk_create(
        dj.Kinds(moment=moment, day=moment and moment.date(), clock=moment and moment.time())
        for moment in MOMENTS
    )
    kinds.bulk_create(dj.Kinds(data=document) for document in DOCUMENTS)
    kinds.create(address="10.1.2.3", price=Decimal("1.500"), span=timedelta(days=1))


def same(twin: Twin, session: Session, theirs: Any, ours: Any) -> None:
    """Assert that both conditions select the same rows."""
    query = dj.Kinds.objects.using(twin.alias)
    query = query.filter(theirs) if isinstance(theirs, Q) else theirs(query)
    expected = sorted(query.values_list("id", flat=True))
    found = sorted(session.scalars(select(our.Kinds.id).where(ours)))
    assert found == expected


K = our.Kinds
_TEXT_LOOKUPS: dict[str, Callable[[Any, Any], Any]] = {
    name: getattr(lookups, name)
    for name in (
        "contains",
        "icontains",
        "startswith",
        "istartswith",
        "endswith",
        "iendswith",
        "iexact",
    )
}


@pytest.mark.parametrize("lookup", _TEXT_LOOKUPS)
def test_text_lookups(twin: Twin, session: Session, rows: None, lookup: str) -> None:
    ours = _TEXT_LOOKUPS[lookup]
    for given in [text for text in TEXTS if text is not None]:
        for name in ("text", "whole", "address", "price"):
            theirs = Q(**{f"{name}__{lookup}": given})
            same(twin, session, theirs, ours(getattr(K, name), given))
        same(twin, session, ~Q(**{f"text__{lookup}": given}), lookups.not_(ours(K.text, given)))
    same(twin, session, Q(**{f"text__{lookup}": F("name")}), ours(K.text, K.name))
    if lookup != "iexact":  # UPPER(5) is no SQL, and an error in Django
        same(twin, session, Q(**{f"text__{lookup}": 5}), ours(K.text, 5))


@pytest.mark.parametrize("lookup", [*_TEXT_LOOKUPS, "regex", "iregex"])
def test_none_is_no_value_of_texts(twin: Twin, session: Session, rows: None, lookup: str) -> None:
    ours = getattr(lookups, lookup)
    if lookup == "iexact":
        same(twin, session, Q(text__iexact=None), ours(K.text, None))
        return
    refused = pytest.raises(ValueError, match="Cannot use None as a query value")
    with refused:
        same(twin, session, Q(**{f"text__{lookup}": None}), K.text.is_(None))
    with refused:
        ours(K.text, None)


@pytest.mark.parametrize("given", ["^a", "b$", "a.b", "[aA]b", "line", "\\d+", "ß"])
def test_patterns(twin: Twin, session: Session, rows: None, given: str) -> None:
    for name in ("text", "whole"):
        column = getattr(K, name)
        same(twin, session, Q(**{f"{name}__regex": given}), lookups.regex(column, given))
        same(twin, session, Q(**{f"{name}__iregex": given}), lookups.iregex(column, given))


_GIVEN = (0, 5, "5", 5.0, 4.5, -4.5, True, 2**31, -(2**31) - 1, 2**70, -(2**70))


@pytest.mark.parametrize("given", _GIVEN)
def test_comparisons_of_numbers(twin: Twin, session: Session, rows: None, given: Any) -> None:
    for name in ("exact", "gt", "gte", "lt", "lte"):
        if twin.vendor == "sqlite" and isinstance(given, int) and 2**31 <= abs(given) < 2**63:
            continue  # SQLite's integers are wider than the column's type: a gap of ours
        same(twin, session, Q(**{f"whole__{name}": given}), getattr(lookups, name)(K.whole, given))
    if given != int(given) and not isinstance(given, str):
        return
    same(twin, session, Q(whole__in=[1, None, "15"]), lookups.one_of(K.whole, [1, None, "15"]))


def test_comparisons_of_other_values(twin: Twin, session: Session, rows: None) -> None:
    same(twin, session, Q(whole__in=[]), lookups.one_of(K.whole, []))
    same(twin, session, ~Q(whole__in=[1, None]), lookups.not_(lookups.one_of(K.whole, [1, None])))
    same(twin, session, Q(whole=None), lookups.exact(K.whole, None))
    same(twin, session, Q(flag="t"), lookups.exact(K.flag, "t"))
    same(twin, session, Q(text=5), lookups.exact(K.text, 5))
    same(twin, session, Q(price="1.5"), lookups.exact(K.price, "1.5"))
    same(twin, session, Q(day__gte="2024-03-01"), lookups.gte(K.day, "2024-03-01"))
    same(twin, session, Q(whole__range=("0", 15)), lookups.between(K.whole, "0", 15))
    same(twin, session, Q(span__lt=timedelta(days=2)), lookups.lt(K.span, timedelta(days=2)))
    same(twin, session, Q(address="10.1.2.3"), lookups.exact(K.address, "10.1.2.3"))
    with pytest.raises(ValueError, match="Cannot use None as a query value"):
        lookups.gt(K.whole, None)


def test_instants(twin: Twin, session: Session, rows: None) -> None:
    for moment in MOMENTS[1:]:
        for name in ("exact", "gt", "lte"):
            theirs = Q(**{f"moment__{name}": moment})
            same(twin, session, theirs, getattr(lookups, name)(K.moment, moment))


_PARTS = (
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "week",
    "week_day",
    "iso_week_day",
    "quarter",
    "iso_year",
)


@pytest.mark.parametrize("part", _PARTS)
def test_parts_of_moments(twin: Twin, session: Session, rows: None, berlin: str, part: str) -> None:
    for given in (0, 1, 2, 3, 4, 7, 10, 12, 15, 23, 30, 44, 52, 59, 2023, 2024, 2025):
        if "year" in part and given < 2000:
            continue
        theirs = Q(**{f"moment__{part}": given})
        same(twin, session, theirs, date_parts.part(part, K.moment) == given)
        if part in ("hour", "minute", "second"):
            same(
                twin,
                session,
                Q(**{f"clock__{part}": given}),
                date_parts.part(part, K.clock) == given,
            )
        else:
            same(twin, session, Q(**{f"day__{part}": given}), date_parts.part(part, K.day) == given)
        if part == "year":
            same(twin, session, theirs, date_parts.in_year(K.moment, given))
            same(twin, session, Q(day__year=given), date_parts.in_year(K.day, given))


def test_dates_and_times_of_moments(twin: Twin, session: Session, rows: None, berlin: str) -> None:
    for day in {date(2024, 1, 1), *(one.date() for one in MOMENTS if one)}:
        same(twin, session, Q(moment__date=day), date_parts.local_date(K.moment) == day)
        same(twin, session, Q(moment__date__gt=day), date_parts.local_date(K.moment) > day)
    for clock in (time(0), time(23, 59, 59, 999999), time(13, 30, 15, 250000)):
        same(twin, session, Q(moment__time=clock), date_parts.local_time(K.moment) == clock)


@pytest.mark.parametrize(
    "kind", ["year", "quarter", "month", "week", "day", "hour", "minute", "second"]
)
def test_starts_of_periods(
    twin: Twin, session: Session, rows: None, berlin: str, kind: str
) -> None:
    columns = ("moment",) if kind in ("hour", "minute", "second") else ("moment", "day")
    for name in columns:
        theirs = dj.Kinds.objects.using(twin.alias).filter(**{f"{name}__isnull": False})
        expected = theirs.order_by("id").annotate(t=Trunc(name, kind)).values_list("t", flat=True)
        column = getattr(K, name)
        ours = select(date_parts.trunc(kind, column)).where(column.is_not(None)).order_by(K.id)
        found = session.scalars(ours).all()
        assert list(map(repr, found)) == list(map(repr, expected))


_PATHS: tuple[tuple[str | int, ...], ...] = (
    ("a",),
    ("b",),
    ("a", "b"),
    ("a", "b", 1),
    (0,),
    (1, "a"),
    ("0",),
)
_JSON_VALUES = (
    1,
    1.0,
    "1",
    None,
    True,
    False,
    "true",
    "null",
    "ab",
    [1, 2],
    {"b": [1, "x", None]},
    "x",
)


@pytest.mark.parametrize("path", _PATHS, ids=str)
def test_keys_of_json(twin: Twin, session: Session, rows: None, path: tuple[Any, ...]) -> None:
    name = "data__" + "__".join(map(str, path))
    for given in _JSON_VALUES:
        same(twin, session, Q(**{name: given}), json_lookups.json_exact(K.data, path, given))
    for null in (True, False):
        theirs = Q(**{f"{name}__isnull": null})
        same(twin, session, theirs, json_lookups.json_is_null(K.data, path, null))
    for lookup, operator in (("gt", ">"), ("lte", "<=")):
        theirs = Q(**{f"{name}__{lookup}": 1})
        same(twin, session, theirs, json_lookups.json_compare(K.data, path, operator, 1))
    for given in ("a", "A", "1"):
        ours = lookups.icontains(json_lookups.json_text(K.data, *path), given)
        same(twin, session, Q(**{f"{name}__icontains": given}), ours)
    values = [2, "ab", True, None]
    same(twin, session, Q(**{f"{name}__in": values}), json_lookups.json_in(K.data, path, values))
    theirs = Q(**{f"{name}__has_key": "b"})
    same(twin, session, theirs, json_lookups.json_has_key(K.data, "b", *path))


def test_whole_documents_and_their_keys(twin: Twin, session: Session, rows: None) -> None:
    for document in DOCUMENTS:
        same(twin, session, Q(data=document), json_lookups.json_exact(K.data, (), document))
    for key in ("a", "b", "0"):
        same(twin, session, Q(data__has_key=key), json_lookups.json_has_key(K.data, key))
    keys = ["a", "b"]
    same(twin, session, Q(data__has_keys=keys), json_lookups.json_has_keys(K.data, keys))
    same(twin, session, Q(data__has_any_keys=keys), json_lookups.json_has_any_keys(K.data, keys))


def test_statements_are_cached_without_mixing_values(
    twin: Twin, session: Session, rows: None
) -> None:
    """The text of a compiled statement must not depend on the values in it."""
    for given, number in (("a", None), ("100%", None), ("b", None)):
        found = session.scalars(select(K.text).where(lookups.icontains(K.text, given))).all()
        accents = {"ä": "a", "ï": "i"} if twin.vendor == "mysql" else {}  # its collation's
        read = [one.lower().translate(str.maketrans(accents)) for one in found if one]
        assert all(given in one for one in read), number
        assert found
