"""`schema handover`: one owner at a time, and a way back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from strangler.errors import UsageError
from strangler.schema.handover import _SCRIPT, hand_back, hand_over
from strangler.schema.revisions import owner, set_owner
from tests.legacy.old_python import require_python_3_6
from tests.schema.conftest import alembic, copied, environment_of, migrate, moved, write_migration

OWN = '''"""A column of our own."""

import sqlalchemy as sa
from alembic import op

revision = "mine"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("catalog_tag", sa.Column("colour", sa.Text))


def downgrade() -> None:
    op.drop_column("catalog_tag", "colour")
'''


@pytest.fixture(params=["postgres", "mariadb"])
def shop(request, tmp_path: Path):
    """The shop with a baseline, stamped. On SQLite the commands' test goes the whole way."""
    return copied(request, request.param, tmp_path / "project", "shop_handed")


def sources(shop) -> dict[str, str]:
    """Every Python file of the legacy project."""
    root = shop.folder / "shop"
    return {str(p.relative_to(root)): p.read_text() for p in sorted(root.rglob("*.py"))}


def manage(shop, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", *arguments]
    environment = dict(shop.project.environment)
    return subprocess.run(
        command,
        cwd=shop.folder / "shop",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_schema_goes_to_alembic_and_back(shop) -> None:
    before = sources(shop)
    done = hand_over(shop.project, environment_of(shop), shop.tables)
    assert (done.owner, done.obstacles, done.differences) == ("alembic", (), ())
    assert "catalog/migrations/0005_alembic_owns_the_schema.py" in done.files
    assert owner(shop.project.out) == "alembic"
    # Django has nothing to do, and would do nothing to a table that is changed in its models
    models = shop.folder / "shop" / "catalog" / "models.py"
    unmanaged = models.read_text()
    assert "No changes detected" in manage(shop, "makemigrations", "--check").stdout
    models.write_text(unmanaged.replace("max_length=50, unique=True", "max_length=60, unique=True"))
    assert "catalog_tag" not in manage(shop, "sqlmigrate", "catalog", "0005").stdout
    models.write_text(unmanaged)
    # Alembic works on the live database now
    assert alembic(shop, shop.url, "upgrade", "head").returncode == 0
    own = shop.project.out / "migrations" / "versions" / "mine.py"
    own.write_text(OWN)
    assert alembic(shop, shop.url, "upgrade", "head").returncode == 0
    stopped = hand_back(shop.project, environment_of(shop))
    assert stopped.owner == "alembic"
    assert "mine.py is a revision of your own" in stopped.obstacles[0]
    assert alembic(shop, shop.url, "downgrade", "0001").returncode == 0
    own.unlink()
    migrate(shop.folder / "shop", shop.url)
    stopped = hand_back(shop.project, environment_of(shop))
    assert "catalog.0005_alembic_owns_the_schema is applied" in " ".join(stopped.obstacles)
    for app, name in (
        ("catalog", "0004"),
        ("accounts", "0001"),
        ("orders", "0001"),
        ("reviews", "0001"),
        ("reports", "0001"),
    ):
        assert manage(shop, "migrate", app, name).returncode == 0
    done = hand_back(shop.project, environment_of(shop))
    assert (done.owner, done.obstacles) == ("django", ())
    assert sources(shop) == before
    assert owner(shop.project.out) == "django"


def test_the_way_back_knows_migrations_by_name_wherever_their_files_are(
    sqlite_based, tmp_path
) -> None:
    folder = tmp_path / "project"
    shop = moved(sqlite_based, folder, f"sqlite:///{folder / 'shop' / 'db.sqlite3'}")
    set_owner(shop.project.out, "alembic")
    written = {"moved/elsewhere/0004_product_slug_unique.py": [None, ""]}
    (shop.project.out / ".strangler" / "handover.json").write_text(json.dumps(written))
    stopped = hand_back(shop.project, environment_of(shop))
    (obstacle,) = stopped.obstacles
    assert obstacle.startswith("catalog.0004_product_slug_unique is applied")


def test_what_is_not_ready_is_named_and_nothing_is_done(shop) -> None:
    operation = '        migrations.AddField("tag", "colour", models.TextField(null=True)),'
    write_migration(shop.folder / "shop", "0005_colour", operation, "0004_product_slug_unique")
    before = sources(shop)
    done = hand_over(shop.project, environment_of(shop), shop.tables)
    assert done.owner == "django"
    assert "catalog.0005_colour has no revision: strangler schema sync" in done.obstacles
    assert any("a model has no migration yet" in each for each in done.obstacles)
    assert sources(shop) == before
    assert owner(shop.project.out) == "django"


def test_revisions_that_build_other_tables_are_in_the_way(shop) -> None:
    before = sources(shop)
    (revision,) = (shop.project.out / "migrations" / "versions").glob("0001*.py")
    text = revision.read_text()
    assert "catalog_price_positive" in text
    revision.write_text(text.replace("catalog_price_positive", "catalog_price_above_nothing"))
    done = hand_over(shop.project, environment_of(shop), shop.tables)
    assert done.owner == "django"
    assert all("revisions build another table, catalog_product" in e for e in done.obstacles)
    assert done.obstacles
    assert sources(shop) == before


def test_a_file_that_was_changed_since_is_left_to_a_person(shop) -> None:
    hand_over(shop.project, environment_of(shop), shop.tables)
    models = shop.folder / "shop" / "catalog" / "models.py"
    models.write_text(models.read_text() + "# mine\n")
    done = hand_back(shop.project, environment_of(shop))
    assert done.obstacles == (
        "catalog/models.py was changed since: take managed = False out by hand",
    )
    assert models.read_text().endswith("# mine\n")


def test_what_has_no_other_owner_is_not_handed_back(shop) -> None:
    with pytest.raises(UsageError, match="Django owns the schema"):
        hand_back(shop.project, environment_of(shop))


def test_what_legacy_runs_is_python_3_6() -> None:
    require_python_3_6(_SCRIPT.read_text())
