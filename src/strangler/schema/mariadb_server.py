"""One database of a MariaDB server, and scratch databases beside it."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import pymysql

from strangler.errors import EnvironmentProblem
from strangler.schema import mariadb_building, mariadb_catalogue
from strangler.schema.catalogue import Catalogue
from strangler.schema.structure import Structure
from strangler.verify.mariadb_server import Server
from strangler.verify.mariadb_sql import Connection, rows

_NO_TABLE = 1146
#: Numbers of the errors that say that a right lacks.
REFUSALS = frozenset({1044, 1142, 1143, 1227})
_APPLIED = "SELECT CONCAT(app, '.', name) AS name FROM django_migrations ORDER BY id"


@contextmanager
def scratch_database(server: Server) -> Iterator[Server]:
    """An empty database with the defaults of the server's, dropped at the end."""
    name = f"strangler_{secrets.token_hex(4)}_scratch"
    server.create(name)
    try:
        yield replace(server, database=name)
    finally:
        server.drop(name)


@dataclass(frozen=True)
class MariaDB:
    """A database that is read and never changed."""

    server: Server
    connection: Connection
    #: Where scratch databases are made.
    beside: Server
    vendor: str = "mysql"

    def catalogue(self) -> Catalogue:
        """Every table of the database."""
        return mariadb_catalogue.read(self.connection)

    def applied(self) -> list[str]:
        """The migrations of Django's that were applied here."""
        try:
            found = rows(self.connection, _APPLIED)
        except pymysql.ProgrammingError as error:
            if error.args[0] == _NO_TABLE:
                return []
            raise
        return [str(row["name"]) for row in found]

    def scratch(self, statements: Sequence[str], chosen: Collection[str]) -> Catalogue:
        """What the statements make in a database of their own: no rollback takes tables back."""
        with scratch_database(self.beside) as server, closing(server.connect()) as connection:
            for statement in statements:
                try:
                    connection.cursor().execute(statement)
                except pymysql.Error as error:
                    first = " ".join(statement.split())[:80]
                    raise EnvironmentProblem(
                        f"the models' tables cannot be made: {error.args[-1]}, at {first}"
                    ) from error
            return mariadb_catalogue.read(connection, chosen)

    def structure(self, names: Collection[str]) -> Structure:
        """The statements that make these tables."""
        before, after = mariadb_building.others(self.connection)
        made, references = mariadb_building.tables(self.connection, names)
        return Structure(before, made, references, after)

    def rows(self, names: Collection[str]) -> list[str]:
        """The statements that write the rows of these tables."""
        return mariadb_building.rows(self.connection, names)
