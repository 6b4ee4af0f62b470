"""`schema baseline`: one revision builds what all of Django's migrations built."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from strangler.errors import EnvironmentProblem, UsageError
from strangler.schema.baseline import baseline
from strangler.schema.catalogue import compare
from strangler.schema.databases import live_database
from strangler.schema.revisions import history
from tests.schema.conftest import (
    alembic,
    empty_like,
    environment_of,
    migrate,
    moved,
    write_migration,
)


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def based(request):
    """The shop with a baseline, on each kind of database."""
    return request.getfixturevalue(f"{request.param}_based")


@pytest.fixture
def empty(based, tmp_path: Path, request) -> str:
    """An empty database of the same kind."""
    return empty_like(request, based.url, tmp_path)


@pytest.mark.slow
def test_an_empty_database_becomes_what_django_makes(based, empty) -> None:
    done = alembic(based, empty, "upgrade", "head")
    assert done.returncode == 0, done.stderr
    with live_database(based.url) as django, live_database(empty) as built:
        tables = set(django.catalogue()) - {"django_migrations"}
        assert set(built.catalogue()) == tables
        assert compare(django.catalogue(), built.catalogue(), tables).differences == []
        for name in tables - {"alembic_version"}:
            assert built.rows([name]) == django.rows([name])
        assert len(built.rows(["auth_permission", "django_content_type"])) >= 2
    done = alembic(based, empty, "check")  # there Alembic may look: Django never came
    assert "No new upgrade operations detected" in done.stdout, done.stderr


def test_keys_go_on_where_the_seeds_end(postgres_based, new_database) -> None:
    url = new_database("shop_empty")
    alembic(postgres_based, url, "upgrade", "head")
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b') RETURNING "
            "id, (SELECT max(id) FROM django_content_type)"
        ).fetchone()
    assert row is not None
    assert row[0] == row[1] + 1


@pytest.mark.parametrize("command", [["upgrade", "head"], ["revision", "-m", "mine"], ["check"]])
def test_alembic_keeps_off_what_django_owns(command, based) -> None:
    done = alembic(based, based.url, *command)
    assert done.returncode != 0
    assert "Django owns this schema" in done.stderr + done.stdout
    assert [each.name for each in history(based.project.out).revisions] == ["0001"]


def test_the_live_database_is_stamped_and_otherwise_as_it_was(based, request) -> None:
    kind = based.url.partition(":")[0]
    shops = {"sqlite": "sqlite_shop", "postgresql": "postgres_shop", "mysql": "mariadb_shop"}
    before = request.getfixturevalue(shops[kind])
    with live_database(based.url) as live, live_database(before.url) as earlier:
        assert set(live.catalogue()) - set(earlier.catalogue()) == {"alembic_version"}
        assert live.rows(["alembic_version"])[0].endswith("('0001')")
        names = set(earlier.catalogue())
        assert compare(live.catalogue(), earlier.catalogue(), names).differences == []


def test_a_second_baseline_is_refused(based) -> None:
    with pytest.raises(UsageError, match=r"has a baseline already"):
        baseline(based.project, environment_of(based), based.tables)


def test_a_difference_leaves_nothing_written(sqlite_shop, tmp_path) -> None:
    file = tmp_path / "project" / "shop" / "db.sqlite3"
    shop = moved(sqlite_shop, tmp_path / "project", f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP INDEX catalog_product_price")
    written = baseline(shop.project, environment_of(shop), shop.tables)
    assert [each.table for each in written.differences] == ["catalog_product"]
    assert written.files == ()
    assert not (shop.project.out / "alembic.ini").exists()
    assert not (shop.project.out / "migrations").exists()


@pytest.mark.slow
def test_a_table_that_no_model_describes_is_compared_as_well(sqlite_shop, tmp_path) -> None:
    file = tmp_path / "project" / "shop" / "db.sqlite3"
    shop = moved(sqlite_shop, tmp_path / "project", f"sqlite:///{file}")
    write_migration(
        shop.folder / "shop",
        "0005_more",
        '        migrations.RunSQL("CREATE TABLE more (n integer)"),\n'
        '        migrations.RunSQL("INSERT INTO more VALUES (7)"),',
        "0004_product_slug_unique",
    )
    written = baseline(shop.project, environment_of(shop), shop.tables)
    assert {(each.table, each.what) for each in written.differences} == {
        ("more", "table, only in the migrations"),
        ("django_migrations", "migration catalog.0005_more is not applied"),
    }
    migrate(shop.folder / "shop", shop.url)
    written = baseline(shop.project, environment_of(shop), shop.tables, stamp=False)
    assert written.differences == ()
    assert alembic(shop, f"sqlite:///{tmp_path}/new.sqlite3", "upgrade", "head").returncode == 0
    with closing(sqlite3.connect(tmp_path / "new.sqlite3")) as connection:
        assert connection.execute("SELECT n FROM more").fetchall() == [(7,)]
    with live_database(shop.url) as live:
        assert "alembic_version" not in live.catalogue()


BY_HAND = """
CREATE TYPE mood AS ENUM ('happy', 'it''s: sad');
CREATE COLLATION fast (provider = icu, locale = 'und', deterministic = false);
CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.name := upper(NEW.name); RETURN NEW; END';
CREATE TRIGGER louder BEFORE INSERT ON catalog_tag FOR EACH ROW EXECUTE FUNCTION loud();
CREATE VIEW cheap AS SELECT id, name FROM catalog_product WHERE price < 5 AND name LIKE '%a:b%';
CREATE TABLE by_hand (
    "From" integer GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 5) PRIMARY KEY,
    mood mood NOT NULL DEFAULT 'happy', "words" text COLLATE fast,
    doubled integer GENERATED ALWAYS AS (length(words) * 2) STORED,
    span int4range, EXCLUDE USING gist (span WITH &&));
