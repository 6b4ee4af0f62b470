"""Twins: equal copies that say what a request changed and go back to where they were."""

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest

from strangler.diff import RowChange
from strangler.errors import EnvironmentProblem
from strangler.verify.executor import Executor
from strangler.verify.postgres_server import Server
from strangler.verify.project import Project
from strangler.verify.relay import PORT, PostgresRelay
from strangler.verify.requests import Request
from strangler.verify.source import prepared
from strangler.verify.twins import Place, Twins
from strangler.verify.twins_mariadb import MariaDBTwins

HOST = (("Host", "localhost"), ("Accept", "application/json"))
Legacy = Callable[[], Executor]

SQL = """
def operations(legacy):
    def sql(message):
        with load("django.db").connection.cursor() as cursor:
            for statement in message["statements"]:
                cursor.execute(statement)
            return {"rows": [list(map(str, row)) for row in cursor.fetchall()]
                    if cursor.description else []}
    return {"sql": sql}
"""


@pytest.fixture
def run(legacy: Legacy, twins: Twins) -> Iterator[Callable[..., list[list[str]]]]:
    """Runs SQL in the legacy process."""
    legacy().ask({"op": "add", "name": "sql", "source": SQL})

    def ask(*statements: str) -> list[list[str]]:
        rows: list[list[str]] = legacy().ask({"op": "sql", "statements": statements})["rows"]
        return rows

    yield ask
    assert twins.undo()
    assert twins.changes("legacy") == []


def test_nothing_written_is_no_change(run: Callable[..., list[list[str]]], twins: Twins) -> None:
    run("SELECT * FROM notes_note")
    assert twins.changes("legacy") == []


def test_inserts_updates_and_deletes_are_found_with_both_states(
    run: Callable[..., list[list[str]]], twins: Twins
) -> None:
    run(
        "UPDATE notes_note SET title = 'once' WHERE id = 2",
        "UPDATE notes_note SET title = 'twice' WHERE id = 2",
        "DELETE FROM notes_note WHERE id = 3",
        "INSERT INTO notes_note (owner_id, code, title, stars, created) "
        "SELECT owner_id, '00000000000000000000000000000001', 'new', 0, created "
        "FROM notes_note WHERE id = 1",
    )
    changes = {change.key: change for change in twins.changes("legacy")}
    assert changes.keys() == {"2", "3", "7"}
    assert _title(changes["2"].before) != "twice" == _title(changes["2"].after)
    assert changes["3"].after is None
    assert (changes["7"].before, _title(changes["7"].after)) == (None, "new")
    assert {change.table for change in changes.values()} == {"notes_note"}
    assert twins.changes("new") == []


def _title(row: dict[str, object] | None) -> object:
    assert row is not None
    return row["title"]


def test_rows_written_as_they_were_are_no_change(
    run: Callable[..., list[list[str]]], twins: Twins
) -> None:
    run("UPDATE notes_note SET title = title", "DELETE FROM notes_note WHERE id = 99")
    assert [c for c in twins.changes("legacy") if c.before != c.after] == []


def test_undo_brings_back_rows_references_and_sequences(
    run: Callable[..., list[list[str]]], twins: Twins
) -> None:
    everything = "SELECT * FROM notes_note ORDER BY id"
    before = run(everything)
    insert = (
        "INSERT INTO notes_note (owner_id, code, title, stars, created) VALUES "
        "(1, '00000000000000000000000000000002', 'x', 0, '2024-01-01')"
    )
    run(insert, "UPDATE notes_note SET owner_id = 2, stars = 5", "DELETE FROM notes_note")
    assert twins.undo()
    assert run(everything) == before
    run(insert)
    assert [change.key for change in twins.changes("legacy")] == ["7"]


def test_undo_brings_back_keys_that_no_row_has(
    run: Callable[..., list[list[str]]], twins: Twins
) -> None:
    """A row that is there already is passed over, and its key is used up."""
    ignored = "INSERT IGNORE" if isinstance(twins, MariaDBTwins) else "INSERT"
    again = (
        " INTO notes_note (owner_id, code, title, stars, created) "
        "SELECT owner_id, {}, 'new', 0, created FROM notes_note WHERE id = 1"
    )
    conflict = "" if isinstance(twins, MariaDBTwins) else " ON CONFLICT DO NOTHING"
    run(ignored + again.format("code") + conflict)
    assert twins.changes("legacy") == []
    assert twins.undo()
    run("INSERT" + again.format("'00000000000000000000000000000009'"))
    assert [change.key for change in twins.changes("legacy")] == ["7"]


def test_a_request_that_writes_is_seen_and_undone(
    legacy: Legacy, twins: Twins, project: Project
) -> None:
    with project.seeding(twins.place("legacy"), "namespace") as executor:
        answer = executor.ask(
            {
                "op": "credentials",
                "authenticators": ["rest_framework.authentication.TokenAuthentication"],
                "users": ["1"],
            }
        )
    headers = next(iter(answer["credentials"].values()))["headers"]["1"]
    sent = tuple((name, value) for name, value in headers)
    exchange = legacy().send(Request("POST", "/api/stamp/", (*HOST, *sent)))
    assert exchange.status == 201
    notes = [c for c in twins.changes("legacy") if c.table == "notes_note"]
    assert [change.key for change in notes] == [str(json.loads(exchange.body)["id"])]
    assert twins.undo()


