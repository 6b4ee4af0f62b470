"""Reads MariaDB's information_schema: what each table is, in the server's words."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from strangler.schema.catalogue import COLUMN, TABLE, Catalogue, Table, Thing
from strangler.verify.mariadb_sql import Connection, rows

Row = Mapping[str, Any]

# The collation of a column is shown where it is not its table's.
_TABLES = """
SELECT t.table_name AS `table`, t.engine AS engine, t.table_collation AS collation,
    t.table_comment AS comment, t.create_options AS options
FROM information_schema.tables t
WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' ORDER BY 1
"""
_COLUMNS = """
SELECT c.table_name AS `table`, c.column_name AS name, c.column_type AS type,
    c.is_nullable = 'NO' AS required, c.column_default AS `default`, c.extra AS extra,
    IF(c.collation_name = t.table_collation, '', c.collation_name) AS collation,
    c.generation_expression AS generated, c.column_comment AS comment
FROM information_schema.columns c JOIN information_schema.tables t
    ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = DATABASE() ORDER BY c.table_name, c.ordinal_position
"""
_CHECKS = """
SELECT table_name AS `table`, constraint_name AS name, level AS level, check_clause AS clause
FROM information_schema.check_constraints WHERE constraint_schema = DATABASE() ORDER BY 1, 2
"""
_KEYS = """
SELECT k.table_name AS `table`, k.constraint_name AS name, k.referenced_table_name AS target,
    GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position SEPARATOR ', ') AS columns,
    GROUP_CONCAT(k.referenced_column_name ORDER BY k.ordinal_position SEPARATOR ', ') AS others,
    r.update_rule AS on_update, r.delete_rule AS on_delete
FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
    ON r.constraint_schema = k.table_schema AND r.constraint_name = k.constraint_name
    AND r.table_name = k.table_name
WHERE k.table_schema = DATABASE() AND k.referenced_table_name IS NOT NULL
GROUP BY k.table_name, k.constraint_name, k.referenced_table_name, r.update_rule, r.delete_rule
ORDER BY 1, 2
"""
_INDEXES = """
SELECT table_name AS `table`, index_name AS name, non_unique AS many, index_type AS method,
    GROUP_CONCAT(CONCAT(column_name, IF(sub_part IS NULL, '', CONCAT('(', sub_part, ')')),
        IF(collation = 'D', ' DESC', '')) ORDER BY seq_in_index SEPARATOR ', ') AS columns
FROM information_schema.statistics WHERE table_schema = DATABASE()
GROUP BY table_name, index_name, non_unique, index_type ORDER BY 1, 2
"""


def read(connection: Connection, chosen: Collection[str] | None = None) -> Catalogue:
    """Tables of the connection's database by name.

    chosen: names that somebody chose; others are the server's own and count as none. By default
    every name counts.
    """
    tables = {row["table"]: list(_table(row)) for row in rows(connection, _TABLES)}
    told = ((_COLUMNS, _column), (_CHECKS, _check), (_KEYS, _key), (_INDEXES, _index))
    for query, thing_of in told:
        for row in rows(connection, query):
            if row["table"] not in tables:
                continue  # a view
            thing = thing_of(row)
            if chosen is not None and thing.kind != COLUMN and thing.name not in chosen:
                thing = Thing(thing.kind, None, thing.parts)
            tables[row["table"]].append(thing)
    return {name: Table(name, tuple(things)) for name, things in tables.items()}


def _table(row: Row) -> Iterator[Thing]:
    parts = {
        "comment": row["comment"] or "",
        "engine": row["engine"] or "",
        "collation": row["collation"] or "",
        "options": row["options"] or "",
    }
    yield Thing(TABLE, None, parts)


def _column(row: Row) -> Thing:
    extra = (row["extra"] or "").lower()
    numbered = "auto_increment" in extra
    generated = row["generated"] or ""
    kept = "stored" if "stored" in extra else "virtual"
    parts = {
        "type": row["type"],
        "nullability": "not null" if row["required"] else "null",
        "default": "" if generated or row["default"] in (None, "NULL") else str(row["default"]),
        "identity": "auto_increment" if numbered else "",
        "generated": f"as ({generated}) {kept}" if generated else "",
        "extra": "" if numbered or generated else extra,
        "collation": row["collation"] or "",
        "comment": row["comment"] or "",
    }
    return Thing(COLUMN, row["name"], parts)


def _check(row: Row) -> Thing:
    parts = {"level": row["level"].lower(), "expression": row["clause"]}
    if row["level"] == "Column":  # it bears the name of the column
        parts["expression"] = f"of {row['name']}: {row['clause']}"
        return Thing("check constraint", None, parts)
    return Thing("check constraint", row["name"], parts)


def _key(row: Row) -> Thing:
    parts = {
        "columns": f"({row['columns']})",
        "target": f"{row['target']} ({row['others']})",
        "options": f"on update {row['on_update']} on delete {row['on_delete']}".lower(),
    }
    return Thing("foreign key", row["name"], parts)


def _index(row: Row) -> Thing:
    if row["name"] == "PRIMARY":
        return Thing("primary key", None, {"columns": f"({row['columns']})"})
    parts = {
        "definition": f"{'' if row['many'] else 'unique '}({row['columns']})",
        "method": row["method"].lower(),
    }
    return Thing("index", row["name"], parts)
