"""`schema check` on MariaDB: each change of a live table is named, and nothing else is."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from strangler.errors import EnvironmentProblem
from strangler.schema.catalogue import compare
from strangler.schema.databases import live_database
from tests.mariadb import Server

STATEMENTS = (
    "CREATE TABLE maker (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL)",
    "CREATE TABLE product (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, "
    "stock integer UNSIGNED NOT NULL CHECK (`stock` >= 0), price numeric(10, 2) NOT NULL, "
    "made datetime(6) NULL, data json NOT NULL, code varchar(8) COLLATE utf8mb4_bin UNIQUE, "
    "twice integer AS (`stock` * 2) STORED, maker_id bigint NOT NULL, "
    "CONSTRAINT dear CHECK (price > 0), CONSTRAINT pair UNIQUE (code, price), "
    "CONSTRAINT owner FOREIGN KEY (maker_id) REFERENCES maker (id)) COMMENT 'what is sold'",
    "CREATE INDEX newest ON product (made DESC, price)",
)
NAMES = ("dear", "pair", "owner", "newest")
CHANGES = {
    "type": ("MODIFY price numeric(12, 2) NOT NULL", "column price: type decimal(12,2)"),
    "nullability": ("MODIFY price numeric(10, 2) NULL", "column price: nullability null in"),
    "default": ("ALTER price SET DEFAULT 3", "column price: default 3.00 in the database"),
    "sign": ("MODIFY stock integer NOT NULL CHECK (`stock` >= 0)", "column stock: type int(11)"),
    "collation": ("MODIFY code varchar(8)", "column code: collation none in the database"),
    "precision": ("MODIFY made datetime NULL", "column made: type datetime in the database"),
    "numbering": ("MODIFY id bigint NOT NULL", "column id: identity none in the database"),
    "check": ("DROP CONSTRAINT dear", "check constraint dear: table, `price` > 0, only in the app"),
    "key": ("DROP FOREIGN KEY owner", "foreign key owner: (maker_id), maker (id)"),
    "index": ("DROP INDEX newest", "index newest: (made DESC, price), btree, only in the app"),
    "order": (
        "DROP INDEX newest, ADD INDEX newest (made, price)",
        "index newest: definition (made, price) in the database, (made DESC, price)",
    ),
    "unique": (
        "DROP INDEX pair, ADD INDEX pair (code, price)",
        "index pair: definition (code, pri",
    ),
    "column": ("ADD extra integer", "column extra: int(11), null, only in the database"),
    "comment": ("COMMENT 'other'", "table: comment other in the database, what is sold in the app"),
}


def differences(url: str) -> list[str]:
    with live_database(url) as live:
        made = live.scratch(STATEMENTS, NAMES)
        found = compare(live.catalogue(), made, ("maker", "product"))
    return [each.what for each in found.differences]


@pytest.fixture
def url(mariadb: Server, new_mariadb_database: Callable[[str], str]) -> str:
    made = new_mariadb_database("schema")
    mariadb.execute("USE `schema`", *STATEMENTS)
    return made


def test_equal_tables_differ_in_nothing(mariadb: Server, url: str) -> None:
    assert differences(url) == []
    with live_database(url) as live:
        assert live.applied() == []


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_named(mariadb: Server, url: str, change: str) -> None:
    alteration, told = CHANGES[change]
    mariadb.execute("USE `schema`", f"ALTER TABLE product {alteration}")
    found = differences(url)
    assert any(told in line for line in found), found


def test_scratch_databases_are_dropped(mariadb: Server, url: str) -> None:
    with live_database(url) as live, pytest.raises(EnvironmentProblem, match="cannot be made: "):
        live.scratch(["CREATE TABLE broken (id nothing)"], ())
    with live_database(url) as live:
        assert "strangler_" not in " ".join(live.catalogue())
    assert mariadb.databases("%_scratch") == []


def test_the_right_that_lacks_is_named(mariadb: Server, url: str) -> None:
    mariadb.execute(
        "CREATE OR REPLACE USER reader@'127.0.0.1'",
        "GRANT SELECT ON `schema`.* TO reader@'127.0.0.1'",
    )
    port = urlsplit(url).port
    with (
        live_database(f"mysql://reader@127.0.0.1:{port}/schema") as live,
        pytest.raises(EnvironmentProblem, match="'reader' may not create databases"),
    ):
        live.scratch(STATEMENTS, NAMES)
