"""Requests that the proxy marks as shadows leave no trace; others are as they always were."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, Request
from sqlalchemy import Integer, String, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from strangler.compat import shadow
from strangler.compat.application import create_app
from strangler.compat.database import Database
from strangler.compat.throttling import SimpleRateThrottle
from strangler.compat.transactions import atomic, on_commit
from strangler_proxy.signing import SHADOW, shadow_mark

KEY = "k" * 43
HEADER = SHADOW.decode()


class Base(DeclarativeBase):
    """Tables of this test."""


class Note(Base):
    __tablename__ = "shadow_note"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[str] = mapped_column(String(40))


class Twice(SimpleRateThrottle):
    rate = "2/min"

    def get_cache_key(self, context: Any) -> str:
        return "everybody"


ran: list[str] = []


def application(database: Database) -> Any:
    """Endpoints that read, write, try to hide a write, and run something after a commit."""
    router = APIRouter()
    session_of = Annotated[AsyncSession, Depends(database.session, scope="function")]
    sync_session_of = Annotated[Session, Depends(database.sync_session, scope="function")]

    @router.get("/read/")
    async def read(session: session_of) -> list[str]:
        return list(await session.scalars(select(Note.body).order_by(Note.id)))

    @router.get("/write/")
    async def write(session: session_of) -> str:
        async with atomic(session):
            await session.execute(text("INSERT INTO shadow_note (id, body) VALUES (7, 'seven')"))
        return "written"

    @router.get("/plain-write/")
    def plain_write(session: sync_session_of) -> str:
        session.execute(text("UPDATE shadow_note SET body = 'changed'"))
        return "written"

    @router.get("/hidden/")
    async def hidden(session: session_of) -> str:
        try:
            await session.execute(text("DELETE FROM shadow_note"))
        except DBAPIError:
            return "nothing happened"
        return "deleted"

    @router.get("/after/")
    async def after(session: session_of) -> str:
        async with atomic(session):
            await session.run_sync(lambda s: on_commit(s, lambda: ran.append("mail")))
        return "sent"

    @router.get("/throttled/")
    async def throttled(request: Request) -> bool:
        return Twice().allow_request(request)  # type: ignore[arg-type]  # its key needs no user

    return create_app(router)


class Visitor:
    """Asks the application, marked or not."""

    def __init__(self, database: Database) -> None:
        self.app = application(database)
        self.database = database
        self.runner = asyncio.Runner()

    def ask(
        self, target: str, mark: bytes | None = None, method: str = "GET", **more: str
    ) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                headers = dict(more) if mark is None else {HEADER: mark.decode(), **more}
                return await client.request(method, target, headers=headers)

        return self.runner.run(send())

    def shadow(self, target: str) -> httpx.Response:
        """Ask as the proxy does."""
        return self.ask(target, shadow_mark(KEY.encode(), time.time(), "GET", target.encode()))

    def rows(self) -> list[tuple[int, str]]:
        with self.database.sync_engine.connect() as connection:
            found = connection.execute(select(Note.id, Note.body).order_by(Note.id))
            return [(row.id, row.body) for row in found]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'notes.sqlite3'}"
    url = request.getfixturevalue("postgres").new_database("shadow_notes")
    return str(url)


@pytest.fixture
def make(url: str) -> Iterator[Any]:
    made: list[Visitor] = []

    def visitor() -> Visitor:
        database = Database(url)
        with database.sync_engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS shadow_note")
            Base.metadata.create_all(connection)
            connection.exec_driver_sql("INSERT INTO shadow_note (id, body) VALUES (1, 'one')")
        made.append(Visitor(database))
        return made[-1]

    yield visitor
    for each in made:
        each.runner.run(each.database.dispose())
        each.runner.close()


@pytest.fixture
def visitor(make: Any, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    monkeypatch.setenv(shadow.KEY_VARIABLE, KEY)
    ran.clear()
    found: Visitor = make()
    return found


def test_a_shadowed_read_answers_as_any_other(visitor: Visitor) -> None:
    """A mark changes nothing about reads."""
    plain, marked = visitor.ask("/read/?a=1"), visitor.shadow("/read/?a=1")
    assert (marked.status_code, marked.content) == (200, plain.content)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("/write/", "INSERT INTO shadow_note"),
        ("/plain-write/", "UPDATE shadow_note"),
        ("/hidden/", "DELETE FROM shadow_note"),
        ("/after/", "on_commit callback"),
    ],
)
def test_an_attempted_write_is_told_and_leaves_nothing(
    visitor: Visitor, target: str, told: str
) -> None:
    """The answer names verb and table, even where the application hides its failure."""
    answer = visitor.shadow(target)
    assert answer.headers["content-type"] == shadow.MEDIA_TYPE
    assert answer.json() == {"detail": told}
    assert visitor.rows() == [(1, "one")]
    assert ran == []


def test_connections_of_shadows_write_again_for_others(visitor: Visitor) -> None:
    """A connection that went back to the pool is not read only any more."""
    for _ in range(3):
        assert visitor.shadow("/read/").status_code == 200
        assert visitor.shadow("/write/").status_code == 500
    assert visitor.ask("/write/").json() == "written"
    assert visitor.rows() == [(1, "one"), (7, "seven")]


def test_a_shadow_counts_for_no_throttle(visitor: Visitor) -> None:
    """However many shadows came, a client has its whole rate."""
    Twice.cache.clear()  # type: ignore[attr-defined]  # the cache of tests is in memory
    assert [visitor.shadow("/throttled/").json() for _ in range(5)] == [True] * 5
    assert [visitor.ask("/throttled/").json() for _ in range(3)] == [True, True, False]
    assert visitor.shadow("/throttled/").json() is False


@pytest.mark.parametrize("case", ["forged", "old", "other target", "other method", "two"])
def test_a_mark_that_is_not_good_is_refused(visitor: Visitor, case: str) -> None:
    """Nothing runs: neither read only nor otherwise."""
    key = b"z" * 43 if case == "forged" else KEY.encode()
    now = time.time() - 61 if case == "old" else time.time()
    signed = b"/read/" if case == "other target" else b"/write/"
    mark = shadow_mark(key, now, "HEAD" if case == "other method" else "GET", signed)
    if case == "two":
        mark += b", " + mark
    assert visitor.ask("/write/", mark).status_code == 403
    assert visitor.rows() == [(1, "one")]


def test_a_write_cannot_be_marked(visitor: Visitor) -> None:
    """Only safe methods are shadowed; a marked POST is refused."""
    mark = shadow_mark(KEY.encode(), time.time(), "POST", b"/read/")
    assert visitor.ask("/read/", mark, "POST").status_code == 403


def test_without_the_variable_a_mark_means_nothing(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mode is off unless the key is there: the header is one of many."""
    monkeypatch.delenv(shadow.KEY_VARIABLE, raising=False)
    visitor: Visitor = make()
    assert visitor.shadow("/write/").json() == "written"
    assert visitor.rows() == [(1, "one"), (7, "seven")]
