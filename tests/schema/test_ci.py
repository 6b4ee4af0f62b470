"""`schema check --ci`: a migration that the running application breaks on is named with its line."""

import shutil
from contextlib import nullcontext
from dataclasses import replace

import pytest

from strangler.errors import EnvironmentProblem, UsageError
from strangler.schema import ci
from strangler.schema.ci import LEGACY_MIGRATIONS, Break, Judgement, Pending, judge, pending
from tests.legacy.old_python import require_python_3_6
from tests.schema.conftest import write_migration

LAST = "0004_product_slug_unique"

# operations, and what is said of each of their lines; None: nothing
CASES = {
    "a column without a default": (
        'migrations.AddField("product", "colour", models.CharField(max_length=9, default="red")),',
        "adds column colour to catalog_product, NOT NULL without a database default",
    ),
    "a column with a database default": (
        'migrations.AddField("product", "colour", models.CharField(max_length=9, db_default="r")),',
        None,
    ),
    "a column that may be null": (
        'migrations.AddField("product", "colour", models.CharField(max_length=9, null=True)),',
        None,
    ),
    "a many-to-many table": (
        'migrations.AddField("product", "also", models.ManyToManyField("catalog.product")),',
        "? adds a foreign key from catalog_product_also to catalog_product: the application "
        "deletes rows there all the same",
    ),
    "a column removed": (
        'migrations.RemoveField("product", "weight_kg"),',
        "removes column weight_kg of catalog_product",
    ),
    "a column renamed": (
        'migrations.RenameField("product", "weight_kg", "weight"),',
        "renames column weight_kg of catalog_product to weight",
    ),
    "a table renamed": (
        'migrations.AlterModelTable("stockmovement", "movements"),',
        "renames table catalog_stockmovement to movements",
    ),
    "a table removed": (
        'migrations.DeleteModel("stockmovement"),',
        "removes table catalog_stockmovement",
    ),
    "another type": (
        'migrations.AlterField("product", "weight_kg", models.IntegerField(null=True)),',
        "changes column weight_kg of catalog_product from real to integer",
    ),
    "a shorter text": (
        'migrations.AlterField("product", "sku", models.CharField(max_length=5)),',
        "changes column sku of catalog_product from varchar(20) to varchar(5)",
    ),
    "a longer text": (
        'migrations.AlterField("product", "sku", models.CharField(max_length=50)),',
        None,
    ),
    "NOT NULL": (
        'migrations.AlterField("product", "weight_kg", models.FloatField(default=0)),',
        "makes column weight_kg of catalog_product NOT NULL",
    ),
    "an index": (
        'migrations.AddIndex("product", models.Index(fields=["sku"], name="by_sku")),',
        None,
    ),
    "labels only": (
        'migrations.AlterField("product", "sku", models.CharField("s", max_length=20)),',
        None,
    ),
    "the state only": (
        "migrations.SeparateDatabaseAndState(state_operations=["
        'migrations.RemoveField("product", "weight_kg")]),',
        None,
    ),
    "the database only": (
        "migrations.SeparateDatabaseAndState(database_operations=["
        'migrations.RemoveField("product", "weight_kg")]),',
        "removes column weight_kg of catalog_product",
    ),
    "SQL that changes a table": (
        'migrations.RunSQL("ALTER TABLE catalog_product DROP COLUMN weight_kg"),',
        "removes column weight_kg of catalog_product",
    ),
    "SQL that drops what the application does not know": (
        'migrations.RunSQL("ALTER TABLE catalog_product DROP COLUMN old_weight;"),',
        None,
    ),
    "SQL that nobody understands": (
        'migrations.RunSQL("ALTER TABLE catalog_product DROP CONSTRAINT x, DROP COLUMN y"),',
        "changes catalog_product by SQL that cannot be judged",
    ),
    "SQL that changes no table of ours": (
        'migrations.RunSQL("CREATE INDEX by_weight ON catalog_product (weight_kg)"),',
        None,
    ),
    "code": ("migrations.RunPython(migrations.RunPython.noop),", None),
    "a unique column": (
        'migrations.AlterField("product", "weight_kg", models.FloatField(null=True, unique=True)),',
        "makes (weight_kg) of catalog_product unique: the application may write rows that are alike",
    ),
    "a unique constraint": (
        'migrations.AddConstraint("product", models.UniqueConstraint(fields=["name"], name="n")),',
        "makes (name) of catalog_product unique: the application may write rows that are alike",
    ),
    "unique together": (
        'migrations.AlterUniqueTogether("product", {("name", "price")}),',
        "makes (name, price) of catalog_product unique: the application may write rows that are "
        "alike",
    ),
    "a unique constraint beside one that is stricter": (
        'migrations.AddConstraint("product", '
        'models.UniqueConstraint(fields=["slug", "name"], name="n")),',
        None,
    ),
    "a unique column that it does not know": (
        'migrations.AddField("product", "code", models.CharField(max_length=9, null=True, '
        "unique=True)),",
        None,
    ),
    "a unique column that the database fills alike": (
        'migrations.AddField("product", "code", models.CharField(max_length=9, db_default="x", '
        "unique=True)),",
        "makes (code) of catalog_product unique: the application may write rows that are alike",
    ),
    "a unique constraint over one column that it does not know": (
        "migrations.SeparateDatabaseAndState(database_operations=["
        'migrations.AddField("product", "code", models.IntegerField(null=True)), '
        'migrations.AddConstraint("product", '
        'models.UniqueConstraint(fields=["name", "code"], name="n"))]),',
        None,
    ),
    "a unique expression": (
        'migrations.AddConstraint("product", '
        'models.UniqueConstraint(models.functions.Upper("name"), name="n")),',
        "makes (name) of catalog_product unique: the application may write rows that are alike",
    ),
    "another name for a constraint": (
        "migrations.SeparateDatabaseAndState(database_operations=["
        'migrations.RemoveConstraint("product", "catalog_price_positive"), '
        'migrations.AddConstraint("product", models.CheckConstraint('
        'condition=models.Q(price__gt=__import__("decimal").Decimal("0")), name="n"))]),',
        "adds a check constraint to catalog_product over (price): the application may write rows "
        "that it refuses",
    ),
    "a check of a column that it knows": (
        'migrations.AddConstraint("product", models.CheckConstraint('
        'condition=models.Q(stock__lt=models.F("price")), name="n")),',
        "adds a check constraint to catalog_product over (price, stock): the application may "
        "write rows that it refuses",
    ),
    "a check of a column that it does not know": (
        "migrations.SeparateDatabaseAndState(database_operations=["
        'migrations.AddField("product", "code", models.IntegerField(null=True)), '
        'migrations.AddConstraint("product", models.CheckConstraint('
        'condition=models.Q(code__gt=0), name="n"))]),',
        "? adds a check constraint to catalog_product over (code): it must let NULL or the "
        "database default pass",
    ),
    "a key out of a number": (
        'migrations.AlterField("digitalproduct", "file_size", models.ForeignKey('
        '"catalog.tag", models.CASCADE, db_column="file_size")),',
        "adds a foreign key to column file_size of catalog_digitalproduct, which may hold what "
        "catalog_tag does not have",
    ),
    "a new table that points to one of its own": (
        'migrations.CreateModel("review", [("id", models.BigAutoField(primary_key=True)), '
        '("product", models.ForeignKey("catalog.product", models.CASCADE))]),',
        "? adds a foreign key from catalog_review to catalog_product: the application deletes "
        "rows there all the same",
    ),
    "a new table that points to one of its own without a constraint": (
        'migrations.CreateModel("review", [("id", models.BigAutoField(primary_key=True)), '
        '("product", models.ForeignKey("catalog.product", models.CASCADE, db_constraint=False))]),',
        None,
    ),
}


