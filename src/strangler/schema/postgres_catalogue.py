"""Reads PostgreSQL's own catalogue: what each table is, in the server's words."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import psycopg

from strangler.schema.catalogue import COLUMN, TABLE, Catalogue, Table, Thing

Connection = psycopg.Connection[dict[str, Any]]

# to_jsonb(a) rather than a.attgenerated: an older server has no such column.
_COLUMNS = """
SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
    a.attnotnull AS required, pg_get_expr(d.adbin, d.adrelid, true) AS default,
    coalesce(to_jsonb(a)->>'attidentity', '') AS identity,
    coalesce(to_jsonb(a)->>'attgenerated', '') AS generated,
    CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END
        AS collation,
    col_description(a.attrelid, a.attnum) AS comment,
    (SELECT concat_ws(' ', 'start', s.seqstart, 'increment', s.seqincrement, 'min', s.seqmin,
            'cache', s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END)
        FROM pg_depend p JOIN pg_sequence s ON s.seqrelid = p.objid
        WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
        AND p.refobjid = a.attrelid AND p.refobjsubid = a.attnum AND p.deptype IN ('a', 'i')
        LIMIT 1) AS sequence
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.oid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum
"""
_CONSTRAINTS = """
SELECT c.relname AS table, k.conname AS name, k.contype::text AS kind,
    pg_get_constraintdef(k.oid, true) AS definition
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.oid = ANY(%s) AND k.contype IN ('p', 'u', 'c', 'f', 'x') ORDER BY 1, 3, 2
"""
_INDEXES = """
SELECT c.relname AS table, n.relname AS name, quote_ident(n.relname) AS quoted,
    quote_ident(c.relname) AS place, pg_get_indexdef(i.indexrelid, 0, true) AS definition, i.indisvalid AS valid
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid
WHERE c.oid = ANY(%s)
    AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid
                    AND k.contype IN ('p', 'u', 'x')) ORDER BY 1, 2
"""
_TABLES = """
SELECT c.oid AS oid, c.relname AS name, obj_description(c.oid, 'pg_class') AS comment,
    array_to_string(c.reloptions, ', ') AS options, c.relpersistence = 'u' AS unlogged
FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND s.nspname = ANY(%s) AND pg_table_is_visible(c.oid)
    AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_class'::regclass
                    AND e.objid = c.oid AND e.deptype = 'e') ORDER BY c.relname
"""
_KINDS = {
    "p": "primary key",
    "u": "unique constraint",
    "c": "check constraint",
    "f": "foreign key",
    "x": "exclusion constraint",
}
_IDENTITIES = {"a": "always as identity", "d": "by default as identity"}
_USUAL_SEQUENCE = "start 1 increment 1 min 1 cache 1"


def read(
    connection: Connection,
    schemas: Collection[str] | None = None,
    chosen: Collection[str] | None = None,
) -> Catalogue:
    """Tables by name; those on the search path, or of the schemas given.

    chosen: names that somebody chose. Others are the server's own and count as none; by default
    every name counts.
    """
    if schemas is None:
        row = connection.execute("SELECT current_schemas(false)::text[] AS names").fetchone()
        schemas = row["names"] if row else []
    listed = connection.execute(_TABLES, (list(schemas),)).fetchall()
    tables: dict[str, list[Thing]] = {row["name"]: list(_table(row)) for row in listed}
    oids = [row["oid"] for row in listed]
    for query, told in ((_COLUMNS, _column), (_CONSTRAINTS, _constraint), (_INDEXES, _index)):
        for row in connection.execute(query, (oids,)).fetchall():
            thing = told(row)
            if chosen is not None and thing.kind != COLUMN and thing.name not in chosen:
                thing = Thing(thing.kind, None, thing.parts)
            tables[row["table"]].append(thing)
    return {name: Table(name, tuple(things)) for name, things in tables.items()}


def _table(row: Mapping[str, Any]) -> Iterator[Thing]:
    parts = {
        "comment": row["comment"] or "",
        "options": row["options"] or "",
        "persistence": "unlogged" if row["unlogged"] else "",
    }
    yield Thing(TABLE, None, parts)


def _column(row: Mapping[str, Any]) -> Thing:
    default, identity, note = row["default"] or "", _IDENTITIES.get(row["identity"], ""), ""
    if default.startswith("nextval(") and row["sequence"]:
        # Django made such keys before 4.1; to both applications they are the same
        default, identity, note = "", _IDENTITIES["d"], "takes its numbers from a sequence (serial)"
    sequence = row["sequence"] if identity and not note else None
    parts = {
        "type": row["type"],
        "nullability": "not null" if row["required"] else "null",
        "default": "" if row["generated"] else default,
        "identity": identity,
        "sequence": "" if sequence in (None, _USUAL_SEQUENCE) else str(sequence),
        "generated": f"as ({default}) stored" if row["generated"] else "",
        "collation": row["collation"] or "",
        "comment": row["comment"] or "",
    }
    return Thing(COLUMN, row["name"], parts, note)


def _constraint(row: Mapping[str, Any]) -> Thing:
    return Thing(_KINDS[row["kind"]], row["name"], {"definition": row["definition"]})


def _index(row: Mapping[str, Any]) -> Thing:
    definition = row["definition"].replace(f" INDEX {row['quoted']} ON ", " INDEX ON ", 1)
    method = re.sub(r"^CREATE (UNIQUE )?INDEX ON (ONLY )?", r"\1", definition)
    method = method.replace(f"{row['place']} USING", "using", 1)
    parts = {"definition": method, "state": "" if row["valid"] else "invalid"}
    return Thing("index", row["name"], parts)