CREATE UNIQUE INDEX by_words ON by_hand (lower(words) DESC, "From") INCLUDE (mood)
    WITH (fillfactor = 50) WHERE mood = 'happy';
CREATE TABLE "By hand" (name text);
CREATE INDEX "By name" ON "By hand" (name);
COMMENT ON TABLE by_hand IS 'it''s 100 %: by hand';
INSERT INTO by_hand (mood, words) VALUES ('it''s: sad', E'a "quoted" \\\\ :word\\n100 %');
"""


@pytest.mark.slow
def test_what_migrations_made_by_hand_is_built_too(postgres_shop, new_database, tmp_path) -> None:
    shop = moved(postgres_shop, tmp_path / "project", new_database("shop_by_hand", "shop_schema"))
    statement = f"        migrations.RunSQL({BY_HAND!r}),"
    write_migration(shop.folder / "shop", "0005_more", statement, "0004_product_slug_unique")
    migrate(shop.folder / "shop", shop.url)
    written = baseline(shop.project, environment_of(shop), shop.tables)
    assert written.differences == ()
    url = new_database("shop_empty")
    done = alembic(shop, url, "upgrade", "head")
    assert done.returncode == 0, done.stderr
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO catalog_tag (name, slug) VALUES ('quiet', 'quiet')")
        row = connection.execute(
            'SELECT name, "From", words, doubled, (SELECT count(*) FROM cheap) '
            "FROM catalog_tag, by_hand"
        ).fetchone()
    assert row == ("QUIET", 5, 'a "quoted" \\ :word\n100 %', 48, 0)


def test_alembic_neither_makes_nor_changes_what_is_unmanaged(sqlite_shop, tmp_path) -> None:
    url, name = f"sqlite:///{tmp_path / 'live.sqlite3'}", "authtoken_token"
    shutil.copy(sqlite_shop.url.removeprefix("sqlite:///"), tmp_path / "live.sqlite3")
    shop = moved(sqlite_shop, tmp_path / "project", url)
    tables = replace(shop.tables, wanted=shop.tables.wanted - {name}, unmanaged=frozenset({name}))
    assert baseline(shop.project, environment_of(shop), tables).differences == ()
    empty = tmp_path / "empty.sqlite3"
    alembic(shop, f"sqlite:///{empty}", "upgrade", "head")
    with closing(sqlite3.connect(empty)) as connection:
        connection.execute(f"DROP TABLE {name}")
    done = alembic(shop, f"sqlite:///{empty}", "check")
    assert "No new upgrade operations detected" in done.stdout, done.stderr


def test_a_role_that_may_make_no_databases_is_told(postgres_shop, new_database, tmp_path) -> None:
    shop = moved(postgres_shop, tmp_path / "project", new_database("shop_changed", "shop_schema"))
    with psycopg.connect(shop.url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS poor")
        connection.execute("CREATE ROLE poor LOGIN")
        connection.execute("GRANT CREATE ON DATABASE shop_changed TO poor")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO poor")
    environment = {**environment_of(shop), "DATABASE_URL": shop.url.replace("strangler@", "poor@")}
    with pytest.raises(EnvironmentProblem, match="may not create databases"):
        baseline(shop.project, environment, shop.tables)
    assert not (shop.project.out / "alembic.ini").exists()


def test_a_role_that_may_make_no_table_is_told_what_is_written(
    postgres_shop, new_database, postgres_url, tmp_path
) -> None:
    shop = moved(postgres_shop, tmp_path / "project", new_database("shop_changed", "shop_schema"))
    with psycopg.connect(shop.url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS onlooker")
        connection.execute("CREATE ROLE onlooker LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker")
    url = shop.url.replace("strangler@", "onlooker@")
    told = "not stamped with 0001: alembic stamp: .*permission denied for schema public"
    with pytest.raises(EnvironmentProblem, match=told):
        baseline(
            shop.project,
            {**environment_of(shop), "DATABASE_URL": url},
            shop.tables,
            scratch=postgres_url,
        )
    assert (shop.project.out / "alembic.ini").exists()


def test_files_that_are_there_are_not_written_over(sqlite_based, tmp_path) -> None:
    folder = tmp_path / "project"
    shop = moved(sqlite_based, folder, f"sqlite:///{folder / 'shop' / 'db.sqlite3'}")
    ini, revisions = shop.project.out / "alembic.ini", shop.project.out / "migrations" / "versions"
    text = ini.read_text()
    ini.unlink()
    with pytest.raises(UsageError, match=r"there is no \S+alembic.ini beside the revisions"):
        baseline(shop.project, environment_of(shop), shop.tables)
    ini.write_text(text.replace("schema_owner = django", "schema_owner = nobody"))
    with pytest.raises(UsageError, match="'nobody', neither django nor alembic"):
        baseline(shop.project, environment_of(shop), shop.tables)
    ini.write_text(text)
    (revision,) = revisions.glob("*.py")
    revision.write_text(revision.read_text().replace("\nrevision = ", "\nrevison = "))
    with pytest.raises(UsageError, match="the revision lacks revision"):
        baseline(shop.project, environment_of(shop), shop.tables)
    revision.write_text("x = =\n")
    with pytest.raises(UsageError, match=r"0001_baseline.py:1: the revision cannot be read"):
        baseline(shop.project, environment_of(shop), shop.tables)
    revisions.parent.rename(shop.project.out / "elsewhere")
    with pytest.raises(UsageError, match=r"alembic.ini has no first revision"):
        baseline(shop.project, environment_of(shop), shop.tables)
