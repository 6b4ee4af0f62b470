"""`schema sync`: each new migration of Django's becomes a revision that does the same."""

from pathlib import Path

import pytest

from strangler.errors import UsageError
from strangler.schema.catalogue import compare
from strangler.schema.databases import live_database
from strangler.schema.revisions import history, set_owner
from strangler.schema.sync import sync
from tests.schema.conftest import (
    alembic,
    copied,
    empty_like,
    environment_of,
    migrate,
    write_migration,
)

FIRST = """
        migrations.CreateModel("Brand", [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=40, unique=True)),
        ]),
        migrations.AddField("product", "brand", models.ForeignKey(
            "catalog.brand", models.PROTECT, null=True)),
        migrations.AddField("product", "colour", models.CharField(max_length=9, default="50 %")),
        migrations.AlterField("product", "sku", models.CharField(max_length=30)),
        migrations.RemoveField("product", "weight_kg"),
        migrations.AddConstraint("product", models.CheckConstraint(
            condition=models.Q(name__contains="%") | models.Q(stock__lt=9), name="no_percent")),
"""
SECOND = """
        migrations.RunPython(lambda apps, schema: apps.get_model("catalog", "Brand").objects.create(
            name="it's: 100 %")),
        migrations.AddIndex("brand", models.Index(fields=["-name"], name="brand_by_name")),
"""


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def shop(request, tmp_path: Path):
    """The shop with a baseline and two new migrations that nobody has applied."""
    folder = tmp_path / "project"
    found = copied(request, request.param, folder, "shop_synced")
    write_migration(folder / "shop", "0005_brand", FIRST, "0004_product_slug_unique")
    write_migration(folder / "shop", "0006_brands", SECOND, "0005_brand")
    return found


@pytest.mark.slow
def test_revisions_build_what_migrations_do(shop, tmp_path, request) -> None:
    written = sync(shop.project, environment_of(shop))
    assert written.revisions == ("0002", "0003")
    assert written.stamped == "0001"  # the live database has none of them yet
    assert written.notes == (
        "catalog/migrations/0006_brands.py:8: catalog.0006_brands runs Python: what it does to "
        "rows that an empty database does not have is in no revision",
    )
    empty = empty_like(request, shop.url, tmp_path)
    done = alembic(shop, empty, "upgrade", "head")
    assert done.returncode == 0, done.stderr
    migrate(shop.folder / "shop", shop.url)
    with live_database(shop.url) as django, live_database(empty) as built:
        tables = set(django.catalogue()) - {"django_migrations"}
        assert set(built.catalogue()) == tables
        assert "catalog_brand" in tables
        assert compare(built.catalogue(), django.catalogue(), tables).differences == []
        for name in sorted(tables - {"alembic_version"}):
            assert built.rows([name]) == django.rows([name])
    # Django migrated the live database meanwhile: there is nothing to write, and a new stamp
    again = sync(shop.project, environment_of(shop))
    assert (again.files, again.stamped) == ((), "0003")
    with live_database(shop.url) as live:
        assert live.rows(["alembic_version"])[0].endswith("('0003')")


def test_a_migration_that_was_changed_since_its_revision_is_refused(shop) -> None:
    """Its revision would build a database that no longer is what Django makes."""
    sync(shop.project, environment_of(shop))
    changed = FIRST.replace('default="50 %"', 'default="50 %", db_default="red"')
    write_migration(shop.folder / "shop", "0005_brand", changed, "0004_product_slug_unique")
    with pytest.raises(UsageError, match=r"changed since its revision: catalog_product: .*colour"):
        sync(shop.project, environment_of(shop))
    for each in history(shop.project.out).revisions[1:]:
        each.file.unlink()
    assert sync(shop.project, environment_of(shop)).revisions == ("0002", "0003")


def test_once_alembic_owns_the_schema_there_is_nothing_to_sync(shop) -> None:
    set_owner(shop.project.out, "alembic")
    with pytest.raises(UsageError, match="Alembic owns the schema"):
        sync(shop.project, environment_of(shop))


def test_without_a_baseline_there_is_nothing_to_go_on_from(sqlite_shop) -> None:
    with pytest.raises(UsageError, match="there is no baseline"):
        sync(sqlite_shop.project, environment_of(sqlite_shop))


def test_revisions_that_branch_are_refused(shop) -> None:
    first = history(shop.project.out).revisions[0].file
    first.with_name("0002_other.py").write_text('revision = "x"\ndown_revision = "y"\n')
    with pytest.raises(UsageError, match="the revisions branch"):
        history(shop.project.out)
