"""Writes the statements that build PostgreSQL tables and rows from what the catalogue says."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from psycopg import sql
from sqlalchemy.dialects import postgresql

from strangler.schema import postgres_catalogue
from strangler.schema.catalogue import TABLE, Table, Thing
from strangler.schema.postgres_catalogue import Connection

_preparer: Any = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]  # untyped
_IN_PLACE = ("primary key", "unique constraint", "check constraint", "exclusion constraint")
_PLAIN = ("smallint", "integer", "bigint", "boolean")

_OWN = """s.nspname = ANY(current_schemas(false)) AND NOT EXISTS (
    SELECT 1 FROM pg_depend e WHERE e.objid = o.oid AND e.deptype = 'e')"""
# What tables may need before they are made, and what needs them, in the order of making.
_BEFORE = (
    """SELECT 'CREATE EXTENSION IF NOT EXISTS ' || quote_ident(extname) AS statement
    FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname""",
    f"""SELECT 'CREATE TYPE ' || quote_ident(o.typname) || ' AS ENUM (' || (
        SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
        FROM pg_enum WHERE enumtypid = o.oid) || ')' AS statement
    FROM pg_type o JOIN pg_namespace s ON s.oid = o.typnamespace
    WHERE o.typtype = 'e' AND {_OWN} ORDER BY o.typname""",
    f"""SELECT format('CREATE COLLATION %I (provider = %s, locale = %L, deterministic = %s)',
        o.collname, CASE o.collprovider WHEN 'i' THEN 'icu' ELSE 'libc' END,
        coalesce(to_jsonb(o)->>'colllocale', to_jsonb(o)->>'colliculocale', o.collcollate),
        coalesce(to_jsonb(o)->>'collisdeterministic', 'true')) AS statement
    FROM pg_collation o JOIN pg_namespace s ON s.oid = o.collnamespace
    WHERE {_OWN} ORDER BY o.collname""",
    f"""SELECT pg_get_functiondef(o.oid) AS statement
    FROM pg_proc o JOIN pg_namespace s ON s.oid = o.pronamespace
    WHERE o.prokind IN ('f', 'p') AND {_OWN} ORDER BY o.proname, o.oid""",
)
_AFTER = (
    f"""SELECT 'CREATE VIEW ' || quote_ident(o.relname) || ' AS ' || pg_get_viewdef(o.oid, true)
        AS statement
    FROM pg_class o JOIN pg_namespace s ON s.oid = o.relnamespace
    WHERE o.relkind = 'v' AND {_OWN} ORDER BY o.oid""",
    f"""SELECT 'CREATE MATERIALIZED VIEW ' || quote_ident(o.relname) || ' AS '
        || pg_get_viewdef(o.oid, true) AS statement
    FROM pg_class o JOIN pg_namespace s ON s.oid = o.relnamespace
    WHERE o.relkind = 'm' AND {_OWN} ORDER BY o.oid""",
    f"""SELECT pg_get_triggerdef(t.oid, true) AS statement
    FROM pg_trigger t JOIN pg_class o ON o.oid = t.tgrelid
    JOIN pg_namespace s ON s.oid = o.relnamespace
    WHERE NOT t.tgisinternal AND {_OWN} ORDER BY o.relname, t.tgname""",
)
_SEQUENCES = """
SELECT c.relname AS table, a.attname AS column, q.last_value AS last
FROM pg_sequences q
    JOIN pg_class n ON n.oid = format('%%I.%%I', q.schemaname, q.sequencename)::regclass
    JOIN pg_depend p ON p.objid = n.oid AND p.classid = 'pg_class'::regclass
        AND p.refclassid = 'pg_class'::regclass AND p.deptype IN ('a', 'i')
    JOIN pg_class c ON c.oid = p.refobjid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.refobjsubid
