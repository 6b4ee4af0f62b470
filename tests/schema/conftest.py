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
from tests.mariadb import Server


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
    return _converted_shop(folder, new_database("shop_schema"))


@pytest.fixture(scope="session")
def mariadb_shop(
    repository: Path, mariadb: Server, tmp_path_factory: pytest.TempPathFactory
) -> Shop:
    """Its database is `shop_schema`, to be copied."""
    folder = tmp_path_factory.mktemp("mariadb") / "project"
    ignored = shutil.ignore_patterns("__pycache__", "*.sqlite3*", "media")
    shutil.copytree(repository / "sample_django_app", folder / "shop", ignore=ignored)
    return _converted_shop(folder, mariadb.new_database("shop_schema"))


def _converted_shop(folder: Path, url: str) -> Shop:
    """The shop in `folder`, its tables made at a URL."""
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


@pytest.fixture(scope="session")
def mariadb_based(
    mariadb_shop: Shop, mariadb: Server, tmp_path_factory: pytest.TempPathFactory
) -> Shop:
    """The same; its database is `shop_based`, to be copied."""
    folder = tmp_path_factory.mktemp("mariadb-based") / "project"
    url = mariadb.new_database("shop_based")
    mariadb.copy("shop_schema", "shop_based")
    shop = moved(mariadb_shop, folder, url)
    written = baseline(shop.project, environment_of(shop), shop.tables)
    assert written.stamped == "0001"
    return shop


def copied(request: pytest.FixtureRequest, kind: str, folder: Path, name: str) -> Shop:
    """The shop with a baseline and a database of its own, `name` on a server."""
    based: Shop = request.getfixturevalue(f"{kind}_based")
    if kind == "sqlite":
        return moved(based, folder, f"sqlite:///{folder / 'shop' / 'db.sqlite3'}")
    if kind == "postgres":
        return moved(based, folder, request.getfixturevalue("new_database")(name, "shop_based"))
    server: Server = request.getfixturevalue("mariadb")
    url = server.new_database(name)
    server.copy("shop_based", name)
    return moved(based, folder, url)


def empty_like(request: pytest.FixtureRequest, url: str, folder: Path) -> str:
    """An empty database of the same kind."""
    if url.startswith("sqlite"):
        return f"sqlite:///{folder}/empty.sqlite3"
    maker = "new_database" if url.startswith("postgres") else "new_mariadb_database"
    return str(request.getfixturevalue(maker)("shop_empty"))


def write_migration(shop: Path, name: str, operations: str, after: str) -> None:
    """A migration of the catalogue; each operation on a line of its own, from line 7 on."""
    (shop / "catalog" / "migrations" / f"{name}.py").write_text(
        "from django.db import migrations, models\n\n\n"
        "class Migration(migrations.Migration):\n"
        f'    dependencies = [("catalog", "{after}")]\n'
        f"    operations = [\n{operations}\n    ]\n"
    )
