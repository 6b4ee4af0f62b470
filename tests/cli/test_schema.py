"""`strangler schema` as people type it: one line, exit codes, JSON."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from strangler.cli import main


@pytest.fixture
def migrated(project: Path) -> Path:
    """The shop beside its application, with a SQLite database."""
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=project / "shop", check=True)
    return project


def test_check_says_that_the_tables_are_alike(migrated, monkeypatch, capsys) -> None:
    monkeypatch.chdir(migrated)
    assert main(["schema", "check"]) == 0
    assert capsys.readouterr().out == (
        "24 tables: the models equal the sqlite database; Alembic's autogenerate is empty\n"
    )


def test_check_of_another_kind_of_database_is_refused(
    migrated, monkeypatch, capsys, new_database
) -> None:
    monkeypatch.chdir(migrated)
    assert main(["schema", "check", "--database", new_database("shop_empty")]) == 2
    assert capsys.readouterr().err == (
        "strangler: the settings name a sqlite database, this one is postgresql "
        "(convert and check with the settings that production uses)\n"
    )


def test_check_exits_1_and_lists_what_differs(migrated, monkeypatch, capsys) -> None:
    with closing(sqlite3.connect(migrated / "shop" / "db.sqlite3")) as connection:
        connection.execute("DROP INDEX catalog_product_price")
    monkeypatch.chdir(migrated)
    assert main(["schema", "check"]) == 1
    assert capsys.readouterr().out == (
        "catalog_product\n"
        "  + index catalog_product_price: (category_id, price), only in the application\n"
        "\n1 difference between the models and the sqlite database\n"
    )
    assert main(["schema", "check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "tables": 24,
        "dialect": "sqlite",
        "differences": [
            {
                "kind": "add_index",
                "table": "catalog_product",
                "what": "index catalog_product_price: (category_id, price), only in the application",
            }
        ],
        "notes": [],
        "pending": [],
    }


@pytest.mark.slow
def test_from_the_baseline_to_the_handover(migrated, monkeypatch, capsys) -> None:
    monkeypatch.chdir(migrated)
    assert main(["schema", "sync"]) == 2
    assert capsys.readouterr().err == (
        f"strangler: there is no baseline in {migrated / 'newapp'} (strangler schema baseline)\n"
    )
    assert main(["schema", "baseline"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"written: {migrated / 'newapp' / 'alembic.ini'}"
    assert said[-1] == "the database is stamped with 0001"
    assert main(["schema", "sync", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "files": [],
        "revisions": [],
        "tables": 0,
        "stamped": "0001",
        "differences": [],
        "notes": [],
    }
    (migrated / "shop" / "catalog" / "migrations" / "0005_nothing.py").write_text(
        "from django.db import migrations\n\n\n"
        "class Migration(migrations.Migration):\n"
        '    dependencies = [("catalog", "0004_product_slug_unique")]\n'
    )
    assert main(["schema", "handover"]) == 1
    assert capsys.readouterr().out == (
        "catalog.0005_nothing has no revision: strangler schema sync\n"
        "Django still owns the schema\n"
    )
    (migrated / "shop" / "catalog" / "migrations" / "0005_nothing.py").unlink()
    assert main(["schema", "handover"]) == 0
    assert capsys.readouterr().out.endswith("Alembic owns the schema\n")
    for again in ("check", "sync", "handover"):
        assert main(["schema", again]) == 2
        assert "Alembic owns the schema" in capsys.readouterr().err
    assert main(["schema", "handover", "--back"]) == 0
    assert capsys.readouterr().out.endswith("Django owns the schema\n")


def test_ci_exits_1_and_names_file_and_line(project, monkeypatch, capsys) -> None:
    monkeypatch.chdir(project)
    assert main(["schema", "check", "--ci"]) == 0
    assert capsys.readouterr().out == (
        "0 migrations since the conversion, none breaks the running application\n"
    )
    (project / "shop" / "catalog" / "migrations" / "0005_weightless.py").write_text(
        "from django.db import migrations\n\n\n"
        "class Migration(migrations.Migration):\n"
        '    dependencies = [("catalog", "0004_product_slug_unique")]\n'
        '    operations = [migrations.RemoveField("product", "weight_kg")]\n'
    )
    assert main(["schema", "check", "--ci"]) == 1
    pending, advice, *said = capsys.readouterr().out.splitlines(keepends=True)
    assert pending.endswith(
        "catalog.Product has a change without a migration: Add field weight_kg to product\n"
    )
    assert advice == "next: manage.py makemigrations\n"
    assert "".join(said) == (
        "catalog/migrations/0005_weightless.py:6: catalog.0005_weightless "
        "removes column weight_kg of catalog_product\n"
        "\n1 migration since the conversion, 1 breaks the running application\n"
        "next: take it in two releases, as docs/schema.md says\n"
    )
    assert main(["schema", "check", "--ci", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["new"] == ["catalog.0005_weightless"]
    assert told["breaks"][0]["source"] == "catalog/migrations/0005_weightless.py:6"


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("postgresql://nobody@127.0.0.1:1/shop", "strangler: PostgreSQL at 127.0.0.1:1 refuses"),
        ("sqlite:////nowhere/db.sqlite3", "strangler: there is no database /nowhere/db.sqlite3 ("),
        (
            "oracle://root@127.0.0.1/shop",
            "strangler: schemas of oracle databases cannot be compared",
        ),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_line(
    url, line, project, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(project)
    assert main(["schema", "check", "--database", url]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(line)
    assert said.err.count("\n") == 1


def test_a_path_of_a_database_is_that_of_the_folder_where_it_is_typed(
    migrated, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(migrated / "shop")
    arguments = ["--out", str(migrated / "newapp"), "--database", "sqlite:///db.sqlite3"]
    assert main(["schema", "check", *arguments]) == 0
    assert not (migrated / "newapp" / "db.sqlite3").exists()


def test_tables_are_compared_though_the_migrations_cannot_be_read(
    migrated, monkeypatch, capsys
) -> None:
    (migrated / "shop" / "catalog" / "migrations" / "0005_bad.py").write_text("x = =\n")
    monkeypatch.chdir(migrated)
    assert main(["schema", "check"]) == 2
    said = capsys.readouterr()
    assert said.out.startswith("24 tables: the models equal the sqlite database")
    assert "0005_bad.py:1: SyntaxError" in said.err
