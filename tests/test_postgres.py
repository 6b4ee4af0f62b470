"""The cluster that tests start for themselves."""

from collections.abc import Callable

import psycopg
import pytest

from tests import postgres as fixture


def test_a_new_database_is_utf8_with_a_locale_of_no_country(
    new_database: Callable[..., str],
) -> None:
    with psycopg.connect(new_database("encoding")) as connection:
        found = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
    assert found == ("UTF8", "C.UTF-8")


def test_a_database_is_cloned_from_a_template_and_replaces_its_namesake(
    new_database: Callable[..., str],
) -> None:
    for rows in (1, 2):
        with psycopg.connect(new_database("origin")) as connection:
            connection.execute("CREATE TABLE t AS SELECT generate_series(1, %s::int)", [rows])
        with psycopg.connect(new_database("twin", template="origin")) as connection:
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (rows,)


@pytest.mark.parametrize(("ci", "outcome"), [("true", "Failed"), ("", "Skipped")])
def test_missing_binaries_skip_the_tests_except_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(fixture, "binaries_folder", lambda: None)
    # the outcomes of pytest derive from BaseException
    with pytest.raises(BaseException, match="no PostgreSQL binaries") as raised:
        next(fixture.postgres.__wrapped__())
    assert type(raised.value).__name__ == outcome
