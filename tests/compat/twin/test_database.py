"""The session of a request: one for each, ended before the answer, atomic where legacy is."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from django.db import connections
from fastapi import Depends, FastAPI, HTTPException, Request
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable, DropTable

from strangler.compat import actions, orm
from strangler.compat.database import Database
from strangler.compat.transactions import atomic, in_atomic
from tests.compat.twin import django_models as dj
from tests.compat.twin import models as our
from tests.compat.twin.databases import Twin


def app_on(database: Database) -> FastAPI:
    app = FastAPI()
    Async = Annotated[AsyncSession, Depends(database.session, scope="function")]
    Sync = Annotated[Session, Depends(database.sync_session, scope="function")]

    @app.post("/async/{name}")
    async def write(request: Request, session: Async, name: str) -> dict[str, Any]:
        assert request.state.session is session
        assert session.info["request"] is request
        await actions.create(session, our.Tag, {"name": name})
        if name == "bad":
            raise HTTPException(400)
        return {"atomic": in_atomic(session.sync_session)}

    @app.post("/sync/{name}")
    def write_in_thread(session: Sync, name: str) -> dict[str, Any]:
        orm.create(session, our.Tag, name=name)
        if name == "bad":
            raise HTTPException(400)
        return {"atomic": in_atomic(session)}

    return app


@pytest.fixture(params=[False, True], ids=["autocommit", "atomic"])
def database(twin: Twin, request: pytest.FixtureRequest) -> Database:
    url = twin.database.url.render_as_string(hide_password=False)
    return Database(url, atomic_requests=request.param)


def run(database: Database, work: Any) -> Any:
    async def whole() -> Any:
        try:
            return await work()
        finally:
            await database.dispose()

    return asyncio.run(whole())


async def client_of(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app_on(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("colour", ["async", "sync"])
def test_an_error_undoes_the_request_only_with_atomic_requests(
    twin: Twin, database: Database, colour: str
) -> None:
    async def work() -> list[int]:
        found = []
        async for client in client_of(database):
            for name in ("good", "bad"):
                answer = await client.post(f"/{colour}/{name}")
                found.append(answer.status_code)
                if name == "good":
                    assert answer.json() == {"atomic": database.atomic_requests}
        return found

    assert run(database, work) == [200, 400]
    names = set(dj.Tag.objects.using(twin.alias).values_list("name", flat=True))
    assert names == ({"good"} if database.atomic_requests else {"good", "bad"})


def test_many_requests_write_at_once(twin: Twin, database: Database) -> None:
    async def work() -> set[int]:
        async for client in client_of(database):
            answers = await asyncio.gather(
                *(client.post(f"/{('async', 'sync')[number % 2]}/{number}") for number in range(40))
            )
        return {answer.status_code for answer in answers}

    assert run(database, work) == {200}
    assert dj.Tag.objects.using(twin.alias).count() == 40


def test_atomic_works_on_an_async_session(twin: Twin, database: Database) -> None:
    async def work() -> None:
        async with database.sessions() as session:
            with pytest.raises(KeyError):  # noqa: PT012 - the block around it is the point
                async with atomic(session):
                    await actions.create(session, our.Tag, {"name": "gone"})
                    raise KeyError
            async with atomic(session):
                await actions.create(session, our.Tag, {"name": "kept"})

    run(database, work)
    assert list(dj.Tag.objects.using(twin.alias).values_list("name", flat=True)) == ["kept"]


def test_a_query_shows_what_others_changed_meanwhile(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    orm.update_query(session, select(our.Tag).where(our.Tag.id == row.id), name="b")
    assert row.name == "a"
    assert orm.get(session, select(our.Tag)).name == "b"


def test_a_query_leaves_unsaved_assignments_alone(twin: Twin, session: Session) -> None:
    row = orm.create(session, our.Tag, name="a")
    row.name = "b"
    assert orm.get(session, select(our.Tag)).name == "a"
    assert row.name == "b"


def test_what_is_added_and_committed_by_hand_is_written(twin: Twin, session: Session) -> None:
    """The session is SQLAlchemy's own for whoever writes new code."""
    session.add(our.Tag(name="a"))
    session.commit()
    row = session.scalars(select(our.Tag)).one()
    row.name = "b"
    session.commit()
    assert dj.Tag.objects.using(twin.alias).get().name == "b"


def test_reads_see_what_others_commit_meanwhile(twin: Twin, session: Session) -> None:
    """As in Django there is no transaction around them, on SQLite no snapshot either."""
    assert orm.count(session, select(our.Tag)) == 0
    dj.Tag.objects.using(twin.alias).create(name="a")
    assert orm.count(session, select(our.Tag)) == 1


_BY_HAND = {
    "flush": lambda session: (session.add(our.Tag(name="a")), session.flush()),
    "core": lambda session: session.execute(insert(our.Tag).values(name="a")),
    "connection": lambda session: session.connection().execute(insert(our.Tag).values(name="a")),
    "text": lambda session: session.execute(text("INSERT INTO twin_tag (name) VALUES ('a')")),
    "with": lambda session: session.execute(
        text("WITH x AS (SELECT 'a' AS name) INSERT INTO twin_tag (name) SELECT name FROM x")
    ),
    "savepoint": lambda session: session.begin_nested().session.execute(
        insert(our.Tag).values(name="a")
    ),
}


