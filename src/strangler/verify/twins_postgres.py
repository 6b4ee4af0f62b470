"""Twin PostgreSQL databases: one frozen template, clones by CREATE DATABASE ... TEMPLATE."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from strangler.diff.exchange import RowChange
from strangler.errors import EnvironmentProblem
from strangler.verify.executor import SIDES, Side
from strangler.verify.postgres_server import Server
from strangler.verify.relay import PORT, PostgresRelay
from strangler.verify.twins import LOG_TABLE, Place, Vendor, server_names

_INSTALL = f"""
CREATE TABLE public.{LOG_TABLE} (n bigserial PRIMARY KEY, tbl regclass, old jsonb, new jsonb);
CREATE FUNCTION public.{LOG_TABLE}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.{LOG_TABLE} (tbl, old, new) VALUES (TG_RELID,
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
        CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
    RETURN NULL;
END $$;
"""
_TABLES = """
SELECT c.oid::regclass::text AS name, c.oid AS oid,
    ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
          AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
    ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
          AND NOT a.attisdropped AND a.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype)
    ) AS times,
    ARRAY(SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid
          AND a.attnum = ANY(i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary
          ORDER BY array_position(i.indkey::int2[], a.attnum)) AS key,
    EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggers
FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND s.nspname NOT IN ('pg_catalog', 'information_schema')
    AND s.nspname NOT LIKE 'pg!_%' ESCAPE '!' ORDER BY 1
"""
_SEQUENCES = """
SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) AS name, last_value, start_value
FROM pg_sequences WHERE sequencename NOT LIKE 'strangler!_%' ESCAPE '!'
"""


class PostgresTwins:
    """Twins on one server; their names begin with `strangler_`, and they are dropped at the end."""

    vendor: Vendor = "postgresql"

    def __init__(self, server: Server) -> None:
        self.server = server
        self.names = server_names()
        self._connections: dict[Side, psycopg.Connection[dict[str, Any]]] = {}
        self._horizons: dict[Side, int] = {}
        #: What was noted up to the horizon.
        self._noted: dict[Side, list[RowChange]] = {}
        #: Tables written to since the last clone, and what they hold in the template.
        self._written: set[str] = set()
        self._digests: dict[str, str] = {}
        self._samples: dict[tuple[str, int, str, tuple[str, ...]], list[dict[str, Any]]] = {}
        self.relay = PostgresRelay(server.host, server.port, self.names.values())
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
        database, user, password = self.names[name], self.server.user, self.server.password
        settings = {
            "NAME": database,
            "USER": user,
            "PASSWORD": password,
            "HOST": self.relay.folder,
            "PORT": str(PORT),
        }
        query = urlencode({"host": self.relay.folder, "port": PORT})
        login = f"{quote(user, safe='')}:{quote(password, safe='')}" if password else quote(user)
        return Place(
            "postgresql",
            settings,
            f"postgresql://{login}@/{database}?{query}",
            (self.relay.folder,),
        )

    def freeze(self) -> None:
        """Add the triggers that note touched rows, then make both twins."""
        with self.server.connect(self.names["frozen"]) as connection:
            self._tables = {row["oid"]: row for row in connection.execute(_TABLES)}
            self._undoable = all(
                row["key"] and not row["triggers"] for row in self._tables.values()
            )
            connection.execute(_INSTALL)
            for row in self._tables.values():
                connection.execute(
                    f"CREATE TRIGGER zz_{LOG_TABLE} AFTER INSERT OR UPDATE OR DELETE ON "
                    f"{row['name']} FOR EACH ROW EXECUTE PROCEDURE public.{LOG_TABLE}()".encode()
                )
            self._sequences = {
                row["name"]: (row["last_value"], row["start_value"])
                for row in connection.execute(_SEQUENCES)
            }
        self._by_name = {row["name"]: row for row in self._tables.values()}
        self.clone()

    def clone(self) -> None:
        """Drop and make both twins."""
        self._disconnect()
        self._written.clear()
        for side in SIDES:
            self.server.create(self.names[side], template=self.names["frozen"])

    def intact(self) -> bool:
        """Compare the tables that were written to with the template's."""
        unknown = self._written - self._digests.keys()
        if unknown:
            with self.server.connect(self.names["frozen"]) as frozen:
                self._digests |= {table: _digest(frozen, table) for table in sorted(unknown)}
        return all(
            _digest(self._side(side), table) == self._digests[table]
            for side in SIDES
            for table in sorted(self._written)
        )

    def _side(self, side: Side) -> psycopg.Connection[dict[str, Any]]:
        if side not in self._connections:
            self._connections[side] = self.server.connect(self.names[side])
        return self._connections[side]

    def changes(self, side: Side) -> list[RowChange]:
        """What the triggers noted; nothing is read while no transaction wrote on the server."""
        connection = self._side(side)
        horizon = _horizon(connection)
        if self._horizons.get(side) != horizon:
            query = f"SELECT tbl::oid AS oid, old, new FROM public.{LOG_TABLE} ORDER BY n"
            entries = connection.execute(query.encode()).fetchall()
            self._horizons[side], self._noted[side] = horizon, list(self._folded(entries))
        return list(self._noted[side])

    def _folded(self, entries: Sequence[Mapping[str, Any]]) -> Iterable[RowChange]:
        """One change per row: its first state and its last."""
        states: dict[tuple[int, str], list[dict[str, Any] | None]] = {}
        for entry in entries:
            times = self._tables[entry["oid"]]["times"]
            old, new = _padded(entry["old"], times), _padded(entry["new"], times)
            for row, position in ((old, 0), (new, 1)):
                if row is None:
                    continue
                place = (entry["oid"], self._key(entry["oid"], row))
                state = states.setdefault(place, [old if position == 0 else None, None])
                state[1] = row if position else None
        for (oid, key), (before, after) in states.items():
            if before != after:
                yield RowChange(self._tables[oid]["name"], key, before, after)

    def _key(self, oid: int, row: Mapping[str, Any]) -> str:
        table = self._tables[oid]
        return ",".join(str(row[name]) for name in table["key"] or table["columns"])

    def undo(self) -> bool:
        """Write the first states back; not with triggers of the project's own or without keys."""
        if not self._undoable:
            return False
        try:
            for side in SIDES:
                self._undo_side(side)
        except psycopg.Error:
            return False
        return True

    def _undo_side(self, side: Side) -> None:
        connection = self._side(side)
        self._horizons.pop(side, None)
        changed = self.changes(side)
        self._written |= {change.table for change in changed}
        with connection.transaction():
            if self.server.superuser:
                connection.execute("SET LOCAL session_replication_role = replica")
            else:
                connection.execute("SET CONSTRAINTS ALL DEFERRED")
            for change in changed:
                _delete(connection, self._by_name[change.table], change)
            for change in changed:
                _insert(connection, self._by_name[change.table], change)
            connection.execute(f"DELETE FROM public.{LOG_TABLE}".encode())
        for row in connection.execute(_SEQUENCES).fetchall():
            last, start = self._sequences.get(row["name"], (None, None))
            if row["last_value"] != last:
                connection.execute(
                    "SELECT setval(%s::regclass, %s, %s)", (row["name"], last or start, bool(last))
                )
        self._horizons[side], self._noted[side] = _horizon(connection), []

    def rows(
        self, table: str, limit: int, column: str = "", values: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Rows as JSON has them; nothing for a table that is not there."""
        key = table, limit, column, tuple(values)
        if key not in self._samples:
            texts = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
            which = f'WHERE twin_row."{column}"::text IN ({texts})' if column else ""
            self._samples[key] = self._read(table, limit, which)
        return self._samples[key]

    def _read(self, table: str, limit: int, which: str) -> list[dict[str, Any]]:
        known = self._by_name.get(table) or self._by_name.get(f'"{table}"')
        if known is None:
            return []
        order = ", ".join(f'"{name}"' for name in known["key"]) or "1"
        query = f"SELECT to_jsonb(twin_row) AS row FROM {known['name']} twin_row {which} ORDER BY {order} LIMIT {limit}"
        return [entry["row"] for entry in self._side("legacy").execute(query.encode())]

    def _disconnect(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()
        self._horizons.clear()

    def close(self) -> None:
        """Drop what was made."""
        self._disconnect()
        self.relay.close()
        for name in self.names.values():
            # the server may be gone: what went wrong before is what people should read
            with suppress(EnvironmentProblem, psycopg.Error):
                self.server.drop(name)


def _padded(row: dict[str, Any] | None, times: Sequence[str]) -> dict[str, Any] | None:
    """Times with six digits of a second: JSON leaves zeros out, and so makes lengths differ."""
    if row is None:
        return None
    return row | {
        name: datetime.fromisoformat(row[name]).isoformat(timespec="microseconds")
        for name in times
        if row[name] is not None and "infinity" not in row[name]
    }


def _digest(connection: psycopg.Connection[dict[str, Any]], table: str) -> str:
    """What a table holds, whatever the order of its rows."""
    query = (
        "SELECT md5(string_agg(row, '' ORDER BY row)) AS digest "
        f"FROM (SELECT md5(t::text) AS row FROM {table} t) AS rows"
    )
    found = connection.execute(query.encode()).fetchone()
    return str(found["digest"]) if found else ""


def _horizon(connection: psycopg.Connection[dict[str, Any]]) -> int:
    """The next transaction number to be given out: it moves with every attempt to write."""
    row = connection.execute(
        "SELECT txid_snapshot_xmax(txid_current_snapshot()) AS horizon"
    ).fetchone()
    return int(row["horizon"]) if row else 0


def _delete(
    connection: psycopg.Connection[dict[str, Any]], table: Mapping[str, Any], change: RowChange
) -> None:
    key = sql.SQL(", ").join(sql.Identifier(name) for name in table["key"])
    connection.execute(
        sql.SQL(
            "DELETE FROM {table} WHERE ({key}) = "
            "(SELECT {key} FROM jsonb_populate_record(NULL::{table}, %s))"
        ).format(table=sql.SQL(table["name"]), key=key),
        (json.dumps(change.after or change.before),),
    )


def _insert(
    connection: psycopg.Connection[dict[str, Any]], table: Mapping[str, Any], change: RowChange
) -> None:
    if change.before is None:
        return
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in table["columns"])
    connection.execute(
        sql.SQL(
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE "
            "SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"
        ).format(table=sql.SQL(table["name"]), columns=columns),
        (json.dumps(change.before),),
    )
