"""The live database, and scratch tables beside it that nobody else ever sees."""

import secrets
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

import psycopg
import pymysql
from psycopg import sql

from strangler.errors import EnvironmentProblem, UsageError
from strangler.schema import (
    mariadb_server,
    postgres_building,
    postgres_catalogue,
    sqlite_building,
    sqlite_catalogue,
)
from strangler.schema.catalogue import Catalogue
from strangler.schema.structure import Structure
from strangler.verify import mariadb_server as mariadb
from strangler.verify.postgres_server import Server

_EXTENSIONS = "SELECT extname AS name FROM pg_extension WHERE extname <> 'plpgsql'"


class Live(Protocol):
    """A database that is read and never changed."""

    @property
    def vendor(self) -> str:
        """The kind of database, as Django calls it."""

    def catalogue(self) -> Catalogue:
        """Every table that an application finds there."""

    def structure(self, names: Collection[str]) -> Structure:
        """The statements that make these tables."""

    def rows(self, names: Collection[str]) -> list[str]:
        """The statements that write the rows of these tables."""

    def applied(self) -> list[str]:
        """The migrations of Django's that were applied here, as `app.name`, in their order."""

    def scratch(self, statements: Sequence[str], chosen: Collection[str]) -> Catalogue:
        """What these statements make in an empty database of the same kind.

        chosen: names that count; EnvironmentProblem where a statement is refused.
        """


_APPLIED = "SELECT app || '.' || name AS name FROM django_migrations ORDER BY id"


_VENDORS = {
    "sqlite": "sqlite",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}


@contextmanager
def live_database(url: str, scratch: str | None = None) -> Iterator[Live]:
    """The database at a URL; EnvironmentProblem where it cannot be reached, UsageError for others.

    scratch: URL of the server where databases may be made for a moment; the same by default.
    """
    vendor = vendor_of(url)
    if vendor == "sqlite":
        with closing(_opened(_sqlite_path(url))) as connection:
            yield _Sqlite(connection)
    elif vendor == "postgresql":
        server = Server.of_url(url)
        with server.connect() as found:
            try:
                yield _Postgres(server, found, Server.of_url(scratch) if scratch else None)
            except psycopg.errors.InsufficientPrivilege as error:
                raise _lacking(server.user, str(error)) from error
    else:
        place = mariadb.Server.of_url(url)
        beside = mariadb.Server.of_url(scratch) if scratch else place
        with closing(place.connect()) as opened:
            try:
                yield mariadb_server.MariaDB(place, opened, beside)
            except pymysql.MySQLError as error:
                if error.args[0] in mariadb_server.REFUSALS:
                    raise _lacking(place.user, str(error.args[-1])) from error
                raise


def _lacking(user: str, told: str) -> EnvironmentProblem:
    reason = (told.splitlines() or [""])[0]
    return EnvironmentProblem(f"user {user!r} lacks a right: {reason}", hint="grant SELECT on it")


def vendor_of(url: str) -> str:
    """The kind of database at a URL, as Django calls it; UsageError for others."""
    kind = urlsplit(url).scheme.partition("+")[0]
    if not kind:
        raise UsageError(
            f"{url!r} is no URL of a database",
            hint="sqlite:///file, postgresql://user@host/name or mysql://user@host/name",
        )
    if kind not in _VENDORS:
        raise UsageError(
            f"schemas of {kind} databases cannot be compared",
            hint="sqlite://, postgresql:// and mysql:// can",
        )
    if _VENDORS[kind] == "sqlite" and _sqlite_path(url) == Path():
        raise UsageError(f"{url!r} names no file", hint="sqlite:///file")
    return _VENDORS[kind]


def named(url: str) -> str:
    """A URL that somebody typed, with the whole path of a file of SQLite."""
    if vendor_of(url) != "sqlite":
        return url
    return f"sqlite:///{quote(str(_sqlite_path(url).absolute()))}"


def scratch_of(url: str, scratch: str | None) -> str | None:
    """The URL where scratch databases are made; UsageError where it is of another kind."""
    if scratch is not None and vendor_of(scratch) != vendor_of(url):
        raise UsageError(
            f"--scratch names a {vendor_of(scratch)} database, the live one is {vendor_of(url)}"
        )
    return scratch


def _sqlite_path(url: str) -> Path:
    return Path(unquote(urlsplit(url).path.removeprefix("/")))


