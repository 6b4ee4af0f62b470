"""Twin MariaDB databases: one frozen template, its dump loaded twice, touched keys by triggers.

InnoDB fires no trigger for rows that its own foreign keys delete or change; tables that such keys
reach are compared whole after each write.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from functools import cached_property
from typing import IO, Any

import pymysql

from strangler.diff.exchange import RowChange
from strangler.errors import EnvironmentProblem
from strangler.verify.executor import SIDES, Side
from strangler.verify.mariadb_server import Server
from strangler.verify.mariadb_sql import Connection, quoted, rows
from strangler.verify.mariadb_watching import COLUMNS, Table, installing, plain, tables_of
from strangler.verify.relay_mariadb import MariaDBRelay
from strangler.verify.twins import LOG_TABLE, Place, Vendor, server_names

_LOCK_SECONDS = 5
_REACHED = """
SELECT DISTINCT TABLE_NAME AS name FROM information_schema.REFERENTIAL_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = DATABASE()
    AND ('RESTRICT' <> DELETE_RULE AND 'NO ACTION' <> DELETE_RULE
         OR 'RESTRICT' <> UPDATE_RULE AND 'NO ACTION' <> UPDATE_RULE)
"""
_TRIGGERS = "SELECT 1 FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() LIMIT 1"
_COUNTERS = """
SELECT TABLE_NAME AS name, AUTO_INCREMENT AS next FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND AUTO_INCREMENT IS NOT NULL
"""


class MariaDBTwins:
    """Twins on one server; their names begin with `strangler_`, and they are dropped at the end."""

    vendor: Vendor = "mysql"

    def __init__(self, server: Server) -> None:
        """An empty template on the server; EnvironmentProblem where none may be made."""
        self.server = server
        self.names = server_names()
        self._connections: dict[Side, Connection] = {}
        #: Tables written to since the last clone, and what they hold in the template.
        self._written: set[str] = set()
        self._digests: dict[str, str] = {}
        self._dump: IO[bytes] | None = None
        self._tables: dict[str, Table] = {}
        self.relay = MariaDBRelay(server.socket or server.host, server.port, self.names.values())
        try:
            server.create(self.names["frozen"])
        except BaseException:
            self.close()
            raise

    def template(self) -> Place:
        """The template as legacy's database."""
        return self._place("frozen")

    def place(self, side: Side) -> Place:
        """One twin, through the relay."""
        return self._place(side)

    def _place(self, name: str) -> Place:
        database, path = self.names[name], self.relay.path
        settings = {
            "NAME": database,
            "USER": self.server.user,
            "PASSWORD": self.server.password,
            "HOST": path,
            "PORT": "",
        }
        return Place("mysql", settings, self.server.url(database, path), (path,))

    def freeze(self) -> None:
        """Add the triggers that note touched rows, then make both twins."""
        with closing(self.server.connect(self.names["frozen"])) as connection:
            self._tables = {each.name: each for each in tables_of(rows(connection, COLUMNS))}
            self._reached = {row["name"] for row in rows(connection, _REACHED)}
            self._undoable = not self._reached and not rows(connection, _TRIGGERS)
            try:
                for statement in installing(self._tables.values()):
                    connection.cursor().execute(statement)
            except pymysql.Error as error:
                raise EnvironmentProblem(
                    f"rows cannot be watched on {self.server.place}: {error.args[-1]}",
                    hint="the user needs TRIGGER; with a binary log also SUPER, or the server"
                    " log_bin_trust_function_creators",
                ) from error
        self._dump = self.server.dump(self.names["frozen"])
        self.clone()

    def clone(self) -> None:
        """Drop and make both twins."""
        self._disconnect()
        self._written.clear()
        if self._dump is None:
            raise EnvironmentProblem("the twins are cloned before they are frozen")
        for side in SIDES:
            self.server.create(self.names[side])
            self.server.load(self._dump, self.names[side])

    def intact(self) -> bool:
        """Compare the tables that were written to with the template's."""
        unknown = self._written - self._digests.keys()
        self._digests |= {table: self._digest("frozen", table) for table in sorted(unknown)}
        return all(
            self._digest(side, table) == self._digests[table]
            for side in SIDES
            for table in sorted(self._written)
        )

    def _digest(self, name: str, table: str) -> str:
        place = f"{quoted(self.names[name])}.{quoted(table)}"
        (found,) = rows(self._side("legacy"), f"CHECKSUM TABLE {place}")
        return str(found["Checksum"])

    def _side(self, side: Side) -> "Connection":
        if side not in self._connections:
            connection = self.server.connect(self.names[side])
            connection.cursor().execute(
                "SET @strangler_undo = 1, SESSION foreign_key_checks = 0,"
                " SESSION unique_checks = 0, SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO',"
                f" SESSION lock_wait_timeout = {_LOCK_SECONDS},"
                f" SESSION innodb_lock_wait_timeout = {_LOCK_SECONDS}"
            )
            self._connections[side] = connection
        return self._connections[side]

    def changes(self, side: Side) -> list[RowChange]:
        """Compare the touched rows with the template."""
        connection = self._side(side)
        touched = [self._tables[name] for name in self._touched(connection)]
        found: list[RowChange] = []
        for table in touched:
            found += self._table_changes(connection, table, whole=table.name in self._reached)
        if touched:
            for name in sorted(self._reached - {each.name for each in touched}):
                found += self._table_changes(connection, self._tables[name], whole=True)
        return found

    def _touched(self, connection: "Connection") -> list[str]:
        query = f"SELECT tbl, MIN(n) AS first FROM {LOG_TABLE} GROUP BY tbl ORDER BY first"
        return [row["tbl"] for row in rows(connection, query)]

    def _table_changes(
        self, connection: "Connection", table: Table, *, whole: bool
    ) -> Iterator[RowChange]:
        before = self._by_key(connection, "frozen", table, whole=whole)
        after = self._by_key(connection, None, table, whole=whole)
        for key in after | before:
            if before.get(key) != after.get(key):
                yield RowChange(table.name, key, before.get(key), after.get(key))

    def _by_key(
        self, connection: "Connection", name: str | None, table: Table, *, whole: bool
    ) -> dict[str, dict[str, Any]]:
        """Touched rows of the template or of the side itself, in the order of touching."""
        place = f"{quoted(self.names[name])}." if name else ""
        query = f"SELECT t.* FROM {place}{quoted(table.name)} t"
        if not whole:
            keys = f"SELECT {table.keys}, MIN(n) AS n FROM {table.touched} GROUP BY {table.keys}"
            query += f" JOIN ({keys}) k ON {table.joined} ORDER BY k.n"
        found = map(plain, rows(connection, query))
        return {table.key_of(row): row for row in found}

    def undo(self) -> bool:
        """Put touched rows and counters back; not with triggers or cascades of the project's own."""
        if not self._undoable:
            return False
        try:
            for side in SIDES:
                self._undo_side(self._side(side))
        except pymysql.Error:
            self._disconnect()
            return False
        return True

    def _undo_side(self, connection: "Connection") -> None:
        names = self._touched(connection)
        self._written |= set(names)
        cursor = connection.cursor()
        connection.begin()
        tables = [self._tables[name] for name in names]
        for table in tables:
            keys = f"(SELECT DISTINCT {table.keys} FROM {table.touched}) k"
            cursor.execute(f"DELETE t FROM {quoted(table.name)} t JOIN {keys} ON {table.joined}")
        for table in tables:
            keys = f"(SELECT DISTINCT {table.keys} FROM {table.touched}) k"
            columns = ", ".join(map(quoted, table.columns))
            chosen = ", ".join(f"t.{quoted(name)}" for name in table.columns)
            frozen = f"{quoted(self.names['frozen'])}.{quoted(table.name)}"
            cursor.execute(
                f"INSERT INTO {quoted(table.name)} ({columns})"
                f" SELECT {chosen} FROM {frozen} t JOIN {keys} ON {table.joined}"
            )
            cursor.execute(f"DELETE FROM {table.touched}")
        cursor.execute(f"DELETE FROM {LOG_TABLE}")
        connection.commit()
        for row in rows(connection, _COUNTERS):
            first = self._counters.get(row["name"])
            if first is not None and row["next"] != first:
                cursor.execute(f"ALTER TABLE {quoted(row['name'])} AUTO_INCREMENT = {first}")

    @cached_property
    def _counters(self) -> dict[str, int]:
        """The next number of each table, as loading the dump left it."""
        with closing(self.server.connect(self.names["frozen"])) as connection:
            found = {row["name"]: row["next"] for row in rows(connection, _COUNTERS)}
        return {name: found[name] for name in found.keys() & self._tables}

    def rows(
        self, table: str, limit: int, column: str = "", values: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Rows of the template; nothing for a table that is not there."""
        known = self._tables.get(table)
        if known is None:
            return []
        marks = ", ".join(["%s"] * len(values))
        which = f"WHERE CAST({quoted(column)} AS CHAR) IN ({marks})" if column else ""
        frozen = f"{quoted(self.names['frozen'])}.{quoted(table)}"
        query = f"SELECT * FROM {frozen} {which} ORDER BY {known.keys} LIMIT {limit}"
        return [plain(row) for row in rows(self._side("legacy"), query, *values)]

    def _disconnect(self) -> None:
        for connection in self._connections.values():
            with suppress(pymysql.Error):
                connection.close()
        self._connections.clear()

    def close(self) -> None:
        """Drop what was made."""
        with ExitStack() as closing_all:
            closing_all.callback(self.relay.close)
            for name in self.names.values():
                closing_all.callback(self._drop, name)
            if self._dump is not None:
                self._dump.close()
            self._disconnect()

    def _drop(self, name: str) -> None:
        # the server may be gone: what went wrong before is what people should read
        with suppress(EnvironmentProblem, pymysql.Error):
            self.server.drop(name)
