"""What a database says of its tables: `{table: {thing: definition}}`, to be compared by name."""

import re
import sqlite3
from typing import Any
from urllib.parse import urlsplit

Catalogue = dict[str, dict[str, Any]]

_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
           (SELECT collname FROM pg_collation l WHERE l.oid = a.attcollation),
           col_description(c.oid, a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r'"""
_CONSTRAINTS = """
    SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"""
_INDEXES = """
    SELECT t.relname, i.relname, pg_get_indexdef(i.oid), s.spcname
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
    LEFT JOIN pg_tablespace s ON s.oid = i.reltablespace"""
_TABLES = """
    SELECT c.relname, obj_description(c.oid, 'pg_class'), s.spcname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE c.relkind = 'r'"""


def of_postgresql(url: str) -> Catalogue:
    """Columns, constraints, indexes and comments out of pg_catalog."""
    import psycopg

    found: Catalogue = {}
    with psycopg.connect(url) as connection:
        for kind, query in (
            ("table", _TABLES), ("column", _COLUMNS),
            ("constraint", _CONSTRAINTS), ("index", _INDEXES),
        ):  # fmt: skip
            for table, *rest in connection.execute(query):
                things = found.setdefault(table, {})
                if kind == "table":
                    things["table"] = rest
                else:
                    things[f"{kind} {rest[0]}"] = rest[1:]
    return found


_MARIADB = {
    "column": """
        SELECT table_name, column_name, column_type, is_nullable, column_default, extra,
               collation_name, generation_expression, column_comment
        FROM information_schema.columns WHERE table_schema = DATABASE()""",
    "key": """
        SELECT table_name, constraint_name, GROUP_CONCAT(CONCAT_WS('.', column_name,
               referenced_table_name, referenced_column_name) ORDER BY ordinal_position)
        FROM information_schema.key_column_usage WHERE table_schema = DATABASE()
        GROUP BY table_name, constraint_name""",
    "rule": """
        SELECT table_name, constraint_name, update_rule, delete_rule
        FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()""",
    "check": """
        SELECT table_name, CONCAT(level, ' ', constraint_name), check_clause
        FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()""",
    "index": """
        SELECT table_name, index_name, non_unique, index_type, GROUP_CONCAT(CONCAT_WS(' ',
               column_name, collation, sub_part) ORDER BY seq_in_index)
        FROM information_schema.statistics WHERE table_schema = DATABASE()
        GROUP BY table_name, index_name, non_unique, index_type""",
    "table": """
        SELECT table_name, '', engine, table_collation, table_comment
        FROM information_schema.tables WHERE table_schema = DATABASE()""",
}


def of_mariadb(url: str) -> Catalogue:
    """Columns, keys, checks, indexes and comments out of information_schema."""
    import pymysql

    place, found = urlsplit(url), Catalogue()
    options: dict[str, Any] = {"user": place.username, "database": place.path.strip("/")}
    with pymysql.connect(host=place.hostname, port=place.port or 3306, **options) as connection:
        cursor = connection.cursor()
        for kind, query in _MARIADB.items():
            cursor.execute(query)
            for table, name, *rest in cursor.fetchall():
                found.setdefault(table, {})[f"{kind} {name}"] = rest
    return found


def of_sqlite(path: str) -> Catalogue:
    """Columns, keys, constraints and indexes out of PRAGMAs and the texts in sqlite_master."""
    found: Catalogue = {}
    connection = sqlite3.connect(path)
    listed = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    for table, sql in listed.fetchall():
        if not table.startswith("sqlite_"):
            found[table] = _sqlite_table(connection, table, sql)
    connection.close()
    return found


def _sqlite_table(connection: sqlite3.Connection, table: str, sql: str) -> dict[str, Any]:
    quoted = '"' + table.replace('"', '""') + '"'
    things: dict[str, Any] = {}
    for _, name, kind, required, default, key, hidden in connection.execute(
        f"PRAGMA table_xinfo({quoted})"
    ):
        things[f"column {name}"] = [_plain(kind), required, default, key, hidden]
    for row in connection.execute(f"PRAGMA foreign_key_list({quoted})"):
        things[f"foreign key {row[3]}"] = [row[2], row[4], *row[5:]]
    for _, name, unique, origin, partial in connection.execute(f"PRAGMA index_list({quoted})"):
        parts = connection.execute(f'PRAGMA index_xinfo("{name}")').fetchall()
        shape = [(part[2], part[3], part[4]) for part in parts if part[5]]
        text = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,))
        written = (text.fetchone() or [None])[0]
        label = name if origin == "c" else f"of {sorted(str(p[0]) for p in shape)} {origin}"
        things[f"index {label}"] = [unique, partial, shape, _plain(written or "")]
    things.update(_sqlite_clauses(sql))
    return things


def _sqlite_clauses(sql: str) -> dict[str, Any]:
    """What no PRAGMA tells: checks, collations, generated columns, AUTOINCREMENT, DEFERRABLE."""
    plain = _plain(sql)
    checks = sorted(
        f"{name or ''} {_balanced(plain[end:])}" for name, end in _starts(plain, r"check\s*(?=\()")
    )
    generated = []
    for _, end in _starts(plain, r"generated always as\s*(?=\()"):
        expression = _balanced(plain[end:])
        kept = re.match(r"\s*(stored|virtual)", plain[end + len(expression) :])
        generated.append(f"{expression} {kept.group(1) if kept else 'virtual'}")
    return {
        "checks": checks,
        "generated": sorted(generated),
        "collations": sorted(re.findall(r"\bcollate (\S+?)[\s,)]", plain)),
        "autoincrement": "autoincrement" in plain,
        "deferrable": plain.count("deferrable initially deferred"),
        "uniques": sorted(re.findall(r"constraint (\S+) unique", plain)),
    }


def _starts(text: str, pattern: str) -> list[tuple[str | None, int]]:
    found = re.finditer(rf"(?:constraint (\S+) )?\b{pattern}", text)
    return [(match.group(1), match.end()) for match in found]


def _balanced(text: str) -> str:
    depth = 0
    quote = ""
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth == 0:
                return text[: position + 1]
    return text


def _plain(text: str) -> str:
    """SQL without what makes no difference: case of words, spaces, quotes round plain names."""
    parts = re.split(r"('(?:[^']|'')*')", text)
    for place in range(0, len(parts), 2):
        words = re.sub(r'"(\w+)"', r"\1", parts[place].lower())
        words = re.sub(r"\s+", " ", words)
        words = re.sub(r"\s*([(),])\s*", r"\1", words)
        parts[place] = words
    return "".join(parts).strip()


def differences(django: Catalogue, new: Catalogue) -> dict[str, list[str]]:
    """For each table of Django's what differs, in words; tables that are equal are left out."""
    found: dict[str, list[str]] = {}
    for table, wanted in django.items():
        made = new.get(table)
        if made is None:
            found[table] = ["missing"]
            continue
        lines = [
            f"{name}: {wanted.get(name)!r} in Django, {made.get(name)!r} here"
            for name in sorted({*wanted, *made})
            if wanted.get(name) != made.get(name)
        ]
        if lines:
            found[table] = lines
    return found
