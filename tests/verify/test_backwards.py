"""On SQLite rows that nobody ordered come backwards on both sides; others as they are ordered."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.ext.asyncio import create_async_engine

from strangler.verify import legacy_orders
from strangler.verify.project import Project
from strangler.verify.twins import Twins

ASKED = """
def operations(legacy):
    def keys(message):
        notes = load("notes.models").Note.objects.all()
        return {
            "as they come": [note.pk for note in notes],
            "ordered": [note.pk for note in notes.order_by("pk")],
        }
    return {"keys": keys}
"""


@pytest.mark.parametrize("twins", ["sqlite"], indirect=True)
@pytest.mark.parametrize("backwards", [False, True])
def test_legacy_rows_come_backwards(project: Project, twins: Twins, backwards: bool) -> None:
    with project.legacy(twins.place("legacy"), "none", backwards=backwards) as legacy:
        legacy.ask({"op": "add", "name": "keys", "source": ASKED})
        answer = legacy.ask({"op": "keys"})
    assert answer["ordered"] == sorted(answer["ordered"])
    assert (answer["as they come"] == answer["ordered"][::-1]) is backwards


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every engine of this process, until the test ends."""
    listening: list[Callable[..., object]] = []
    with monkeypatch.context() as patched:
        patched.setattr(event, "listen", lambda *arguments: listening.append(arguments[2]))
        legacy_orders.watch_sqlalchemy()
    for function in listening:
        event.listen(Engine, "connect", function)
    yield
    for function in listening:
        event.remove(Engine, "connect", function)


def test_rows_of_the_new_application_come_backwards(tmp_path: Path, watched: None) -> None:
    """From engines of both colours."""
    file = tmp_path / "notes.sqlite3"
    plain = create_engine(f"sqlite:///{file}")
    with plain.begin() as connection:
        connection.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO note VALUES (1), (2), (3)"))
        assert connection.scalars(text("SELECT id FROM note")).all() == [3, 2, 1]
        assert connection.scalars(text("SELECT id FROM note ORDER BY id")).all() == [1, 2, 3]
    plain.dispose()

    async def read() -> list[int]:
        engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
        async with engine.connect() as connection:
            found = (await connection.scalars(text("SELECT id FROM note"))).all()
        await engine.dispose()
        return list(found)

    assert asyncio.run(read()) == [3, 2, 1]