WHERE q.last_value IS NOT NULL AND c.relname = ANY(%s) AND pg_table_is_visible(c.oid)
ORDER BY 1, 2
"""


def quoted(name: str) -> str:
    """A name, in quotes where it needs them."""
    return str(_preparer.quote(name))


def others(connection: Connection) -> tuple[list[str], list[str]]:
    """What there is besides tables: statements for before them, and for after them."""
    before, after = (
        [_clean(row["statement"]) for query in queries for row in _asked(connection, query)]
        for queries in (_BEFORE, _AFTER)
    )
    return before, after


def _asked(connection: Connection, query: str, *values: Any) -> list[dict[str, Any]]:
    return connection.execute(query.encode(), values or None).fetchall()


def _clean(statement: str) -> str:
    return statement.strip().rstrip(";")


def tables(connection: Connection, names: Collection[str]) -> tuple[list[str], list[str]]:
    """Statements that make the tables, and those that let them refer to each other."""
    found = postgres_catalogue.read(connection)
    made: list[str] = []
    references: list[str] = []
    for name in sorted(names):
        made += _table(found[name])
        for each in found[name].things:
            if each.kind == "foreign key":
                references.append(
                    f"ALTER TABLE {quoted(name)} ADD CONSTRAINT {quoted(str(each.name))} "
                    f"{each.parts['definition']}"
                )
    return made, references


def _table(table: Table) -> Iterator[str]:
    name = quoted(table.name)
    own = next(each for each in table.things if each.kind == TABLE)
    lines = [_column(each) for each in table.columns().values()]
    for kind in _IN_PLACE:
        lines += [
            f"CONSTRAINT {quoted(str(each.name))} {each.parts['definition']}"
            for each in table.things
            if each.kind == kind
        ]
    body = ",\n    ".join(lines)
    unlogged = "UNLOGGED " if own.parts["persistence"] else ""
    options = f" WITH ({own.parts['options']})" if own.parts["options"] else ""
    yield f"CREATE {unlogged}TABLE {name} (\n    {body}\n){options}"
    for each in table.things:
        if each.kind == "index":
            yield _index(name, each)
    yield from _comments(table, own)


def _column(column: Thing) -> str:
    parts = column.parts
    words = [quoted(str(column.name)), parts["type"]]
    if parts["collation"]:
        words.append(f"COLLATE {parts['collation']}")
    if parts["generated"]:
        words.append(f"GENERATED ALWAYS AS{parts['generated'].removeprefix('as')}")
    if parts["default"]:
        words.append(f"DEFAULT {parts['default']}")
    if parts["identity"]:
        words.append(f"GENERATED {parts['identity'].upper()}{_sequence(parts['sequence'])}")
    if parts["nullability"] == "not null":
        words.append("NOT NULL")
    return " ".join(words)


def _sequence(options: str) -> str:
    """`start 1 increment 2 min 1 cache 1` in the words of CREATE TABLE."""
    return f" ({options.upper().replace('MIN ', 'MINVALUE ')})" if options else ""


def _index(table: str, index: Thing) -> str:
    method = index.parts["definition"]
    unique = "UNIQUE " if method.startswith("UNIQUE ") else ""
    method = method.removeprefix("UNIQUE ").replace("using", "USING", 1)
    return f"CREATE {unique}INDEX {quoted(str(index.name))} ON {table} {method}"


def _comments(table: Table, own: Thing) -> Iterator[str]:
    if own.parts["comment"]:
        yield f"COMMENT ON TABLE {quoted(table.name)} IS {_literal(own.parts['comment'])}"
    for name, column in table.columns().items():
        if column.parts["comment"]:
            place = f"{quoted(table.name)}.{quoted(name)}"
            yield f"COMMENT ON COLUMN {place} IS {_literal(column.parts['comment'])}"


def _literal(text: str) -> str:
    return sql.Literal(text).as_string(None)


def rows(connection: Connection, names: Collection[str]) -> list[str]:
    """Statements that write the rows of these tables, and let the next keys follow."""
    found = postgres_catalogue.read(connection)
    statements = []
    for name in sorted(set(names) & set(found)):
        columns = {n: c for n, c in found[name].columns().items() if not c.parts["generated"]}
        values = _values(connection, name, columns)
        if values:
            listed = ", ".join(map(quoted, columns))
            always = any(c.parts["identity"].startswith("always") for c in columns.values())
            verb = "OVERRIDING SYSTEM VALUE VALUES" if always else "VALUES"
            lines = ",\n    ".join(values)
            statements.append(f"INSERT INTO {quoted(name)} ({listed}) {verb}\n    {lines}")
    for row in _asked(connection, _SEQUENCES, list(names)):
        place = f"{_literal(quoted(row['table']))}, {_literal(row['column'])}"
        statements.append(f"SELECT setval(pg_get_serial_sequence({place}), {row['last']})")
    return statements


def _values(connection: Connection, name: str, columns: Mapping[str, Thing]) -> list[str]:
    """Each row as `(1, 'text', NULL)`."""
    parts = [
        f"coalesce({quoted(n)}::text, 'NULL')"
        if c.parts["type"] in _PLAIN
        else f"quote_nullable({quoted(n)}::text)"
        for n, c in columns.items()
    ]
    joined = " || ', ' || ".join(parts)
    order = quoted("id") if "id" in columns else "1"
    query = f"SELECT '(' || {joined} || ')' AS row FROM {quoted(name)} ORDER BY {order}"
    return [row["row"] for row in _asked(connection, query)]
