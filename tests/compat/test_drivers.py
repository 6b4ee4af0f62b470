"""What Django's driver of PostgreSQL makes of texts that the server cannot hold."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from strangler.compat import settings
from strangler.compat.database import Database

ASKED = text("SELECT :word")


@pytest.mark.parametrize(("psycopg2", "error"), [(True, ValueError), (False, DataError)])
def test_nul_in_a_text_is_the_error_of_djangos_driver(
    psycopg2: bool, error: type[Exception], postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PSYCOPG2", psycopg2)
    database = Database(postgres_url)
    with database.sync_engine.connect() as connection, pytest.raises(error):
        connection.execute(ASKED, {"word": "a\x00b"})
    database.sync_engine.dispose()


def test_nul_in_a_text_is_a_value_error_in_async_code(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PSYCOPG2", True)

    async def ask() -> None:
        database = Database(postgres_url)
        async with database.engine.connect() as connection:
            with pytest.raises(ValueError, match="NUL"):
                await connection.execute(ASKED, {"word": "\x00"})
        await database.engine.dispose()

    asyncio.run(ask())
