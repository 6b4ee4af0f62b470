"""What the twins of MariaDB watch: tables, keys of touched rows, and the triggers that note them."""

import datetime
import decimal
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from strangler.verify.mariadb_sql import quoted
from strangler.verify.twins import LOG_TABLE

_OPERATIONS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
COLUMNS = """
SELECT c.TABLE_NAME AS name, c.COLUMN_NAME AS col, c.IS_GENERATED AS made,
    c.EXTRA LIKE '%auto_increment%' AS counts,
    (SELECT k.ORDINAL_POSITION FROM information_schema.KEY_COLUMN_USAGE k
     WHERE k.TABLE_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME
       AND k.COLUMN_NAME = c.COLUMN_NAME AND k.CONSTRAINT_NAME = 'PRIMARY') AS place
FROM information_schema.COLUMNS c JOIN information_schema.TABLES t
    ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'
ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is watched."""

    name: str
    #: The table that takes the keys of touched rows.
    touched: str
    #: Those that can be written; generated ones cannot.
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def joined(self) -> str:
        """The condition under which a row `t` is that of a key `k`."""
        return " AND ".join(f"t.{quoted(c)} <=> k.{quoted(c)}" for c in self.key)

    @property
    def keys(self) -> str:
        """The key's columns as SQL."""
        return ", ".join(map(quoted, self.key))

    def key_of(self, row: Mapping[str, Any]) -> str:
        """The key as differences name it."""
        return ",".join(str(row[name]) for name in self.key)


def tables_of(columns: Iterable[Mapping[str, Any]]) -> Iterator[Table]:
    """A table without a primary key is known by all that it holds."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in columns:
        grouped.setdefault(row["name"], []).append(row)
    for number, (name, rows) in enumerate(grouped.items()):
        keyed = sorted((row for row in rows if row["place"]), key=lambda row: row["place"])
        written = tuple(row["col"] for row in rows if row["made"] != "ALWAYS")
        key = tuple(row["col"] for row in keyed) or written
        yield Table(name, f"strangler_keys_{number}", written, key)


def installing(tables: Iterable[Table]) -> Iterator[str]:
    """The tables of touched rows, and triggers that fill them unless we put rows back."""
    yield (
        f"CREATE TABLE {LOG_TABLE} (n BIGINT AUTO_INCREMENT PRIMARY KEY,"
        " tbl VARCHAR(64) NOT NULL) ENGINE=InnoDB"
    )
    for number, table in enumerate(tables):
        name, literal = quoted(table.name), table.name.replace("'", "''")
        yield (
            f"CREATE TABLE {table.touched} (n BIGINT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB"
            f" SELECT {table.keys} FROM {name} LIMIT 0"
        )
        for operation, states in _OPERATIONS.items():
            noted = "".join(
                f" INSERT INTO {table.touched} ({table.keys}) VALUES"
                f" ({', '.join(f'{state}.{quoted(column)}' for column in table.key)});"
                for state in states
            )
            yield (
                f"CREATE TRIGGER strangler_{operation}_{number} AFTER {operation} ON {name}"
                f" FOR EACH ROW BEGIN IF @strangler_undo IS NULL THEN"
                f" INSERT INTO {LOG_TABLE} (tbl) VALUES ('{literal}');{noted} END IF; END"
            )


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Values that JSON holds; those that it has no form for as text, alike on both sides."""
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "microseconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.timedelta | decimal.Decimal):
        return str(value)
    if isinstance(value, set):
        return json.dumps(sorted(value))
    return value