def _opened(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise EnvironmentProblem(
            f"there is no database {path}", hint="manage.py migrate, or name one with --database"
        )
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        raise EnvironmentProblem(f"{path} cannot be read: {error}") from error
    return connection


@dataclass(frozen=True)
class _Sqlite:
    connection: sqlite3.Connection
    vendor: str = "sqlite"

    def catalogue(self) -> Catalogue:
        return sqlite_catalogue.read(self.connection)

    def structure(self, names: Collection[str]) -> Structure:
        before, after = sqlite_building.others(self.connection)
        made, references = sqlite_building.tables(self.connection, names)
        return Structure(before, made, references, after)

    def rows(self, names: Collection[str]) -> list[str]:
        return sqlite_building.rows(self.connection, names)

    def applied(self) -> list[str]:
        try:
            return [row[0] for row in self.connection.execute(_APPLIED)]
        except sqlite3.OperationalError:  # no such table
            return []

    def scratch(self, statements: Sequence[str], chosen: Collection[str]) -> Catalogue:
        with closing(sqlite3.connect(":memory:")) as scratch:
            for statement in statements:
                try:
                    scratch.execute(statement)
                except sqlite3.Error as error:
                    raise _refused(statement, error) from error
            return sqlite_catalogue.read(scratch)


@dataclass(frozen=True)
class _Postgres:
    server: Server
    connection: postgres_catalogue.Connection
    #: Another server, for scratch databases.
    beside: Server | None = None
    vendor: str = "postgresql"

    def catalogue(self) -> Catalogue:
        return postgres_catalogue.read(self.connection)

    def structure(self, names: Collection[str]) -> Structure:
        before, after = postgres_building.others(self.connection)
        made, references = postgres_building.tables(self.connection, names)
        return Structure(before, made, references, after)

    def rows(self, names: Collection[str]) -> list[str]:
        return postgres_building.rows(self.connection, names)

    def applied(self) -> list[str]:
        try:
            return [str(row["name"]) for row in self.connection.execute(_APPLIED)]
        except psycopg.errors.UndefinedTable:
            return []

    def scratch(self, statements: Sequence[str], chosen: Collection[str]) -> Catalogue:
        """A schema in a transaction that is taken back: extensions and collations are there.

        Where the role may make no schema, or another server is named, a database of its own.
        """
        if self.beside is not None:
            return self._in_database(statements, chosen)
        try:
            with self.connection.transaction(force_rollback=True):
                name = f"strangler_{secrets.token_hex(4)}"
                self.connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
                self.connection.execute(
                    "SELECT set_config('search_path', %s || ', ' ||"
                    " current_setting('search_path'), true)",
                    (name,),
                )
                _execute(self.connection, statements)
                return postgres_catalogue.read(self.connection, [name], chosen)
        except psycopg.errors.InsufficientPrivilege:
            return self._in_database(statements, chosen)
        except psycopg.errors.ReadOnlySqlTransaction:
            raise EnvironmentProblem(
                f"the database {self.server.database!r} is read-only: no scratch schema can be made",
                hint="name the primary, or a copy of it, with --database",
            ) from None

    def _in_database(self, statements: Sequence[str], chosen: Collection[str]) -> Catalogue:
        extensions = [row["name"] for row in self.connection.execute(_EXTENSIONS)]
        with (
            scratch_database(self.beside or self.server) as server,
            server.connect() as connection,
        ):
            for name in extensions:
                connection.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name))
                )
            _execute(connection, statements)
            return postgres_catalogue.read(connection, None, chosen)


@contextmanager
def scratch_database(server: Server) -> Iterator[Server]:
    """A new database on the server, dropped at the end; EnvironmentProblem where it is refused."""
    name = f"strangler_{secrets.token_hex(4)}_scratch"
    server.create(name)
    try:
        yield Server(server.host, server.port, server.user, server.password, name)
    finally:
        server.drop(name)


def _execute(connection: postgres_catalogue.Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        try:
            connection.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege:
            raise
        except psycopg.Error as error:
            raise _refused(statement, error) from error


def _refused(statement: str, error: Exception) -> EnvironmentProblem:
    first = " ".join(statement.split())[:80]
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return EnvironmentProblem(f"the models' tables cannot be made: {reason}, at {first}")