@pytest.fixture
def own_shop(sqlite_shop, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(sqlite_shop.folder, folder)
    return replace(
        sqlite_shop,
        folder=folder,
        project=replace(sqlite_shop.project, path=folder / "shop", out=folder / "newapp"),
    )


@pytest.mark.slow
def test_each_kind_of_operation_is_judged_with_its_line(own_shop, monkeypatch) -> None:
    with ci.executor(own_shop.project) as legacy:  # one for all: a start takes seconds
        monkeypatch.setattr(ci, "executor", lambda project: nullcontext(legacy))
        for number, (operation, what) in enumerate(CASES.values(), 5):
            name = f"{number:04}_case"
            write_migration(own_shop.folder / "shop", name, f"        {operation}", LAST)
            source = f"catalog/migrations/{name}.py:7"
            found = judge(own_shop.project, own_shop.tables.wanted)
            assert found.new == (f"catalog.{name}",)
            said = [each.what for each in found.breaks]
            said += [f"? {each.what}" for each in found.doubts]
            assert said == ([what] if what else [])
            assert {each.source for each in (*found.breaks, *found.doubts)} <= {source}
            (own_shop.folder / "shop" / "catalog" / "migrations" / f"{name}.py").unlink()


def test_lines_count_within_a_migration_and_migrations_follow_each_other(own_shop) -> None:
    shop = own_shop.folder / "shop"
    first = (
        "        migrations.RunPython(migrations.RunPython.noop),\n"
        '        migrations.AddField("tag", "colour", models.TextField(null=True)),'
    )
    write_migration(shop, "0005_first", first, LAST)
    second = (
        '        migrations.RemoveField("tag", "colour"),\n'  # which the application never knew
        '        migrations.RemoveField("tag", "name"),'
    )
    write_migration(shop, "0006_second", second, "0005_first")
    found = judge(own_shop.project, own_shop.tables.wanted)
    assert found.new == ("catalog.0005_first", "catalog.0006_second")
    assert found.breaks == (
        Break(
            "catalog.0006_second",
            "catalog/migrations/0006_second.py:8",
            "removes column name of catalog_tag",
        ),
    )


def test_a_change_of_a_model_without_a_migration_is_told_with_its_line(own_shop) -> None:
    file = own_shop.folder / "shop" / "catalog" / "models.py"
    text = file.read_text().replace(
        "    weight_kg = models.FloatField(", "    colour = models.TextField(null=True)\n    weight_kg = models.FloatField("
    )  # fmt: skip
    assert "models.CharField(max_length=200)" in text
    file.write_text(
        text.replace(
            "models.CharField(max_length=200)", 'models.CharField("title", max_length=200)'
        )
    )
    found = judge(own_shop.project, own_shop.tables.wanted)
    line = file.read_text().splitlines().index("class Product(TimeStampedModel):") + 1
    place = ("catalog.Product", f"catalog/models.py:{line}")
    assert found.pending == (
        Pending(*place, "Add field colour to product", tables=True, own=True),
        Pending(*place, "Alter field name on product", tables=False, own=True),
    )
    assert [each.missing for each in found.pending] == [True, False]
    assert not found.passes


def test_a_project_without_new_migrations_has_nothing_to_judge(sqlite_shop) -> None:
    found = judge(sqlite_shop.project, sqlite_shop.tables.wanted)
    assert found == Judgement((), ())


def test_an_application_that_does_not_say_what_it_was_made_from_is_refused(own_shop) -> None:
    (own_shop.folder / "newapp" / "app" / "migrations.py").unlink()
    with pytest.raises(UsageError, match="nothing says which migrations"):
        judge(own_shop.project, own_shop.tables.wanted)


def test_what_legacy_runs_is_python_3_6() -> None:
    for name in ("migrations", "constraints", "pending"):
        text = LEGACY_MIGRATIONS.with_name(f"legacy_{name}.py").read_text()
        require_python_3_6(text)


def test_migrations_that_cannot_be_read_are_named_with_their_line(own_shop) -> None:
    folder = own_shop.folder / "shop"
    (folder / "catalog" / "migrations" / "0005_bad.py").write_text("\nx = =\n")
    with pytest.raises(EnvironmentProblem, match=r"catalog/migrations/0005_bad.py:2: SyntaxError"):
        judge(own_shop.project, own_shop.tables.wanted)


def test_two_last_migrations_of_an_app_are_refused(own_shop) -> None:
    folder = own_shop.folder / "shop"
    for name in ("0005_one", "0005_two"):
        write_migration(folder, name, "", "0004_product_slug_unique")
    with pytest.raises(UsageError, match="two last migrations, 0005_one and 0005_two"):
        pending(own_shop.project)
