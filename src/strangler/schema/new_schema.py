"""Says what the generated application's tables are, in `[new] python`.

    python new_schema.py < boot.json

Standard input brings folder, application, environment and the tables to look at; standard output
gets one JSON object: the statements that would make the tables, and what Alembic's autogenerate
would do to the database.
"""

import importlib
import importlib.util
import json
import os
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
    from sqlalchemy import create_engine

    package = boot["app"].partition(".")[0]
    importlib.import_module(f"{package}.registry").load()
    base = importlib.import_module(f"{package}.compat.models").Base
    database = importlib.import_module(f"{package}.db").database
    engine = create_engine(database.sync_engine.url)
    unmanaged, mine = set(boot["unmanaged"]), set(base.metadata.tables)
    through = {m.local_table.name for m in base.registry.mappers if m.class_.__auto_created__}
    with engine.connect() as connection:
        strange = set(inspect_names(connection)) - {*boot["wanted"], *mine}
        reflection = reflection_module(boot["reflection"]).Reflection(
            connection, base.metadata, without_model=strange | unmanaged, through=through
        )
        context = MigrationContext.configure(connection, opts=reflection.options)
        reflection.attach(context)
        operations = compare_metadata(context, base.metadata)
    engine.dispose()
    tables = [table for table in base.metadata.sorted_tables if table.name not in unmanaged]
    return {
        "dialect": engine.dialect.name,
        "tables": [table.name for table in tables],
        "statements": statements(base.metadata, tables, engine.dialect.name),
        "names": sorted(chosen_names(tables)),
        "through": sorted(through),
        "differences": [told(each) for each in flat(operations)],
    }


def inspect_names(connection: Any) -> list[str]:
    """Every table that is there."""
    from sqlalchemy import inspect

    return list(inspect(connection).get_table_names())


def reflection_module(file: str) -> Any:
    """Our support for Alembic, whether the application has received it or not."""
    spec = importlib.util.spec_from_file_location("strangler_reflection", file)
    if spec is None or spec.loader is None:
        raise ImportError(file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def statements(metadata: Any, tables: Any, dialect: str) -> list[str]:
    """What `create_all` would execute."""
    from sqlalchemy import create_mock_engine

    found: list[str] = []

    def execute(statement: Any, *_: Any, **__: Any) -> None:
        found.append(str(statement.compile(dialect=mock.dialect)).strip())

    mock: Any = create_mock_engine(f"{DRIVERS[dialect]}://", execute)
    metadata.create_all(mock, tables=tables, checkfirst=False)
    return found


DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "mariadb": "mariadb+pymysql",
}


def chosen_names(tables: Any) -> set[str]:
    """Names that the models give to constraints and indexes; the rest is the database's choice."""
    things = [each for table in tables for each in (*table.constraints, *table.indexes)]
    return {str(each.name) for each in things if isinstance(each.name, str)}


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
