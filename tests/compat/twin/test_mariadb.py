"""What MariaDB alone says otherwise: its errors, and words that SQLAlchemy does not write for it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table, case, func, select
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.schema import CreateTable

from strangler.compat.database import Database
from strangler.compat.mariadb import MariaDBCompiler
from strangler.compat.uniqueness import same_text
from tests.compat.twin import models as our

ROOMS = Table(
    "rooms",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("beds", Integer, CheckConstraint("beds > 0")),
    Column("name", String(20)),
)
BEDS = (3, None, 1, 2)


@pytest.fixture
def session(new_mariadb_database: Callable[[str], str]) -> Iterator[Session]:
    database = Database(new_mariadb_database("rooms"))
    with database.sync_sessions() as session:
        session.execute(CreateTable(ROOMS))
        session.execute(ROOMS.insert(), [{"beds": beds, "name": "ß"} for beds in BEDS])
        yield session
    database.sync_engine.dispose()


def test_a_check_that_refuses_is_an_integrity_error(session: Session) -> None:
    with pytest.raises(IntegrityError, match="4025"):
        session.execute(ROOMS.insert().values(beds=0))


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        (ROOMS.c.beds.asc().nulls_last(), [1, 2, 3, None]),
        (ROOMS.c.beds.desc().nulls_first(), [None, 3, 2, 1]),
        (ROOMS.c.beds.asc().nulls_first(), [None, 1, 2, 3]),
        (ROOMS.c.beds.desc().nulls_last(), [3, 2, 1, None]),
        (ROOMS.c.beds.nulls_last(), [1, 2, 3, None]),
    ],
)
def test_nulls_stand_where_they_are_wanted(session: Session, order: object, wanted: object) -> None:
    assert list(session.scalars(select(ROOMS.c.beds).order_by(order))) == wanted  # type: ignore[arg-type]


def test_lengths_are_counted_in_characters(session: Session) -> None:
    assert session.scalar(select(func.length(ROOMS.c.name)).limit(1)) == 1


def test_a_sum_of_whole_numbers_is_one(session: Session) -> None:
    found = session.scalar(select(func.sum(ROOMS.c.beds)))
    assert (type(found), found) == (int, 6)


def test_an_aggregate_may_look_at_some_rows(session: Session) -> None:
    few = ROOMS.c.beds < 3
    statement = select(
        func.count().filter(few), func.sum(ROOMS.c.beds).filter(few),
        func.count(ROOMS.c.name.distinct()).filter(few), func.count(case((few, 1))),
    )  # fmt: skip
    assert tuple(session.execute(statement).one()) == (2, 3, 1, 2)


def test_texts_alike_but_for_case_are_found_as_by_djangos_iexact(session: Session) -> None:
    name: InstrumentedAttribute[str] = our.Tag.name  # type: ignore[assignment]
    dialect = mysql.dialect()  # type: ignore[no-untyped-call]
    condition = same_text(session, name, "a_b%")
    written = str(condition.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    assert written == r"twin_tag.name LIKE 'a\\_b\\%%'"
    assert session.get_bind().dialect.statement_compiler is MariaDBCompiler