def test_a_fresh_clone_is_the_template(legacy: Legacy, twins: Twins) -> None:
    legacy().ask({"op": "add", "name": "sql", "source": SQL})
    legacy().ask({"op": "sql", "statements": ["DELETE FROM notes_note"]})
    legacy().ask({"op": "reset", "connections": True})
    twins.clone()
    assert twins.changes("legacy") == []
    rows = legacy().ask({"op": "sql", "statements": ["SELECT count(*) FROM notes_note"]})["rows"]
    assert rows == [["6"]]


def test_rows_of_the_template_come_in_the_order_of_their_keys(twins: Twins) -> None:
    assert [row["id"] for row in twins.rows("notes_note", 4)] == [1, 2, 3, 4]
    assert twins.rows("no_such_table", 4) == []
    owners = [str(row["owner_id"]) for row in twins.rows("notes_note", 9)]
    assert len(set(owners)) > 1
    theirs = twins.rows("notes_note", 9, "owner_id", [owners[-1], "no such user's"])
    assert [str(row["owner_id"]) for row in theirs] == [owners[-1]] * owners.count(owners[-1])


def test_a_postgresql_source_is_copied_on_its_server(
    project: Project, new_database: Callable[..., str]
) -> None:
    url = new_database("notes_source")
    server = Server.of_url(url)
    settings = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": server.database,
        "USER": server.user,
        "HOST": server.host,
        "PORT": str(server.port),
    }
    hello = {"vendor": "postgresql", "database": settings}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE leftover (id int PRIMARY KEY, word text)")
        connection.execute("INSERT INTO leftover VALUES (1, 'kept')")
    copied = prepared(project, hello, None)
    try:
        with project.seeding(copied.template(), "namespace") as executor:
            executor.ask({"op": "migrate"})
            executor.ask({"op": "rows", "models": {"auth.User": 2, "notes.Note": 2}})
        copied.freeze()
        assert copied.rows("leftover", 2) == [{"id": 1, "word": "kept"}]
        assert len(copied.rows("notes_note", 5)) == 2
    finally:
        copied.close()


def test_rows_are_carried_from_one_kind_of_database_to_the_other(
    project: Project, new_database: Callable[..., str], postgres_url: str
) -> None:
    server = Server.of_url(new_database("notes_carried"))
    settings = {
        "NAME": server.database,
        "USER": server.user,
        "HOST": server.host,
        "PORT": str(server.port),
    }
    source = Place("postgresql", settings, "", (server.host,))
    with project.seeding(source, "none") as executor:
        executor.ask({"op": "migrate"})
        executor.ask({"op": "rows", "models": {"auth.User": 2, "notes.Note": 2}})
    engine = {"ENGINE": "django.db.backends.postgresql", **settings}
    carried = prepared(project, {"vendor": "postgresql", "database": engine}, "sqlite://")
    try:
        carried.freeze()
        assert carried.vendor == "sqlite3"
        assert [row["id"] for row in carried.rows("notes_note", 5)] == [1, 2]
    finally:
        carried.close()


def test_a_database_that_cannot_be_reached_is_one_line(project: Project) -> None:
    settings = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": "1"}
    with pytest.raises(EnvironmentProblem, match=r"PostgreSQL at 127.0.0.1:1 refuses"):
        prepared(project, {"vendor": "postgresql", "database": settings}, None)


def test_a_database_that_twins_cannot_be_made_of_is_named(project: Project) -> None:
    settings = {"ENGINE": "django.db.backends.oracle"}
    with pytest.raises(EnvironmentProblem, match=r"django.db.backends.oracle"):
        prepared(project, {"vendor": "", "database": settings}, None)


def test_the_right_that_lacks_is_named(postgres_url: str, new_database: Callable[..., str]) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS weak")
        connection.execute("CREATE ROLE weak LOGIN")
    server = Server.of_url(postgres_url.replace("strangler@", "weak@"))
    with pytest.raises(EnvironmentProblem, match=r"may not create databases.*CREATEDB"):
        server.create("strangler_weak")


def test_the_relay_leads_to_one_database_only(postgres_url: str) -> None:
    server = Server.of_url(postgres_url)
    relay = PostgresRelay(server.host, server.port, {"postgres"})
    try:
        here = {"host": relay.folder, "port": PORT, "user": server.user}
        with psycopg.connect(dbname="postgres", **here) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="lets nobody into database 'template1'"):
            psycopg.connect(dbname="template1", **here)
        assert relay.refused == ["template1"]
    finally:
        relay.close()


def test_changes_are_values_that_json_holds(run: Callable[..., object], twins: Twins) -> None:
    run("UPDATE notes_note SET stars = 4 WHERE id = 1")
    (change,) = twins.changes("legacy")
    assert isinstance(change, RowChange)
    assert json.dumps(change.after)


def test_what_undo_left_behind_is_noticed(
    legacy: Legacy, run: Callable[..., object], twins: Twins
) -> None:
    if twins.vendor == "sqlite3":
        pytest.skip("SQLite twins are copied anew instead")
    run("UPDATE notes_note SET stars = 4 WHERE id = 1")
    assert twins.undo()
    assert twins.intact()
    silenced, heard = {
        "postgresql": ("ALTER TABLE notes_note DISABLE TRIGGER USER", "SELECT 1"),
        "mysql": ("SET @strangler_undo = 1", "SET @strangler_undo = NULL"),
    }[twins.vendor]
    run(silenced, "UPDATE notes_note SET stars = stars + 1", heard)
    assert twins.changes("legacy") == []
    assert not twins.intact()
    legacy().ask({"op": "reset", "connections": True})
    twins.clone()
    assert twins.intact()
