"""What the database computes is read again where Django does, and asked for as its column is."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Computed, Identity, Integer, MetaData, String, create_engine, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, registry

from strangler.compat import lookups, models, orm
from strangler.compat.columns import BigAutoInteger, Caseless
from strangler.compat.rows import DatabaseError


class Base(models.Base):
    """Own registry: its tables are made here."""

    __abstract__ = True
    metadata = MetaData()
    registry = registry(metadata=metadata)
    _sa_registry = registry


class Item(Base):
    __tablename__ = "generated_item"
    id: Mapped[int] = mapped_column(BigAutoInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(9), default="")
    price: Mapped[int] = mapped_column(Integer)
    double: Mapped[int | None] = mapped_column(
        Integer, Computed("price * 2", persisted=True), info={"renewed_by": {"price"}}
    )
    triple: Mapped[int | None] = mapped_column(Integer, Computed("price * 3", persisted=True))


class Person(Base):
    __tablename__ = "generated_person"
    id: Mapped[int] = mapped_column(BigAutoInteger, Identity(), primary_key=True)
    nick: Mapped[str] = mapped_column(Caseless)


@pytest.fixture
def made(session: Session) -> Iterator[Session]:
    """A session on a database with the table of items, which is dropped again."""
    table = Base.metadata.tables["generated_item"]
    Base.metadata.drop_all(session.connection(), tables=[table])
    Base.metadata.create_all(session.connection(), tables=[table])
    yield session
    session.rollback()
    Base.metadata.drop_all(session.connection(), tables=[table])
    session.commit()


@pytest.fixture
def postgres_session(new_database: Callable[[str], str]) -> Iterator[Session]:
    """A session on PostgreSQL, with one person."""
    engine = create_engine(new_database("caseless").replace("postgresql:", "postgresql+psycopg:"))
    with Session(engine) as session:
        session.execute(text("CREATE EXTENSION citext"))
        Base.metadata.create_all(
            session.connection(), tables=[Base.metadata.tables["generated_person"]]
        )
        orm.create(session, Person, nick="Foo Bar")
        yield session
    engine.dispose()


def test_a_changed_row_has_what_was_computed_since_django_6_0(made: Session) -> None:
    item = orm.create(made, Item, price=2)
    assert (item.double, item.triple) == (4, 6)
    item.price = 5
    orm.save(made, item)
    assert (item.double, item.triple) == (10, 6)  # the other is of a Django before it


def test_other_columns_leave_it_as_it_was(made: Session) -> None:
    item = orm.create(made, Item, price=2)
    made.execute(text("UPDATE generated_item SET price = 9"))
    item.name = "new"
    orm.save(made, item, update_fields=["name"])
    assert item.double == 4
    orm.save(made, item)
    assert (item.price, item.double) == (2, 4)


def test_a_row_that_is_gone_is_told(made: Session) -> None:
    item = orm.create(made, Item, price=2)
    made.execute(text("DELETE FROM generated_item"))
    with pytest.raises(DatabaseError, match="Forced update"):
        orm.save(made, item, force_update=True)


@pytest.mark.postgres
def test_texts_without_case_are_looked_into_as_they_are_compared(postgres_session: Session) -> None:
    session, nick = postgres_session, Person.nick
    for condition in (
        nick == "FOO BAR",
        lookups.exact(nick, "fOO bAR"),
        lookups.one_of(nick, ["x", "foo bar"]),
        lookups.contains(nick, "o b"),
        lookups.contains(nick, "O B"),
        lookups.startswith(nick, "FO"),
        lookups.endswith(nick, "AR"),
        lookups.regex(nick, "^FOO"),
        lookups.iregex(nick, "^foo"),
        lookups.iexact(nick, "FOO BAR"),
        lookups.icontains(nick, "oo"),
    ):
        assert session.scalars(select(Person.nick).where(condition)).all() == ["Foo Bar"]
    for condition in (lookups.contains(nick, "o%b"), lookups.startswith(nick, "ar")):
        assert session.scalars(select(Person.nick).where(condition)).all() == []
