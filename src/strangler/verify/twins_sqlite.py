"""Twin SQLite databases: files copied with the backup API, restored row by row."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from strangler.diff.exchange import RowChange
from strangler.errors import EnvironmentProblem
from strangler.verify.executor import SIDES, Side
from strangler.verify.twins import LOG_TABLE, Place, Vendor

_BUSY_SECONDS = 10
_OPERATIONS = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    #: The column that is the rowid itself, if there is one.
    alias: str | None

    @property
    def copied(self) -> str:
        """Column list for putting a row back, its rowid included."""
        names = self.columns if self.alias else ("rowid", *self.columns)
        return ", ".join(_quoted(name) for name in names)

    def key_of(self, row: dict[str, Any]) -> str:
        names = self.key or self.columns
        return ",".join(str(row[name]) for name in names)


class SqliteTwins:
    """Twins of one SQLite file, in memory-backed storage where there is enough of it."""

    vendor: Vendor = "sqlite3"

    def __init__(self, source: Path | None) -> None:
        """Copy `source`; start with an empty database when it is None or not there."""
        self.folder = Path(tempfile.mkdtemp(prefix="strangler-", dir=_fast_folder(source)))
        self._connections: dict[str, sqlite3.Connection] = {}
        if source is not None and source.is_file():
            try:
                with closing(_open(source, read_only=True)) as origin:
                    _copy(origin, self._file("frozen"))
            except sqlite3.DatabaseError as error:
                self.close()
                raise EnvironmentProblem(
                    f"the SQLite database cannot be copied: {error}", source=str(source)
                ) from error

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def template(self) -> Place:
        """The template file as legacy's database."""
        return _place(self._file("frozen"))

    def place(self, side: Side) -> Place:
        """One twin's file."""
        return _place(self._file(side))

    def freeze(self) -> None:
        """Add the triggers that note touched rows, then make both twins."""
        with closing(_open(self._file("frozen"))) as connection:
            tables = _tables(connection)
            self._own_triggers = bool(
                connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger'").fetchone()
            )
            connection.execute(
                f"CREATE TABLE {LOG_TABLE} (n INTEGER PRIMARY KEY, tbl TEXT, id INTEGER)"
            )
            for table in tables:
                for operation, rows in _OPERATIONS.items():
                    connection.execute(_trigger(table.name, operation, rows))
        self._tables = {table.name: table for table in tables}
        self.clone()

    def intact(self) -> bool:
        """Never taken for granted: a copy costs milliseconds."""
        return False

    def clone(self) -> None:
        """Copy the template over both files; open connections go on with the new content."""
        with closing(_open(self._file("frozen"), read_only=True)) as frozen:
            for side in SIDES:
                _copy(frozen, self._file(side))

    def _side(self, side: Side) -> sqlite3.Connection:
        if side not in self._connections:
            connection = _open(self._file(side))
            connection.row_factory = _as_dict
            address = self._file("frozen").as_uri() + "?mode=ro"
            connection.execute("ATTACH DATABASE ? AS frozen", (address,))
            self._connections[side] = connection
        return self._connections[side]

    def changes(self, side: Side) -> list[RowChange]:
        """Compare the touched rows with the template."""
        connection = self._side(side)
        touched: dict[str, dict[int, None]] = {}
        for entry in connection.execute(f"SELECT tbl, id FROM main.{LOG_TABLE} ORDER BY n"):
            touched.setdefault(entry["tbl"], {})[entry["id"]] = None
        found: list[RowChange] = []
        for name, ids in touched.items():
            found += self._table_changes(connection, self._tables[name], list(ids))
        return found

    def _table_changes(
        self, connection: sqlite3.Connection, table: _Table, ids: Sequence[int]
    ) -> Iterable[RowChange]:
        before = _by_rowid(connection, "frozen", table, ids)
        after = _by_rowid(connection, "main", table, ids)
        for each in ids:
            row = after.get(each) or before.get(each)
            if row is not None and before.get(each) != after.get(each):
                key = table.key_of(row)
                yield RowChange(table.name, key, before.get(each), after.get(each))

    def undo(self) -> bool:
        """Put touched rows and sequences back; not with triggers of the project's own."""
        if self._own_triggers:
            return False
        return all(self._undo_side(self._side(side)) for side in SIDES)

    def _undo_side(self, connection: sqlite3.Connection) -> bool:
        names = [
            entry["tbl"]
            for entry in connection.execute(f"SELECT DISTINCT tbl FROM main.{LOG_TABLE}")
        ]
        if not names and not self._is_ahead(connection):
            return True
        tables = [(self._tables[name], _quoted(name)) for name in names]
        chosen = f"rowid IN (SELECT id FROM main.{LOG_TABLE} WHERE tbl = ?)"
        try:
            connection.execute("BEGIN IMMEDIATE")
            for table, name in tables:
                connection.execute(f"DELETE FROM main.{name} WHERE {chosen}", (table.name,))
            for table, name in tables:
                connection.execute(
                    f"INSERT INTO main.{name} ({table.copied}) "
                    f"SELECT {table.copied} FROM frozen.{name} WHERE {chosen}",
                    (table.name,),
                )
            if self._has_sequences:
                connection.execute("DELETE FROM main.sqlite_sequence")
                connection.execute(
                    "INSERT INTO main.sqlite_sequence SELECT * FROM frozen.sqlite_sequence"
                )
            connection.execute(f"DELETE FROM main.{LOG_TABLE}")
            connection.execute("COMMIT")
        except sqlite3.DatabaseError:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return False
        return True

    def _is_ahead(self, connection: sqlite3.Connection) -> bool:
        """Whether keys were used up."""
        query = "SELECT * FROM main.sqlite_sequence EXCEPT SELECT * FROM frozen.sqlite_sequence"
        return self._has_sequences and connection.execute(query).fetchone() is not None

    @cached_property
    def _has_sequences(self) -> bool:
        query = "SELECT 1 FROM frozen.sqlite_master WHERE name = 'sqlite_sequence'"
        return self._side("legacy").execute(query).fetchone() is not None

    def rows(
        self, table: str, limit: int, column: str = "", values: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Rows of the template; nothing for a table that is not there."""
        known = self._tables.get(table)
        if known is None:
            return []
        order = ", ".join(_quoted(name) for name in known.key) or "rowid"
        marks = ", ".join("?" * len(values))
        which = f"WHERE CAST({_quoted(column)} AS TEXT) IN ({marks})" if column else ""
        query = f"SELECT * FROM frozen.{_quoted(table)} {which} ORDER BY {order} LIMIT ?"
        return list(self._side("legacy").execute(query, (*values, limit)))

    def close(self) -> None:
        """Remove the folder."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


def _fast_folder(source: Path | None) -> str | None:
    """Shared memory when the copies fit well: commits there do not wait for a disk."""
    memory = Path("/dev/shm")
    size = source.stat().st_size if source is not None and source.is_file() else 0
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        return None
    free = os.statvfs(memory)
    return str(memory) if free.f_bavail * free.f_frsize > 8 * size + (64 << 20) else None


def _open(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    address = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _copy(origin: sqlite3.Connection, target: Path) -> None:
    with closing(_open(target)) as connection:
        origin.backup(connection)


def _place(path: Path) -> Place:
    return Place("sqlite3", {"NAME": str(path)}, f"sqlite:///{path}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        column[0]: f"x'{value.hex()}'" if isinstance(value, bytes) else value
        for column, value in zip(cursor.description, row, strict=True)
    }


def _tables(connection: sqlite3.Connection) -> list[_Table]:
    """Ordinary tables; virtual ones and those without rowid are left out."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' "
        "ESCAPE '!' ORDER BY name"
    )
    found = []
    for name, sql in connection.execute(query).fetchall():
        text = sql.upper()
        if text.startswith("CREATE VIRTUAL") or "WITHOUT ROWID" in text[-40:]:
            continue
        info = connection.execute(f"PRAGMA table_xinfo({_quoted(name)})").fetchall()
        columns = [row for row in info if row[6] == 0]  # generated columns are not written
        keys = sorted((row for row in columns if row[5]), key=lambda row: row[5])
        whole = len(keys) == 1 and keys[0][2].upper() == "INTEGER"
        found.append(
            _Table(
                name,
                tuple(row[1] for row in columns),
                tuple(row[1] for row in keys),
                keys[0][1] if whole else None,
            )
        )
    return found


def _trigger(table: str, operation: str, rows: tuple[str, ...]) -> str:
    literal = table.replace("'", "''")
    writes = " ".join(
        f"INSERT INTO {LOG_TABLE} (tbl, id) VALUES ('{literal}', {row}.rowid);" for row in rows
    )
    name = _quoted(f"strangler_{operation}_{table}")
    return f"CREATE TRIGGER {name} AFTER {operation} ON {_quoted(table)} BEGIN {writes} END"


def _by_rowid(
    connection: sqlite3.Connection, schema: str, table: _Table, ids: Sequence[int]
) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        query = (
            f"SELECT rowid AS strangler_rowid, * FROM {schema}.{_quoted(table.name)} "
            f"WHERE rowid IN ({marks})"
        )
        for row in connection.execute(query, part):
            found[row.pop("strangler_rowid")] = row
    return found
