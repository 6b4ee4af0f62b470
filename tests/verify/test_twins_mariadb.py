"""Twins of MariaDB: copied on their server, watched where its foreign keys act, kept apart."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pymysql
import pytest

from strangler.errors import EnvironmentProblem
from strangler.verify.mariadb_server import Server
from strangler.verify.project import Project
from strangler.verify.relay_mariadb import MariaDBRelay
from strangler.verify.source import prepared
from strangler.verify.twins_mariadb import MariaDBTwins
from tests.mariadb import Server as Started

TABLES = (
    "CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(9) NOT NULL UNIQUE)",
    "CREATE TABLE loose (word VARCHAR(9), at DATETIME(6), worth DECIMAL(9,2))",
    "INSERT INTO parent VALUES (1, 'one'), (2, 'two')",
    "INSERT INTO loose VALUES ('a', '2026-01-01 10:00:00', 1.50), ('b', NULL, NULL)",
)
CASCADING = (
    "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT NOT NULL,"
    " FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE)",
    "INSERT INTO child VALUES (7, 1), (8, 2)",
)


@pytest.fixture
def server(mariadb: Started) -> Server:
    return Server.of_url(mariadb.url)


@pytest.fixture
def made(server: Server) -> Iterator[Callable[..., MariaDBTwins]]:
    """Makes twins of tables."""
    running: list[MariaDBTwins] = []

    def make(*statements: str) -> MariaDBTwins:
        twins = MariaDBTwins(server)
        running.append(twins)
        execute(server, twins.names["frozen"], *statements)
        twins.freeze()
        return twins

    yield make
    for twins in running:
        twins.close()


def execute(server: Server, database: str, *statements: str) -> None:
    with closing(server.connect(database)) as connection:
        for statement in statements:
            connection.cursor().execute(statement)


def seen(twins: MariaDBTwins) -> list[tuple[str, str, bool, bool]]:
    changes = twins.changes("legacy")
    return [(c.table, c.key, c.before is not None, c.after is not None) for c in changes]


def test_rows_that_the_database_deletes_by_itself_are_changes(made, server) -> None:
    twins = made(*TABLES, *CASCADING)
    execute(server, twins.names["legacy"], "DELETE FROM parent WHERE id = 1")
    assert seen(twins) == [("parent", "1", True, False), ("child", "7", True, False)]
    assert not twins.undo()
    twins.clone()
    assert seen(twins) == []


def test_keys_that_somebody_chose_and_rows_without_a_key_are_put_back(made, server) -> None:
    twins = made(*TABLES)
    execute(
        server,
        twins.names["legacy"],
        "UPDATE parent SET id = 0 WHERE id = 2",
        "UPDATE loose SET worth = 2 WHERE word = 'a'",
        "DELETE FROM loose WHERE word = 'b'",
        "INSERT INTO parent (name) VALUES ('three')",
    )
    assert {(table, before, after) for table, _, before, after in seen(twins)} == {
        ("parent", True, False),
        ("parent", False, True),
        ("loose", True, False),
        ("loose", False, True),
    }
    assert twins.undo()
    assert seen(twins) == []
    assert twins.intact()
    execute(server, twins.names["legacy"], "INSERT INTO parent (name) VALUES ('again')")
    assert seen(twins) == [("parent", "3", False, True)]


def test_values_are_what_json_holds(made) -> None:
    rows = made(*TABLES).rows("loose", 1)
    assert rows == [{"word": "a", "at": "2026-01-01 10:00:00.000000", "worth": "1.50"}]


def test_a_source_is_copied_on_its_server(
    project: Project, server: Server, mariadb: Started, new_mariadb_database
) -> None:
    new_mariadb_database("notes_source")
    execute(server, "notes_source", *TABLES)
    settings = {
        "ENGINE": "django.db.backends.mysql",
        "NAME": "notes_source",
        "USER": server.user,
        "HOST": server.host,
        "PORT": str(server.port),
    }
    twins = prepared(project, {"vendor": "mysql", "database": settings}, None)
    try:
        with project.seeding(twins.template(), "namespace") as executor:
            executor.ask({"op": "migrate"})
            executor.ask({"op": "rows", "models": {"auth.User": 2, "notes.Note": 2}})
        twins.freeze()
        assert [row["name"] for row in twins.rows("parent", 9)] == ["one", "two"]
        assert len(twins.rows("notes_note", 5)) == 2
    finally:
        twins.close()
    assert not {*twins.names.values()} & {*mariadb.databases("strangler%")}
    execute(server, "notes_source", "INSERT INTO parent VALUES (3, 'here')")


def test_the_relay_leads_to_one_database_only(server: Server, new_mariadb_database) -> None:
    new_mariadb_database("relayed")
    relay = MariaDBRelay(server.host, server.port, {"relayed"})
    try:
        with pymysql.connect(unix_socket=relay.path, user=server.user, database="relayed") as there:
            cursor = there.cursor()
            cursor.execute("SELECT DATABASE()")
            assert cursor.fetchone() == ("relayed",)
        for other in ("mysql", None):
            with pytest.raises(pymysql.OperationalError, match="lets nobody into"):
                pymysql.connect(unix_socket=relay.path, user=server.user, database=other)
        assert relay.refused == ["mysql", ""]
    finally:
        relay.close()


def test_a_server_that_is_gone_is_one_line() -> None:
    relay = MariaDBRelay("127.0.0.1", 1, {"any"})
    try:
        with pytest.raises(pymysql.OperationalError, match="the server is not reachable"):
            pymysql.connect(unix_socket=relay.path, user="any", database="any")
    finally:
        relay.close()
    with pytest.raises(EnvironmentProblem, match=r"MariaDB at 127.0.0.1:1 refuses"):
        Server.of_url("mysql://any@127.0.0.1:1/any").connect()


def test_the_right_that_lacks_is_named(server: Server, mariadb: Started) -> None:
    mariadb.execute("CREATE OR REPLACE USER weak@'127.0.0.1'")
    with pytest.raises(EnvironmentProblem, match=r"may not create databases.*GRANT ALL"):
        MariaDBTwins(Server.of_url(mariadb.url.replace("strangler@", "weak@")))
