"""The shop for PostgreSQL and for SQLite: converted, migrated, and what its models say."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from strangler.cli import main
from strangler.config import discover, resolve
from strangler.convert.ledger import read_ledger
from strangler.legacy import read_facts
from strangler.schema.baseline import baseline
from strangler.schema.check import Tables, described
from strangler.serving.programs import project_of
from strangler.verify.project import Project


@dataclass(frozen=True)
class Shop:
    """A folder with `shop/` and `newapp/`, and a database that Django migrated."""

    folder: Path
    url: str
    project: Project
    tables: Tables
    application: Mapping[str, Any]


def migrate(shop: Path, url: str | None, *arguments: str) -> None:
    environment = dict(os.environ) | ({"DATABASE_URL": url} if url else {})
    command = [sys.executable, "manage.py", "migrate", "-v0", *arguments]
    subprocess.run(command, cwd=shop, env=environment, check=True)


def described_shop(folder: Path, url: str) -> Shop:
    config = resolve(
        discover(folder),
        legacy_path=str(folder / "shop"),
        legacy_python=sys.executable,
        new_path=str(folder / "newapp"),
    )
    project = project_of(config)
    tables = Tables.of(read_facts(config), read_ledger(project.out).models)
    environment = {"DATABASE_URL": url, "SECRET_KEY": "not-used"}
    return Shop(folder, url, project, tables, described(project, environment, tables))


@pytest.fixture(scope="session")
def sqlite_shop(converted: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("sqlite") / "project"
    shutil.copytree(converted, folder)
    migrate(folder / "shop", None)
    return described_shop(folder, f"sqlite:///{folder / 'shop' / 'db.sqlite3'}")


@pytest.fixture(scope="session")
def postgres_shop(
    repository: Path,
    new_database: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Shop:
    """Its database is `shop_schema`, a template for others."""
    folder = tmp_path_factory.mktemp("postgres") / "project"
    ignored = shutil.ignore_patterns("__pycache__", "*.sqlite3*", "media")
    shutil.copytree(repository / "sample_django_app", folder / "shop", ignore=ignored)
    url = new_database("shop_schema")
    migrate(folder / "shop", url)
    out = str(folder / "newapp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        command = ["convert", str(folder / "shop"), "--python", sys.executable, "--out", out]
        assert main(command) == 0
        return described_shop(folder, url)


def environment_of(shop: Shop) -> dict[str, str]:
    return {"DATABASE_URL": shop.url, "SECRET_KEY": "not-used"}


def moved(shop: Shop, folder: Path, url: str) -> Shop:
    """A copy of the shop in another folder, with another database."""
    shutil.copytree(shop.folder, folder)
    project = replace(
        shop.project,
        path=folder / "shop",
        out=folder / "newapp",
        environment={**os.environ, "DATABASE_URL": url},
    )
    return replace(shop, folder=folder, url=url, project=project)


def alembic(shop: Shop, url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Alembic as people run it, in the application's folder."""
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "not-used"}
    command = [str(Path(sys.executable).with_name("alembic")), *arguments]
    return subprocess.run(
        command,
        cwd=shop.folder / "newapp",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def sqlite_based(sqlite_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop with a baseline; its database is stamped."""
    folder = tmp_path_factory.mktemp("sqlite-based") / "project"
    shop = moved(sqlite_shop, folder, f"sqlite:///{folder / 'shop' / 'db.sqlite3'}")
    written = baseline(shop.project, environment_of(shop), shop.tables)
    assert written.stamped == "0001"
    return shop


@pytest.fixture(scope="session")
def postgres_based(
    postgres_shop: Shop,
    new_database: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Shop:
    """The same; its database is `shop_based`, a template for others."""
    folder = tmp_path_factory.mktemp("postgres-based") / "project"
    shop = moved(postgres_shop, folder, new_database("shop_based", "shop_schema"))
    written = baseline(shop.project, environment_of(shop), shop.tables)
    assert written.stamped == "0001"
    return shop


def write_migration(shop: Path, name: str, operations: str, after: str) -> None:
    """A migration of the catalogue; each operation on a line of its own, from line 7 on."""
    (shop / "catalog" / "migrations" / f"{name}.py").write_text(
        "from django.db import migrations, models\n\n\n"
        "class Migration(migrations.Migration):\n"
        f'    dependencies = [("catalog", "{after}")]\n'
        f"    operations = [\n{operations}\n    ]\n"
    )
