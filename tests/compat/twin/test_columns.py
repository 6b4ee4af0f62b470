"""What one side writes the other reads, to the type and the last digit, byte by byte."""

import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError as DjangoError
from django.db import connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from strangler.compat import orm
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT
    | st.floats(-1e9, 1e9, allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_VALUES = {
    "text": _TEXT,
    "name": _TEXT,
    "slug": st.from_regex(r"[-a-z0-9_]{0,50}", fullmatch=True),
    "whole": st.integers(-(2**31), 2**31 - 1),
    "small": st.integers(-(2**15), 2**15 - 1),
    "big": st.integers(-(2**63), 2**63 - 1),
    "positive": st.integers(0, 2**31 - 1),
    "flag": st.booleans(),
    "price": st.decimals(-999_999_999, 999_999_999, places=3),
    "ratio": st.floats(allow_nan=False, allow_infinity=False, width=64),
    "day": st.dates(),
    "moment": st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    "clock": st.times(),
    "span": st.timedeltas(timedelta(days=-90_000), timedelta(days=90_000)),
    "key": st.uuids(version=4),
    "data": _JSON,
    "blob": st.binary(max_size=20),
    "address": st.ip_addresses().map(str).filter(lambda address: "." not in address[1:5]),
}
_ROWS = st.fixed_dictionaries({name: st.none() | kind for name, kind in _VALUES.items()})
_COLUMNS = ["id", *_VALUES]
_FEW = hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)


def _seen(obj: Any) -> dict[str, Any]:
    """The values of a row with their types; Django's memoryview is the bytes it shows."""
    values = {name: getattr(obj, name) for name in _COLUMNS}
    if isinstance(values["blob"], memoryview):
        values["blob"] = bytes(values["blob"])
    return {name: (type(value), value) for name, value in values.items()}


def _stored(twin: Twin, key: int) -> list[Any]:
    """A row as the database holds it: on SQLite with the storage class of each value."""
    form = {
        "sqlite": '"{0}", typeof("{0}")',
        "postgresql": '"{0}"::text',
        "mysql": "HEX(CAST(`{0}` AS CHAR))",
    }[twin.vendor]
    columns = ", ".join(form.format(name) for name in _VALUES)
    with connections[twin.alias].cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM twin_kinds WHERE id = {key}")
        return list(cursor.fetchone())


@_FEW
@given(values=_ROWS)
def test_both_sides_store_and_read_equal_values(twin: Twin, values: dict[str, Any]) -> None:
    theirs = dj.Kinds.objects.using(twin.alias).create(**values)
    with twin.database.sync_sessions() as session:
        ours = orm.create(session, our.Kinds, **values)
        assert _stored(twin, ours.id) == _stored(twin, theirs.id)
        session.expunge_all()
        for key in (ours.id, theirs.id):
            read = orm.get(session, select(our.Kinds).where(our.Kinds.id == key))
            assert _seen(read) == _seen(dj.Kinds.objects.using(twin.alias).get(pk=key))


_CONVERTED = [
    ("whole", "5"),
    ("whole", 5.9),
    ("whole", True),
    ("name", 7),
    ("name", Decimal("1.50")),
    ("flag", "t"),
    ("flag", "False"),
    ("flag", 1),
    ("price", "3.5"),
    ("price", 2),
    ("price", 0.1),
    ("price", Decimal("2.0005")),
    ("ratio", "1.5"),
    ("ratio", 2),
    ("ratio", -0.0),
    ("day", "2024-02-03"),
    ("day", "2024-2-3"),
    ("day", datetime(2024, 1, 2, 23, tzinfo=UTC)),
    ("moment", "2024-02-03 04:05:06.5+02:00"),
    ("moment", "2024-02-03T04:05Z"),
    ("moment", datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=5)))),
    ("clock", "10:11"),
    ("clock", "10:11:12.5"),
    ("key", "12345678-1234-5678-1234-567812345678"),
    ("key", 5),
    ("data", [{"a": None}]),
    ("text", uuid.UUID(int=3)),
    ("whole", "no"),
    ("whole", []),
    ("flag", "yes"),
    ("price", "x"),
    ("price", float("nan")),
    ("day", "2024-02-30"),
    ("day", "soon"),
    ("moment", "2024-13-01"),
    ("moment", "soon"),
    ("clock", "25:00"),
    ("clock", "x"),
    ("key", "x"),
    ("ratio", "x"),
    ("positive", -1),
    ("small", 40_000),
    ("big", 2**63),
    ("price", 10**9),
]


