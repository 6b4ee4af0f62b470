"""The twin's databases: made by Django, opened by both sides."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction
from sqlalchemy.orm import Session

from strangler.compat.database import Database
from strangler.compat.transactions import atomic
from tests.compat.twin import django_models as dj

Rows = dict[str, list[tuple[Any, ...]]]


class UndoError(Exception):
    """Ends an atomic block without keeping what it wrote."""


@dataclass(frozen=True)
class Twin:
    """One database with the schema of `django_models`."""

    alias: str
    vendor: str
    database: Database

    def table_names(self) -> list[str]:
        with connections[self.alias].cursor() as cursor:
            names = connections[self.alias].introspection.table_names(cursor)
        return [name for name in names if name.startswith("twin_")]

    def quoted(self, name: str) -> str:
        return str(connections[self.alias].ops.quote_name(name))

    def rows(self, *tables: str) -> Rows:
        """What the tables hold, as Django's driver reads it."""
        with connections[self.alias].cursor() as cursor:
            found = {}
            for name in tables or self.table_names():
                cursor.execute(f"SELECT * FROM {self.quoted(name)}")
                found[name] = sorted(cursor.fetchall(), key=repr)
        return found

    def our_rows(self, session: Session) -> Rows:
        """What the tables hold for a transaction of ours."""
        found = {}
        for name in self.table_names():
            result = session.connection().exec_driver_sql(f"SELECT * FROM {self.quoted(name)}")
            found[name] = sorted((tuple(row) for row in result), key=repr)
        return found

    @contextmanager
    def undone(self, session: Session) -> Iterator[None]:
        """Do something with the session that leaves nothing behind."""
        try:
            with atomic(session):
                yield
                raise UndoError
        except UndoError:
            session.expunge_all()

    @contextmanager
    def undone_by_django(self) -> Iterator[None]:
        with transaction.atomic(using=self.alias):
            yield
            transaction.set_rollback(True, using=self.alias)

    def empty(self) -> None:
        """Delete every row, and count keys from 1 again."""
        names = ", ".join(map(self.quoted, self.table_names()))
        if self.vendor == "mysql":
            self._empty_mariadb()
            return
        with connections[self.alias].cursor() as cursor:
            if self.vendor == "postgresql":
                cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
                return
            with transaction.atomic(using=self.alias):
                for name in self.table_names():
                    cursor.execute(f'DELETE FROM "{name}"')
                cursor.execute("DELETE FROM sqlite_sequence WHERE name LIKE 'twin_%'")

    def _empty_mariadb(self) -> None:
        with connections[self.alias].cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            for name in self.table_names():
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {self.quoted(name)})")
                if cursor.fetchone()[0] or name in self._numbered(cursor):
                    cursor.execute(f"TRUNCATE {self.quoted(name)}")
            cursor.execute("SET foreign_key_checks = 1")

    def _numbered(self, cursor: Any) -> set[str]:
        """Tables whose next key is not the first one."""
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND auto_increment > 1"
        )
        return {row[0] for row in cursor.fetchall()}


def open_twin(alias: str, options: dict[str, Any], url: str) -> Twin:
    """Make the schema in an empty database."""
    configured = connections.configure_settings({"default": options})["default"]
    connections.databases[alias] = configured
    with connections[alias].schema_editor() as editor:
        editor.create_model(ContentType)
        for model in dj.ALL:
            editor.create_model(model)
    for model in (dj.Owner, dj.Tag):
        ContentType.objects.db_manager(alias).get_for_model(model)
    return Twin(alias, connections[alias].vendor, Database(url))


def sqlite_twin(folder: Path) -> Twin:
    path = folder / "twin.sqlite3"
    options = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"timeout": 30},
    }
    return open_twin("twin_sqlite", options, f"sqlite:///{path}")


def postgresql_twin(url: str) -> Twin:
    parts = Database(url).url
    options = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.database,
        "USER": parts.username,
        "HOST": parts.host,
        "PORT": parts.port,
    }
    return open_twin("twin_postgresql", options, url)


def mariadb_twin(url: str) -> Twin:
    pymysql.install_as_MySQLdb()
    parts = Database(url).url
    options = {
        "ENGINE": "django.db.backends.mysql",
        "NAME": parts.database,
        "USER": parts.username,
        "HOST": parts.host,
        "PORT": parts.port,
    }
    return open_twin("twin_mariadb", options, url)
