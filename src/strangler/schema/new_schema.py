"""Says what the generated application's tables are, in `[new] python`.

    python new_schema.py < boot.json

Standard input brings folder, application, environment and the tables to look at; standard output
gets one JSON object: the statements that would make the tables, and what Alembic's autogenerate
would do to the database. On SQLite, where SQLAlchemy reads constraints out of the text of CREATE
TABLE and knows only its own way of writing it, the database itself is asked for them.
"""

import importlib
import json
import os
import re
import sys
from typing import Any

Json = dict[str, Any]


def main() -> None:
    """Read, compare, answer."""
    boot: Json = json.loads(sys.stdin.read())
    os.environ.update(boot["environment"])
    os.chdir(boot["path"])
    sys.path[0] = boot["path"]
    answer, sys.stdout = sys.stdout, sys.stderr
    try:
        found = compare(boot)
    except Exception as error:  # whatever is wrong there is told in one line
        found = {"problem": f"{type(error).__name__}: {error}".splitlines()[0][:400]}
    print(json.dumps(found), file=answer)


def compare(boot: Json) -> Json:
    """The application's tables, and the operations that Alembic proposes."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Table, create_engine, event

    package = boot["app"].partition(".")[0]
    importlib.import_module(f"{package}.registry").load()
    metadata = importlib.import_module(f"{package}.compat.models").Base.metadata
    database = importlib.import_module(f"{package}.db").database
    engine = create_engine(database.sync_engine.url)
    unmanaged = set(boot["unmanaged"])
    with engine.connect() as connection:
        hooks = Hooks(connection, {*boot["wanted"], *metadata.tables} - unmanaged)
        if hooks.facts is not None:
            complete(engine.dialect, hooks.facts)
        event.listen(Table, "column_reflect", see_serial)
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": hooks.compare_type,
                "compare_server_default": hooks.defaults,
                "include_object": hooks.include,
                "target_metadata": metadata,
            },
        )
        if hooks.facts is not None:
            implementation: Any = context.impl
            implementation._skip_functional_indexes = hooks.facts.overlook
        operations = compare_metadata(context, metadata)
    engine.dispose()
    tables = [table for table in metadata.sorted_tables if table.name not in unmanaged]
    models = importlib.import_module(f"{package}.compat.models").Base.registry.mappers
    through = {each.local_table.name for each in models if each.class_.__auto_created__}
    return {
        "dialect": engine.dialect.name,
        "tables": [table.name for table in tables],
        "statements": statements(metadata, tables, engine.dialect.name),
        "names": sorted(chosen_names(tables)),
        "through": sorted(through),
        "differences": [told(each) for each in flat(operations)],
    }


def statements(metadata: Any, tables: Any, dialect: str) -> list[str]:
    """What `create_all` would execute."""
    from sqlalchemy import create_mock_engine

    found: list[str] = []

    def execute(statement: Any, *_: Any, **__: Any) -> None:
        found.append(str(statement.compile(dialect=mock.dialect)).strip())

    mock: Any = create_mock_engine(f"{DRIVERS[dialect]}://", execute)
    metadata.create_all(mock, tables=tables, checkfirst=False)
    return found


DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def chosen_names(tables: Any) -> set[str]:
    """Names that the models give to constraints and indexes; the rest is the database's choice."""
    things = [each for table in tables for each in (*table.constraints, *table.indexes)]
    return {str(each.name) for each in things if isinstance(each.name, str)}


class Hooks:
    """What Alembic asks us."""

    def __init__(self, connection: Any, wanted: set[str]) -> None:
        self.dialect = connection.dialect
        self.facts = SqliteFacts(connection) if self.dialect.name == "sqlite" else None
        self._wanted = wanted

    def include(self, thing: Any, name: Any, kind: str, reflected: bool, _: Any) -> bool:
        """Leave out tables that are none of the new application's business."""
        return kind != "table" or name in self._wanted

    def compare_type(
        self, _: Any, inspected: Any, column: Any, found: Any, wanted: Any
    ) -> bool | None:
        """On SQLite types are words: the declared one has to be the one that we would write."""
        if self.facts is None:
            return None
        declared = self.facts.types(column.table.name).get(column.name, "")
        return word(declared) != word(wanted.compile(dialect=self.dialect))

    @property
    def defaults(self) -> Any:
        """What compares defaults. SQLite numbers rows without an identity that could be seen."""
        return True if self.facts is None else _overlook_identity


def _overlook_identity(_: Any, __: Any, column: Any, *___: Any) -> bool | None:
    return False if column.identity is not None else None


def see_serial(_: Any, __: Any, column: Json) -> None:
    """Show a column that takes its numbers from a sequence as one that numbers itself.

    Django made such keys before 4.1; to both applications they are the same.
    """
    if str(column.get("default") or "").startswith("nextval("):
        column["default"] = None
        column["identity"] = {"always": False}


def word(text: str) -> str:
    """A type of SQLite as it is compared."""
    return re.sub(r"\s+", " ", text.strip().lower()).replace(" (", "(").replace(", ", ",")


