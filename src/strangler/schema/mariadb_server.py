"""One MariaDB server: the database at a URL, and scratch databases beside it."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql
from pymysql.cursors import DictCursor

from strangler.errors import EnvironmentProblem, UsageError
from strangler.schema import mariadb_catalogue
from strangler.schema.catalogue import Catalogue

# access denied: to a server, to a database, to a table, for want of a privilege
_DENIED = frozenset({1044, 1045, 1142, 1227})
_NO_TABLE = 1146
_APPLIED = "SELECT CONCAT(app, '.', name) AS name FROM django_migrations ORDER BY id"


@dataclass(frozen=True)
class Server:
    """Where a server is and who we are there."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    socket: str | None = None

    @classmethod
    def of_url(cls, url: str) -> "Server":
        """From `mysql://user:password@host:port/database`, `?unix_socket=/path` for a socket."""
        parts = urlsplit(url)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        try:
            port = parts.port or 3306
        except ValueError:
            raise UsageError("the port in --database is no number") from None
        return cls(
            host=unquote(parts.hostname or "") or "127.0.0.1",
            port=port,
            user=unquote(parts.username or "root"),
            password=unquote(parts.password or ""),
            database=unquote(parts.path.strip("/")),
            socket=query.get("unix_socket"),
        )

    def connect(self) -> mariadb_catalogue.Connection:
        """An autocommit connection with dictionaries as rows; EnvironmentProblem where refused."""
        try:
            connection = pymysql.connect(
                host=self.host,
                port=self.port,
                unix_socket=self.socket,
                user=self.user,
                password=self.password,
                database=self.database or None,
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=10,
                cursorclass=DictCursor,
            )
        except pymysql.Error as error:
            raise EnvironmentProblem(
                f"MariaDB at {self.socket or f'{self.host}:{self.port}'} refuses database "
                f"{self.database!r}: {error.args[-1]}"
            ) from error
        cursor = connection.cursor()
        cursor.execute("SELECT VERSION() AS version")
        if "mariadb" not in str((cursor.fetchone() or {})["version"]).lower():
            connection.close()
            raise UsageError("schemas of MySQL databases cannot be compared", hint="MariaDB's can")
        return connection

    @contextmanager
    def scratch(self) -> Iterator["Server"]:
        """An empty database with the defaults of ours, dropped at the end."""
        name = f"strangler_{secrets.token_hex(4)}_scratch"
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT @@character_set_database AS words, @@collation_database AS way")
            defaults = cursor.fetchone() or {}
            try:
                cursor.execute(
                    f"CREATE DATABASE `{name}` CHARACTER SET {defaults['words']}"
                    f" COLLATE {defaults['way']}"
                )
            except pymysql.OperationalError as error:
                if error.args[0] not in _DENIED:
                    raise
                raise EnvironmentProblem(
                    f"user {self.user!r} may not create databases on {self.host}:{self.port}",
                    hint="GRANT ALL ON `strangler\\_%`.* TO the user, or name a copy with --database",
                ) from None
            try:
                yield replace(self, database=name)
            finally:
                cursor.execute(f"DROP DATABASE `{name}`")


@dataclass(frozen=True)
class MariaDB:
    """A database that is read and never changed."""

    server: Server
    connection: mariadb_catalogue.Connection
    vendor: str = "mysql"

    def catalogue(self) -> Catalogue:
        """Every table of the database."""
        return mariadb_catalogue.read(self.connection)

    def applied(self) -> list[str]:
        """The migrations of Django's that were applied here."""
        cursor = self.connection.cursor()
        try:
            cursor.execute(_APPLIED)
        except pymysql.ProgrammingError as error:
            if error.args[0] == _NO_TABLE:
                return []
            raise
        return [str(row["name"]) for row in cursor.fetchall()]

    def scratch(self, statements: Sequence[str], chosen: Collection[str]) -> Catalogue:
        """What the statements make in a database of their own: no rollback takes tables back."""
        with self.server.scratch() as server, closing(server.connect()) as connection:
            for statement in statements:
                try:
                    connection.cursor().execute(statement)
                except pymysql.Error as error:
                    first = " ".join(statement.split())[:80]
                    raise EnvironmentProblem(
                        f"the models' tables cannot be made: {error.args[-1]}, at {first}"
                    ) from error
            return mariadb_catalogue.read(connection, chosen)

    def structure(self, names: Collection[str]) -> NoReturn:
        """Refused: no revision is written of tables of MariaDB's."""
        raise no_revisions()

    def rows(self, names: Collection[str]) -> NoReturn:
        """Refused, as `structure`."""
        raise no_revisions()


def no_revisions() -> UsageError:
    """Why there is no baseline of such a database."""
    return UsageError(
        "revisions of MariaDB databases have no rule",
        hint="`strangler schema check` compares them; Django's migrations stay their owner",
    )