@pytest.mark.parametrize(("name", "given"), _CONVERTED)
def test_values_of_other_types_are_stored_as_django_stores_them(
    twin: Twin, session: Session, name: str, given: Any
) -> None:
    try:
        theirs = dj.Kinds.objects.using(twin.alias).create(**{name: given})
    except Exception:  # whatever Django refuses
        theirs = None
    if theirs is None:
        with pytest.raises(Exception):  # noqa: B017, PT011 - the words are the next test's
            orm.create(session, our.Kinds, **{name: given})
    else:
        ours = orm.create(session, our.Kinds, **{name: given})
        assert _stored(twin, ours.id) == _stored(twin, theirs.id)


_REFUSED = [
    pair
    for pair in _CONVERTED
    if pair[1] in ("no", [], "yes", "x", "soon", "2024-02-30", "25:00", "2024-13-01")
]


@pytest.mark.parametrize(("name", "given"), _REFUSED)
def test_a_refused_value_is_explained_in_djangos_words(
    twin: Twin, session: Session, name: str, given: Any
) -> None:
    with pytest.raises((ValueError, TypeError, DjangoError)) as theirs:
        dj.Kinds.objects.using(twin.alias).create(**{name: given})
    with pytest.raises((ValueError, TypeError)) as ours:
        orm.create(session, our.Kinds, **{name: given})
    words = getattr(theirs.value, "messages", [str(theirs.value)])
    assert [str(ours.value)] == words


def test_json_keeps_order_and_spelling_of_text(twin: Twin, session: Session) -> None:
    value = {"b": "ä", "a": [1.0, 1e30, "\u2028"]}
    theirs = dj.Kinds.objects.using(twin.alias).create(data=value)
    ours = orm.create(session, our.Kinds, data=value)
    assert _stored(twin, ours.id) == _stored(twin, theirs.id)


def test_instants_without_a_zone_are_local_time(
    twin: Twin, session: Session, berlin: str, recwarn: pytest.WarningsRecorder
) -> None:
    """Django reads them in the default zone, with a warning; the zone here is the app's."""
    ours = orm.create(session, our.Kinds, moment=datetime(2024, 7, 1, 12))
    found = dj.Kinds.objects.using(twin.alias).get(pk=ours.id)
    assert found.moment == datetime(2024, 7, 1, 10, tzinfo=UTC)


def test_the_mapped_tables_are_those_that_django_makes(twin: Twin) -> None:
    """On SQLite the words of the DDL are compared; PostgreSQL normalises them."""
    our.Twin.registry.configure()
    with connections[twin.alias].cursor() as cursor:
        inspect = connections[twin.alias].introspection
        theirs = {
            name: {(c.name, c.null_ok) for c in inspect.get_table_description(cursor, name)}
            for name in inspect.table_names(cursor)
            if name.startswith("twin_")
        }
    ours = {
        table.name: {(column.name, bool(column.nullable)) for column in table.columns}
        for table in our.Twin.metadata.tables.values()
        if table.name.startswith("twin_")
    }
    assert ours == theirs


def test_sqlite_columns_have_djangos_type_names(twin: Twin, tmp_path: Any) -> None:
    if twin.vendor != "sqlite":
        pytest.skip("PostgreSQL has one name for each type")
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{tmp_path / 'ours.sqlite3'}")
    our.Twin.metadata.create_all(engine)
    query = "SELECT lower(type), \"notnull\", pk FROM pragma_table_info('{}') ORDER BY name"
    with engine.connect() as connection, connections[twin.alias].cursor() as cursor:
        for name in ("twin_kinds", "twin_defaults", "twin_keyed", "twin_coded"):
            cursor.execute(query.format(name))
            ours = [tuple(row) for row in connection.execute(text(query.format(name)))]
            assert ours == cursor.fetchall()
        statement = "SELECT sql FROM sqlite_master WHERE name = 'twin_kinds'"
        assert "AUTOINCREMENT" in connection.scalar(text(statement))
    engine.dispose()


def test_times_of_day_and_dates_are_plain(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Kinds, clock=time(1, 2, 3), day=date(2020, 1, 2))
    session.expunge_all()
    found = orm.get(session, select(our.Kinds).where(our.Kinds.id == row.id))
    assert (found.clock, found.day) == (time(1, 2, 3), date(2020, 1, 2))
