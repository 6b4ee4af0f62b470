"""Writes the statements that build MariaDB tables and rows: those that the server shows itself."""

import re
from collections.abc import Collection, Iterator

from strangler.verify.mariadb_sql import Connection, quoted
from strangler.verify.mariadb_sql import rows as asked

_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")
_DEFINER = re.compile(r" (?:ALGORITHM=\w+ )?DEFINER=`[^`]*`@`[^`]*`(?: SQL SECURITY \w+)?")
_REFERENCE = re.compile(r"^  (CONSTRAINT .* FOREIGN KEY .*?),?$")
_COLUMNS = """
SELECT column_name AS name, data_type AS type, generation_expression AS generated,
    column_key = 'PRI' AS `primary`
FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = %s
ORDER BY ordinal_position
"""
_BYTES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit"})


def tables(connection: Connection, names: Collection[str]) -> tuple[list[str], list[str]]:
    """Statements that make the tables with their indexes, and those that let them refer."""
    made, references = [], []
    for name in sorted(names):
        (row,) = asked(connection, f"SHOW CREATE TABLE {quoted(name)}")
        text, keys = _parted(_COUNTER.sub("", str(row["Create Table"])))
        made.append(text)
        references += [f"ALTER TABLE {quoted(name)} ADD {key}" for key in keys]
    return made, references


def _parted(statement: str) -> tuple[str, list[str]]:
    """A CREATE TABLE without its foreign keys, and these; the server writes one thing a line."""
    lines: list[str] = []
    keys: list[str] = []
    for line in statement.split("\n"):
        found = _REFERENCE.match(line)
        if found is not None:
            keys.append(found.group(1))
            continue
        if line.startswith(")") and lines[-1].endswith(","):
            lines[-1] = lines[-1][:-1]
        lines.append(line)
    return "\n".join(lines), keys


def others(connection: Connection) -> tuple[list[str], list[str]]:
    """Views and triggers, made with the rights of whoever builds; nothing goes before the tables."""
    found = []
    views = "SHOW FULL TABLES WHERE Table_type = 'VIEW'"
    for name in [str(next(iter(row.values()))) for row in asked(connection, views)]:
        (row,) = asked(connection, f"SHOW CREATE VIEW {quoted(name)}")
        found.append(_DEFINER.sub("", str(row["Create View"]), count=1))
    for name in [str(row["Trigger"]) for row in asked(connection, "SHOW TRIGGERS")]:
        (row,) = asked(connection, f"SHOW CREATE TRIGGER {quoted(name)}")
        found.append(_DEFINER.sub("", str(row["SQL Original Statement"]), count=1))
    return [], found


def rows(connection: Connection, names: Collection[str]) -> list[str]:
    """Statements that write the rows of these tables."""
    return list(_inserts(connection, sorted(names)))


def _inserts(connection: Connection, names: list[str]) -> Iterator[str]:
    for name in names:
        columns = [one for one in asked(connection, _COLUMNS, name) if not one["generated"]]
        if not columns:
            continue
        values = ", ', ', ".join(_value(str(one["name"]), str(one["type"])) for one in columns)
        keys = [quoted(str(one["name"])) for one in columns if one["primary"]]
        order = f" ORDER BY {', '.join(keys)}" if keys else ""
        query = f"SELECT CONCAT('(', {values}, ')') AS line FROM {quoted(name)}{order}"
        lines = [str(row["line"]) for row in asked(connection, query)]
        if lines:
            listed = ", ".join(quoted(str(one["name"])) for one in columns)
            yield f"INSERT INTO {quoted(name)} ({listed}) VALUES\n    " + ",\n    ".join(lines)


def _value(column: str, kind: str) -> str:
    """SQL that writes a value of a column as SQL."""
    if kind in _BYTES:
        return f"IFNULL(CONCAT('x''', HEX({quoted(column)}), ''''), 'NULL')"
    return f"QUOTE({quoted(column)})"
