"""`/readyz` compares the migrations that are applied with those the models were made from."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.middleware import Middleware

from strangler.compat.application import create_app
from strangler.compat.database import Database
from strangler.compat.middleware import CommonMiddleware
from strangler.compat.readiness import Readiness

MIGRATIONS = {"notes": ("0001_initial", "0002_colour")}
TABLE = "CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text)"


def asked(url: str, method: str, *statements: str) -> httpx.Response:
    """What `/readyz` says after some statements."""
    database = Database(url)
    app = create_app(
        middleware=(
            Middleware(Readiness, database=database, migrations=MIGRATIONS),
            CommonMiddleware,
        )
    )

    async def ask() -> httpx.Response:
        if statements:
            async with database.engine.begin() as connection:
                for statement in statements:
                    await connection.execute(text(statement))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://10.1.2.3") as client:
            response = await client.request(method, "/readyz")
        await database.dispose()
        return response

    return asyncio.run(ask())


def applied(*names: str) -> list[str]:
    rows = [f"INSERT INTO django_migrations (app, name) VALUES ('notes', '{n}')" for n in names]
    return [TABLE, *rows]


ANSWERS: list[tuple[list[str], int, Any]] = [
    (
        applied("0001_initial", "0002_colour"),
        200,
        {"status": "ready", "missing": [], "unknown": []},
    ),
    (
        applied("0001_initial"),
        503,
        {"status": "migrations missing", "missing": ["notes.0002_colour"], "unknown": []},
    ),
    (
        applied("0001_initial", "0002_colour", "0003_later"),
        200,
        {"status": "ready", "missing": [], "unknown": ["notes.0003_later"]},
    ),
    (
        ["CREATE TABLE alembic_version (version_num text)"],
        200,
        {"status": "ready", "missing": [], "unknown": []},
    ),
    (
        [],
        503,
        {
            "status": "migrations missing",
            "missing": ["notes.0001_initial", "notes.0002_colour"],
            "unknown": [],
        },
    ),
]


@pytest.mark.parametrize(("statements", "status", "body"), ANSWERS)
def test_readiness_is_what_the_database_has(statements, status, body, tmp_path: Path) -> None:
    response = asked(f"sqlite:///{tmp_path}/db.sqlite3", "GET", *statements)
    assert (response.status_code, response.json()) == (status, body)


def test_a_database_that_does_not_answer_is_503_without_a_word_about_it() -> None:
    response = asked("postgresql://nobody:secret@127.0.0.1:1/none", "GET")
    assert (response.status_code, response.json()) == (503, {"status": "no database"})


def test_other_methods_are_none_of_its_business(tmp_path: Path) -> None:
    assert asked(f"sqlite:///{tmp_path}/db.sqlite3", "POST").status_code == 404
