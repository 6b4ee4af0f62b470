"""Writes the statements that build SQLite tables and rows: those that it keeps itself."""

import sqlite3
from collections.abc import Collection, Iterator

from sqlalchemy.dialects import sqlite

from strangler.schema.sqlite_grammar import split

_preparer = sqlite.dialect().identifier_preparer
_MASTER = """
SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL
AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY tbl_name, type = 'index', name
"""


def quoted(name: str) -> str:
    """A name, in quotes where it needs them."""
    return str(_preparer.quote(name))


def others(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Views and triggers; nothing has to be there before the tables."""
    found = connection.execute(_MASTER).fetchall()
    return [], [sql for kind in ("view", "trigger") for k, *_, sql in found if k == kind]


def tables(connection: sqlite3.Connection, names: Collection[str]) -> tuple[list[str], list[str]]:
    """Statements that make the tables with their indexes; references are in them."""
    found = connection.execute(_MASTER).fetchall()
    made = [
        _laid_out(sql) if kind == "table" else sql
        for kind, _, table, sql in found
        if kind in ("table", "index") and table in names
    ]
    return made, []


def _laid_out(statement: str) -> str:
    """The statement with a line for each column."""
    head, parts, tail = split(statement)
    body = ",\n    ".join(parts)
    return f"{head}(\n    {body}\n){tail}" if parts else statement


def rows(connection: sqlite3.Connection, names: Collection[str]) -> list[str]:
    """Statements that write the rows of these tables."""
    return list(_inserts(connection, sorted(names)))


def _inserts(connection: sqlite3.Connection, names: list[str]) -> Iterator[str]:
    for name in names:
        quote = name.replace('"', '""')
        columns = [
            row[1]
            for row in connection.execute(f'PRAGMA table_xinfo("{quote}")')
            if row[6] == 0  # neither hidden nor generated
        ]
        if not columns:
            continue
        values = " || ', ' || ".join(f"quote({quoted(each)})" for each in columns)
        query = f"SELECT '(' || {values} || ')' FROM {quoted(name)} ORDER BY rowid"
        lines = [row[0] for row in connection.execute(query)]
        if lines:
            listed = ", ".join(map(quoted, columns))
            yield f"INSERT INTO {quoted(name)} ({listed}) VALUES\n    " + ",\n    ".join(lines)