class SqliteFacts:
    """What the database says of its tables, by PRAGMA."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def _rows(self, pragma: str, name: str) -> list[Any]:
        quoted = name.replace('"', '""')
        return list(self._connection.exec_driver_sql(f'PRAGMA {pragma}("{quoted}")'))

    def types(self, table: str) -> dict[str, str]:
        """Declared types by column."""
        return {row[1]: row[2] for row in self._rows("table_info", table)}

    def uniques(self, table: str) -> list[tuple[str, ...]]:
        """Columns of UNIQUE constraints, which have indexes of their own origin."""
        listed = self._rows("index_list", table)
        names = [row[1] for row in listed if row[2] and row[3] == "u"]
        return [tuple(row[2] for row in self._rows("index_info", name)) for name in names]

    def deferred(self, table: str) -> set[str]:
        """Columns whose foreign key is checked at the end of a transaction."""
        query = "select sql from sqlite_master where type = 'table' and name = ?"
        row = self._connection.exec_driver_sql(query, (table,)).fetchone()
        found = re.findall(
            r'"?(\w+)"?[^,"(]*(?:\([^)]*\)[^,"(]*)?\bREFERENCES\s+"?\w+"?\s*\(\s*"?\w+"?\s*\)'
            r"\s*DEFERRABLE\s+INITIALLY\s+DEFERRED",
            row[0] if row else "",
            re.IGNORECASE,
        )
        return set(found)

    def overlook(self, wanted: Any, found: Any) -> None:
        """Leave out indexes over expressions that are there and cannot be read.

        Alembic itself leaves all of them out that it does not see, missing ones too.
        """
        seen = {index.name for index in found}
        for index in list(wanted):
            listed = {row[1] for row in self._rows("index_list", index.table.name)}
            if index.name in listed - seen:
                wanted.discard(index)

    def descending(self, index: str) -> list[bool]:
        """For each column of an index whether it descends."""
        return [bool(row[3]) for row in self._rows("index_xinfo", index) if row[5]]


def _unique(columns: tuple[str, ...]) -> Json:
    """A constraint as SQLAlchemy reflects it; Alembic overlooks those without a name."""
    return {"name": "_".join(("unique", *columns)), "column_names": list(columns)}


def complete(dialect: Any, facts: Any) -> None:
    """Let SQLAlchemy's reflection see what Django wrote."""
    uniques, keys, indexes = (
        dialect.get_unique_constraints,
        dialect.get_foreign_keys,
        dialect.get_indexes,
    )

    def get_unique_constraints(connection: Any, table: str, schema: Any = None, **more: Any) -> Any:
        known = uniques(connection, table, schema, **more)
        seen = {tuple(each["column_names"]) for each in known}
        missing = [names for names in facts.uniques(table) if names not in seen]
        return [*known, *map(_unique, missing)]

    def get_foreign_keys(connection: Any, table: str, schema: Any = None, **more: Any) -> Any:
        known = keys(connection, table, schema, **more)
        deferred = facts.deferred(table)
        for each in known:
            if set(each["constrained_columns"]) <= deferred:
                each["options"] = {"deferrable": True, "initially": "DEFERRED"}
        return known

    def get_indexes(connection: Any, table: str, schema: Any = None, **more: Any) -> Any:
        known = indexes(connection, table, schema, **more)
        for each in known:
            sides = facts.descending(each["name"])
            names = each["column_names"]
            if any(sides) and len(sides) == len(names) and all(names):
                pairs = zip(names, sides, strict=True)
                each["expressions"] = [f"{n} DESC" if down else n for n, down in pairs]
                each["column_names"] = [
                    None if down else n for n, down in zip(names, sides, strict=True)
                ]
        return known

    dialect.get_unique_constraints = get_unique_constraints
    dialect.get_foreign_keys = get_foreign_keys
    dialect.get_indexes = get_indexes


def flat(operations: Any) -> list[Any]:
    """Changes of columns come in lists of their own."""
    return [op for each in operations for op in (flat(each) if isinstance(each, list) else [each])]


def told(operation: Any) -> Json:
    """One operation for people: what the database has, what the application expects."""
    kind = operation[0]
    if kind.startswith("modify_"):
        _, _, table, column, _, found, wanted = operation
        what = f"{kind.removeprefix('modify_')} of {column}: {found!r} in the database"
        return {"kind": kind, "table": table, "what": f"{what}, {wanted!r} in the application"}
    if kind in {"add_column", "remove_column"}:
        _, _, table, column = operation
        return {"kind": kind, "table": table, "what": f"column {column.name} {only(kind)}"}
    thing = operation[1]
    table = thing.name if kind.endswith("_table") else thing.table.name
    return {"kind": kind, "table": table, "what": f"{named(kind, thing)} {only(kind)}"}


def only(kind: str) -> str:
    """On which side something is alone."""
    return "only in the application" if kind.startswith("add_") else "only in the database"


def named(kind: str, thing: Any) -> str:
    """A table, an index or a constraint in few words."""
    label = kind.partition("_")[2].replace("fk", "foreign key").replace("table_comment", "comment")
    if kind.endswith("_table"):
        return "table"
    columns = [getattr(each, "name", None) or str(each) for each in _parts(thing)]
    shown = f"{label} {thing.name or ''}".strip()
    if kind.endswith("_fk"):
        target = ", ".join(element.target_fullname for element in thing.elements)
        options = " deferred" if thing.initially else ""
        return f"{shown} on ({', '.join(columns)}) to {target}{options}"
    return f"{shown} on ({', '.join(columns)})"


def _parts(thing: Any) -> Any:
    return thing.expressions if hasattr(thing, "expressions") else thing.columns


if __name__ == "__main__":
    main()
