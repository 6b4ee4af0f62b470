"""`schema check`: each change of the live tables is named, and nothing else is."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from strangler.errors import EnvironmentProblem, UsageError
from strangler.schema.catalogue import Comparison
from strangler.schema.check import check, strict_comparison
from strangler.schema.databases import live_database, scratch_of
from tests.schema.conftest import environment_of, migrate, moved, write_migration

# what is done to the database, and a piece of each line that has to tell of it
POSTGRES = {
    "index dropped": (
        "DROP INDEX catalog_product_price",
        ["+ catalog_product: index catalog_product_price: using btree (category_id, price), only"],
    ),
    "index renamed": (
        "ALTER INDEX catalog_product_price RENAME TO other",
        ["~ catalog_product: index other in the database, catalog_product_price in the app"],
    ),
    "index of other columns": (
        "DROP INDEX catalog_product_price; "
        "CREATE INDEX catalog_product_price ON catalog_product (category_id, price DESC)",
        ["~ catalog_product: index catalog_product_price: definition using btree (category_id, "],
    ),
    "index added": (
        "CREATE INDEX mine ON catalog_tag (name)",
        ["- catalog_tag: index mine: using btree (name), only in the database"],
    ),
    "operator class": (
        "DROP INDEX catalog_tag_slug_193b049a_like; "
        "CREATE INDEX catalog_tag_slug_193b049a_like ON catalog_tag (slug)",
        ["~ catalog_tag: index catalog_tag_slug_193b049a_like: definition using btree (slug) in"],
    ),
    "type": (
        "ALTER TABLE catalog_product ALTER price TYPE numeric(12, 2)",
        ["~ catalog_product: column price: type numeric(12,2) in the database, numeric(10,2) in"],
    ),
    "lost NOT NULL": (
        "ALTER TABLE catalog_product ALTER name DROP NOT NULL",
        ["~ catalog_product: column name: nullability null in the database, not null in the app"],
    ),
    "default": (
        "ALTER TABLE catalog_product ALTER stock SET DEFAULT 3",
        ["~ catalog_product: column stock: default 3 in the database, none in the application"],
    ),
    "check": (
        "ALTER TABLE catalog_product DROP CONSTRAINT catalog_price_positive, "
        "ADD CONSTRAINT catalog_price_positive CHECK (price > 1)",
        ["~ catalog_product: check constraint catalog_price_positive: definition CHECK (price > 1"],
    ),
    "check not valid": (
        "ALTER TABLE catalog_product DROP CONSTRAINT catalog_price_positive, "
        "ADD CONSTRAINT catalog_price_positive CHECK (price > 0) NOT VALID",
        ["~ catalog_product: check constraint catalog_price_positive: definition CHECK (price > 0"],
    ),
    "column missing": (
        "ALTER TABLE catalog_product DROP COLUMN weight_kg",
        ["+ catalog_product: column weight_kg: double precision, null, only in the application"],
    ),
    "column added": (
        "ALTER TABLE catalog_product ADD COLUMN extra integer",
        ["- catalog_product: column extra: integer, null, only in the database"],
    ),
    "foreign key": (
        "ALTER TABLE orders_order DROP CONSTRAINT orders_order_user_id_e9b59eb1_fk_accounts_user_id",
        ["+ orders_order: foreign key orders_order_user_id_e9b59eb1_fk_accounts_user_id: FOREIGN "],
    ),
    "foreign key at once": (
        "ALTER TABLE orders_order "
        "ALTER CONSTRAINT orders_order_user_id_e9b59eb1_fk_accounts_user_id NOT DEFERRABLE",
        ["~ orders_order: foreign key orders_order_user_id_e9b59eb1_fk_accounts_user_id: definit"],
    ),
    "collation": (
        'ALTER TABLE catalog_tag ALTER name TYPE varchar(50) COLLATE "C"',
        ['~ catalog_tag: column name: collation "C" in the database, none in the application'],
    ),
    "comment": (
        "COMMENT ON COLUMN catalog_tag.name IS 'a name'",
        ["~ catalog_tag: column name: comment a name in the database, none in the application"],
    ),
    "identity": (
        "ALTER TABLE reviews_review ALTER id SET GENERATED ALWAYS",
        ["~ reviews_review: column id: identity always as identity in the database, by default"],
    ),
    "identity lost": (
        "ALTER TABLE reviews_review ALTER id DROP IDENTITY",
        ["~ reviews_review: column id: identity none in the database, by default as identity in"],
    ),
    "steps of an identity": (
        "ALTER TABLE reviews_review ALTER id SET INCREMENT 2",
        ["~ reviews_review: column id: sequence start 1 increment 2 min 1 cache 1 in the data"],
    ),
    "table": (
        "DROP TABLE reports_activity",
        ["+ reports_activity: table, only in the application"],
    ),
    "comment of a table": (
        "COMMENT ON TABLE reports_activity IS 'what happened'",
        ["~ reports_activity: table: comment what happened in the database, none in the appl"],
    ),
}

SQLITE = {
    "index dropped": (
        "DROP INDEX catalog_product_price",
        ["+ catalog_product: index catalog_product_price: (category_id, price), only in the"],
    ),
    "index of other columns": (
        "DROP INDEX catalog_product_price; "
        "CREATE INDEX catalog_product_price ON catalog_product (category_id, price DESC)",
        ["~ catalog_product: index catalog_product_price: definition (category_id, price desc) in"],
    ),
    "column missing": (
        "ALTER TABLE catalog_product DROP COLUMN weight_kg",
        ["+ catalog_product: column weight_kg: real, null, only in the application"],
    ),
    "column added": (
        "ALTER TABLE catalog_product ADD COLUMN extra integer",
        ["- catalog_product: column extra: integer, null, only in the database"],
    ),
    "table": ("DROP TABLE reports_activity", ["+ reports_activity: table, only in the app"]),
}
# on SQLite a table is changed by changing the statement that made it
REWRITTEN = {
    "type": (
        ("catalog_product", '"price" decimal', '"price" numeric'),
        ["~ catalog_product: column price: type numeric in the database, decimal in the applic"],
    ),
    "lost NOT NULL": (
        ("catalog_product", '"name" varchar(200) NOT NULL', '"name" varchar(200)'),
        ["~ catalog_product: column name: nullability null in the database, not null in the app"],
    ),
    "default": (
        ("catalog_product", '"stock" integer unsigned', '"stock" integer unsigned DEFAULT -3'),
        ["~ catalog_product: column stock: default -3 in the database, none in the application"],
    ),
    "check": (
        ("catalog_product", "\"price\" > '0'", "\"price\" > '1'"),
        ["~ catalog_product: check constraint catalog_price_positive: expression price > '1' in"],
    ),
    "foreign key": (
        ("orders_order", ' REFERENCES "accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED', ""),
        ["+ orders_order: foreign key: (user_id), accounts_user (id), deferrable initially defer"],
    ),
    "foreign key at once": (
        (
            "orders_order",
            '"accounts_user" ("id") DEFERRABLE INITIALLY DEFERRED',
            '"accounts_user" ("id")',
        ),
        [
            "- orders_order: foreign key: (user_id), accounts_user (id), only in the database",
            "+ orders_order: foreign key: (user_id), accounts_user (id), deferrable initially defer",
        ],
    ),
    "unique": (
        ("catalog_tag", '"slug" varchar(50) NOT NULL UNIQUE', '"slug" varchar(50) NOT NULL'),
        ["+ catalog_tag: unique constraint: (slug), only in the application"],
    ),
    "numbers used again": (
        ("catalog_tag", " AUTOINCREMENT", ""),
        ["~ catalog_tag: column id: identity none in the database, autoincrement in the appli"],
    ),
    "collation": (
        ("catalog_tag", '"name" varchar(50)', '"name" varchar(50) COLLATE NOCASE'),
        ["~ catalog_tag: column name: collation nocase in the database, none in the application"],
    ),
}


def lines(found: Comparison) -> list[str]:
    signs = {"a": "+", "r": "-", "m": "~"}
    return [f"{signs[each.kind[0]]} {each.table}: {each.what}" for each in found.differences]


def assert_told(found: Comparison, expected: list[str]) -> None:
    told = lines(found)
    assert len(told) == len(expected), told
    for piece in expected:
        assert any(line.startswith(piece) for line in told), told


@pytest.mark.parametrize("change", POSTGRES)
def test_each_change_on_postgresql_is_named(change, postgres_shop, new_database) -> None:
    statements, expected = POSTGRES[change]
    url = new_database("shop_changed", "shop_schema")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.encode())
    with live_database(url) as live:
        found = strict_comparison(live, postgres_shop.application, postgres_shop.tables)
    assert_told(found, expected)


@pytest.mark.parametrize("change", SQLITE)
def test_each_change_on_sqlite_is_named(change, sqlite_shop, tmp_path) -> None:
    statements, expected = SQLITE[change]
    file = _copy(sqlite_shop, tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(statements)
    with live_database(f"sqlite:///{file}") as live:
        found = strict_comparison(live, sqlite_shop.application, sqlite_shop.tables)
    assert_told(found, expected)


@pytest.mark.parametrize("change", REWRITTEN)
def test_each_change_inside_a_table_of_sqlite_is_named(change, sqlite_shop, tmp_path) -> None:
    (table, old, new), expected = REWRITTEN[change]
    file = tmp_path / "changed.sqlite3"
    query = "SELECT name, sql FROM sqlite_master WHERE sql NOTNULL AND name NOT LIKE 'sqlite%'"
    with (
        closing(sqlite3.connect(sqlite_shop.url.removeprefix("sqlite:///"))) as origin,
        closing(sqlite3.connect(file)) as copy,
    ):
        for name, statement in origin.execute(f"{query} ORDER BY type DESC"):
            assert name != table or old in statement, statement
            copy.execute(statement.replace(old, new) if name == table else statement)
    with live_database(f"sqlite:///{file}") as live:
        found = strict_comparison(live, sqlite_shop.application, sqlite_shop.tables)
    assert_told(found, expected)


def _copy(shop, folder: Path) -> Path:
    file = folder / "db.sqlite3"
    shutil.copy(shop.url.removeprefix("sqlite:///"), file)
    return file


@pytest.mark.parametrize("kind", ["sqlite_shop", "postgres_shop"])
def test_what_django_made_is_what_the_models_say(kind, request) -> None:
    shop = request.getfixturevalue(kind)
    outcome = check(shop.project, {"DATABASE_URL": shop.url, "SECRET_KEY": "x"}, shop.tables)
    assert outcome.differences == ()
    assert outcome.tables == 24


def test_names_that_django_derived_earlier_are_noted(postgres_shop, new_database) -> None:
    url = new_database("shop_changed", "shop_schema")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "ALTER INDEX catalog_tag_slug_193b049a_like RENAME TO old_label_slug_0123abcd_like; "
            "ALTER TABLE catalog_product_tags RENAME CONSTRAINT "
            "catalog_product_tags_product_id_tag_id_daa0ee1f_uniq TO old_0123abcd_uniq; "
            "ALTER TABLE orders_order RENAME CONSTRAINT "
            "orders_order_user_id_e9b59eb1_fk_accounts_user_id TO old_user_id_0123abcd_fk"
        )
    environment = {"DATABASE_URL": url, "SECRET_KEY": "x"}
    outcome = check(postgres_shop.project, environment, postgres_shop.tables)
    assert outcome.differences == ()
    assert (
        "catalog_tag: index catalog_tag_slug_193b049a_like goes by old_label_slug_0123abcd_like"
        in outcome.notes
    )
    assert len([note for note in outcome.notes if "goes by" in note]) == 3


@pytest.mark.parametrize("kind", ["sqlite_shop", "postgres_shop"])
def test_a_migration_that_is_not_applied_is_noted(kind, request, tmp_path, new_database) -> None:
    shop = request.getfixturevalue(kind)
    statement = "DELETE FROM django_migrations WHERE app = 'reviews'"
    if kind == "sqlite_shop":
        file = _copy(shop, tmp_path)
        url = f"sqlite:///{file}"
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(statement)
    else:
        url = new_database("shop_changed", "shop_schema")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement)
    outcome = check(shop.project, {"DATABASE_URL": url, "SECRET_KEY": "x"}, shop.tables)
    assert outcome.differences == ()
    told = [note for note in outcome.notes if "not applied" in note]
    assert told == ["reviews.0001_initial is not applied: manage.py migrate"]


def test_keys_of_serial_columns_and_of_many_to_many_tables_are_noted(
    postgres_shop, new_database
) -> None:
    url = new_database("shop_changed", "shop_schema")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "ALTER TABLE reviews_review ALTER id DROP IDENTITY; CREATE SEQUENCE r_id_seq; "
            "ALTER TABLE reviews_review ALTER id SET DEFAULT nextval('r_id_seq'); "
            "ALTER SEQUENCE r_id_seq OWNED BY reviews_review.id; "
            "ALTER TABLE catalog_product_tags ALTER id TYPE integer"
        )
    environment = {"DATABASE_URL": url, "SECRET_KEY": "x"}
    outcome = check(postgres_shop.project, environment, postgres_shop.tables)
    assert outcome.differences == ()
    assert "reviews_review.id takes its numbers from a sequence (serial)" in outcome.notes
    assert any(note.startswith("catalog_product_tags.id is integer, not") for note in outcome.notes)


@pytest.mark.parametrize("rights", ["CREATEDB", "NOCREATEDB"])
def test_a_role_without_the_right_to_make_schemas_gets_a_database_or_is_told(
    rights, postgres_shop, new_database, postgres_url
) -> None:
    url = new_database("shop_changed", "shop_schema")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute(f"CREATE ROLE reader LOGIN {rights}".encode())
        connection.execute("REVOKE CREATE ON DATABASE shop_changed FROM PUBLIC")
    with live_database(url.replace("strangler@", "reader@")) as live:
        if rights == "NOCREATEDB":
            with pytest.raises(EnvironmentProblem, match="may not create databases"):
                strict_comparison(live, postgres_shop.application, postgres_shop.tables)
        else:
            found = strict_comparison(live, postgres_shop.application, postgres_shop.tables)
            assert found.differences == []
    assert _scratches(postgres_url) == []


def test_a_comparison_leaves_nothing_behind(postgres_shop, postgres_url) -> None:
    def things() -> list[str]:
        with psycopg.connect(postgres_shop.url) as connection:
            query = "SELECT relname FROM pg_class UNION ALL SELECT nspname FROM pg_namespace"
            return sorted(row[0] for row in connection.execute(query))

    before = things()
    with live_database(postgres_shop.url) as live:
        strict_comparison(live, postgres_shop.application, postgres_shop.tables)
    assert things() == before
    assert _scratches(postgres_url) == []


def _scratches(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        query = r"SELECT datname FROM pg_database WHERE datname LIKE 'strangler\_%'"
        return [row[0] for row in connection.execute(query)]


def test_an_unknown_kind_of_database_is_refused_by_name() -> None:
    with (
        pytest.raises(UsageError, match="schemas of oracle databases"),
        live_database("oracle://h/d"),
    ):
        pass


def test_a_sqlite_file_that_is_not_there_is_not_made(tmp_path) -> None:
    with (
        pytest.raises(EnvironmentProblem, match="there is no database"),
        live_database(f"sqlite:///{tmp_path}/none.sqlite3"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "is no URL of a database"),
        ("shop.sqlite3", "is no URL of a database"),
        ("sqlite://", "names no file"),
    ],
)
def test_what_is_no_url_of_a_database_is_said_to_be_none(url, told) -> None:
    with pytest.raises(UsageError, match=told), live_database(url):
        pass


def test_scratch_databases_are_of_the_live_ones_kind() -> None:
    assert scratch_of("postgres://h/d", "postgresql+psycopg://h/e") == "postgresql+psycopg://h/e"
    with pytest.raises(UsageError, match="names a sqlite database, the live one is postgresql"):
        scratch_of("postgresql://h/d", "sqlite:////d")


@pytest.mark.parametrize("lacks", ["CREATE ON DATABASE", "SELECT"])
def test_a_role_that_may_only_read_is_enough_beside_another_server(
    lacks, postgres_shop, new_database, postgres_url
) -> None:
    url = new_database("shop_changed", "shop_schema")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS onlooker")
        connection.execute("CREATE ROLE onlooker LOGIN")
        connection.execute("REVOKE CREATE ON DATABASE shop_changed FROM PUBLIC")
        if lacks != "SELECT":
            connection.execute("GRANT SELECT ON django_migrations TO onlooker")
    environment = {
        **environment_of(postgres_shop),
        "DATABASE_URL": url.replace("strangler@", "onlooker@"),
    }
    project, tables = postgres_shop.project, postgres_shop.tables
    if lacks == "SELECT":
        with pytest.raises(EnvironmentProblem, match="denied for table django_migrations"):
            check(project, environment, tables, postgres_url)
        return
    with pytest.raises(EnvironmentProblem, match="schema --scratch"):
        check(project, environment, tables)
    assert check(project, environment, tables, postgres_url).differences == ()
    assert _scratches(postgres_url) == []


def test_a_database_that_nobody_migrated_is_said_to_be_one(sqlite_shop, tmp_path) -> None:
    file = tmp_path / "empty.sqlite3"
    file.touch()
    environment = {**environment_of(sqlite_shop), "DATABASE_URL": f"sqlite:///{file}"}
    outcome = check(sqlite_shop.project, environment, sqlite_shop.tables)
    assert outcome.notes == ("no migration is applied: manage.py migrate",)


def test_a_migration_that_came_after_the_conversion_is_noted_beside_its_differences(
    sqlite_shop, tmp_path
) -> None:
    file = tmp_path / "project" / "shop" / "db.sqlite3"
    shop = moved(sqlite_shop, tmp_path / "project", f"sqlite:///{file}")
    operation = '        migrations.AddField("tag", "colour", models.TextField(null=True)),'
    write_migration(shop.folder / "shop", "0005_colour", operation, "0004_product_slug_unique")
    migrate(shop.folder / "shop", None)
    outcome = check(shop.project, environment_of(shop), shop.tables)
    assert [each.table for each in outcome.differences] == ["catalog_tag"]
    assert outcome.notes == ("catalog.0005_colour came after the conversion: strangler convert",)
