"""Aggregates over rows have Django's values and types."""

from typing import Any

import pytest
from django.db import models as dm
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from strangler.compat.aggregates import aggregate
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin

K = our.Kinds


@pytest.fixture
def rows(twin: Twin) -> Any:
    kinds = dj.Kinds.objects.using(twin.alias)
    pairs = [("b", 2, "1.10"), ("a", 2, "2.25"), ("c", None, None), ("a", 1, "3"), (None, 3, "0")]
    kinds.bulk_create(
        dj.Kinds(name=n, whole=w, price=a, big=w and w * 2**33, ratio=w and w * 0.3)
        for n, w, a in pairs
    )
    return kinds


def both(session: Session, theirs: Any, ours: Any) -> None:
    """Compare every function over every kind of column, values and their types."""
    for name in ("whole", "big", "ratio", "price"):
        column = getattr(K, name)
        django = theirs.aggregate(
            n=dm.Count(name), d=dm.Count(name, distinct=True), s=dm.Sum(name), a=dm.Avg(name),
            x=dm.Max(name), m=dm.Min(name), rows=dm.Count("*"),
        )  # fmt: skip
        found = aggregate(
            session, ours,
            n=func.count(column), d=func.count(column.distinct()), s=func.sum(column),
            a=func.avg(column), x=func.max(column), m=func.min(column), rows=func.count(),
        )  # fmt: skip
        assert repr(found) == repr(django)


def test_all_rows(session: Session, rows: Any) -> None:
    both(session, rows, select(K))


def test_no_rows(session: Session, rows: Any) -> None:
    both(session, rows.filter(name="no"), select(K).where(K.name == "no"))


def test_the_order_does_not_count(session: Session, rows: Any) -> None:
    both(session, rows.order_by("-name"), select(K).order_by(K.name.desc()))


def test_a_slice_is_cut_first(session: Session, rows: Any) -> None:
    both(session, rows.order_by("id")[1:3], select(K).order_by(K.id).offset(1).limit(2))


def test_equal_rows_count_once(session: Session, rows: Any) -> None:
    both(session, rows.distinct(), select(K).distinct())