@pytest.mark.parametrize("way", _BY_HAND)
def test_writes_by_hand_wait_for_the_commit(twin: Twin, session: Session, way: str) -> None:
    if (twin.vendor, way) == ("mysql", "with"):
        pytest.skip("MariaDB has no WITH before INSERT")
    orm.count(session, select(our.Tag))
    _BY_HAND[way](session)
    assert not dj.Tag.objects.using(twin.alias).exists()
    session.rollback()
    assert not dj.Tag.objects.using(twin.alias).exists()
    _BY_HAND[way](session)
    while session.in_nested_transaction():
        session.commit()
    session.commit()
    assert dj.Tag.objects.using(twin.alias).count() == 1


def test_a_failed_read_spoils_nothing(twin: Twin, session: Session) -> None:
    with pytest.raises(DBAPIError):
        session.execute(text("SELECT nothing FROM nowhere"))
    assert orm.count(session, select(our.Tag)) == 0


def test_rows_can_be_streamed(twin: Twin, session: Session) -> None:
    orm.bulk_create(session, [our.Tag(name=str(number)) for number in range(30)])
    streamed = session.scalars(select(our.Tag).execution_options(yield_per=7))
    assert len([row.name for row in streamed]) == 30


def test_the_databases_are_opened_as_django_opens_them(twin: Twin, session: Session) -> None:
    connection = session.connection()
    if twin.vendor == "sqlite":
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    elif twin.vendor == "mysql":
        asked = "SELECT @@tx_isolation, @@autocommit, @@sql_auto_is_null, @@collation_connection"
        with connections[twin.alias].cursor() as cursor:
            cursor.execute(asked)
            assert tuple(connection.execute(text(asked)).one()) == cursor.fetchone()
    else:
        assert connection.scalar(text("SHOW TimeZone")) == "UTC"


def test_urls_are_completed_with_the_drivers() -> None:
    assert Database("postgres://u:p@h/db").sync_engine.url.drivername == "postgresql+psycopg"
    assert Database("sqlite:////tmp/x").engine.url.drivername == "sqlite+aiosqlite"
    assert Database("mysql://u:p@h/db").engine.url.drivername == "mariadb+asyncmy"
    assert Database("mysql://u:p@h/db").sync_engine.url.drivername == "mariadb+pymysql"


def test_the_drivers_are_told_the_options_of_their_database(twin: Twin) -> None:
    options = {
        "sqlite": {"timeout": 2, "init_command": "PRAGMA synchronous=OFF; PRAGMA cache_size=77"},
        "postgresql": {
            "application_name": "clerk",
            "options": r"-c search_path=clerks,public -c default_transaction_isolation=repeatable\ read",
        },
        "mariadb": {
            "init_command": "SET lock_wait_timeout = 77",
            "isolation_level": "serializable",
        },
    }
    questions: dict[str, Any] = {
        "sqlite": {"PRAGMA synchronous": 0, "PRAGMA cache_size": 77, "PRAGMA busy_timeout": 2000},
        "postgresql": {
            "SHOW application_name": "clerk",
            "SHOW search_path": "clerks,public",
            "SHOW default_transaction_isolation": "repeatable read",
        },
        "mysql": {"SELECT @@lock_wait_timeout": 77, "SELECT @@tx_isolation": "SERIALIZABLE"},
    }[twin.vendor]
    url = twin.database.url.render_as_string(hide_password=False)
    database = Database(url, options=options)
    with database.sync_engine.connect() as connection:
        assert {q: connection.scalar(text(q)) for q in questions} == questions

    async def ask() -> dict[str, Any]:
        async with database.engine.connect() as connection:
            answers = {q: await connection.scalar(text(q)) for q in questions}
        await database.dispose()
        return answers

    assert asyncio.run(ask()) == questions


def test_what_the_url_says_of_the_connection_stands() -> None:
    told = Database(
        "postgresql://h/db?sslmode=disable", options={"postgresql": {"sslmode": "require"}}
    )
    arguments = told.sync_engine.dialect.create_connect_args(told.sync_engine.url)[1]
    assert arguments["sslmode"] == "disable"
    assert "sslmode" not in told._arguments()["connect_args"]


@pytest.mark.parametrize("word", ["nothing", "returning", "collation", "lateral", "select"])
def test_any_word_may_name_a_column(twin: Twin, session: Session, word: str) -> None:
    words = Table(
        "twin_words", MetaData(), Column("id", Integer, primary_key=True), Column(word, Integer)
    )
    with twin.undone(session):
        session.execute(CreateTable(words))
        session.execute(insert(words).values({"id": 1, word: 2}))
        assert session.scalar(select(words.c[word]).where(words.c[word] == 2)) == 2
        if twin.vendor == "mysql":  # where no rollback takes a table back
            session.execute(DropTable(words))
