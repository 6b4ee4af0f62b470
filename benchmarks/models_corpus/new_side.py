"""What the converted application does with the corpus: runs in its folder.

python new_side.py create | write | read | names | related | load < JSON > JSON
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, os.getcwd())

from shown import shown, value_of
from sqlalchemy import Join, inspect, select, text
from sqlalchemy.orm import Session, configure_mappers


def load() -> Any:
    """Import every module with models, one by one, and configure all mappers."""
    problems = {}
    for place in sorted(Path("app").glob("*/models.py")):
        name = ".".join(place.with_suffix("").parts)
        try:
            importlib.import_module(name)
        except Exception as error:  # whatever a generated module raises is a finding
            problems[name] = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    try:
        configure_mappers()
    except Exception as error:  # the same
        problems["mappers"] = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return {"modules": len(list(Path("app").glob("*/models.py"))), "problems": problems}


def classes_by_label() -> dict[str, Any]:
    """Every class by Django's label."""
    load()
    base = importlib.import_module("app.compat.models").Base
    importlib.import_module("app.compat.clock").use_app_zone()  # as an application that starts
    return {mapper.class_.django_label(): mapper.class_ for mapper in base.registry.mappers}


def _engine() -> Any:
    database = importlib.import_module("app.db").database
    return database.sync_engine


def _unchecked(connection: Any) -> None:
    """Foreign keys are not checked, since tables may refer to each other."""
    off = "SET session_replication_role = replica"
    if connection.dialect.name == "sqlite":
        off = "PRAGMA foreign_keys = OFF"
    elif connection.dialect.name == "mariadb":
        off = "SET foreign_key_checks = 0"
    connection.execute(text(off))
    connection.commit()


def create() -> Any:
    """Make every table; what `load` says."""
    loaded = load()
    metadata = importlib.import_module("app.compat.models").Base.metadata
    metadata.create_all(_engine())
    return loaded


def write() -> Any:
    """Write rows, as `django_side.py read` showed them, through each class's table."""
    classes, failed = classes_by_label(), {}
    rows = json.load(sys.stdin)
    with _engine().connect() as connection:
        _unchecked(connection)
        for label, found in rows.items():
            if label not in classes or "problem" in found:
                continue
            try:
                _write(connection, classes[label], found.values())
                connection.commit()
            except Exception as error:  # the database or a type refuses: a finding
                connection.rollback()
                failed[label] = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return {"failed": failed}


def table_of(mapper: Any) -> Any:
    """The own table of a class, which may be joined with those of further parents."""
    found = mapper.local_table
    while isinstance(found, Join):
        found = found.left
    return found


def _columns(model: Any) -> dict[str, Any]:
    """The own columns of a class by Django's attribute."""
    mapper = inspect(model)
    table = table_of(mapper)
    own = {}
    for prop in mapper.column_attrs:
        for column in prop.columns:
            if column.table is table:
                own[_django_name(prop.key)] = (prop.key, column)
    return own


def _django_name(key: str) -> str:
    return key


def _write(connection: Any, model: Any, rows: Any) -> None:
    columns = _columns(model)
    for row in rows:
        values = {}
        for name, pair in row.items():
            column = _named(columns, name)[1]
            if column.computed is None:
                values[column.name] = value_of(pair)
        table = table_of(inspect(model))
        connection.execute(table.insert().values({table.c[k]: v for k, v in values.items()}))


def _named(columns: dict[str, Any], name: str) -> Any:
    """The column of a Django attribute; some attributes need another name here."""
    for key in (name, f"{name.lstrip('_')}_"):
        if key in columns:
            return columns[key]
    raise KeyError(name)


def read() -> Any:
    """Every row by SQLAlchemy, as `django_side.py read` shows it; stdin has the attributes."""
    wanted = json.load(sys.stdin)
    found: dict[str, Any] = {}
    classes = classes_by_label()
    with Session(_engine()) as session:
        for label, names in wanted.items():
            if label not in classes:
                continue
            try:
                found[label] = _rows(session, classes[label], names)
            except Exception as error:  # the database or a type refuses: a finding
                session.rollback()
                found[label] = {"problem": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
            session.expunge_all()
    return found


def _rows(session: Session, model: Any, names: list[str]) -> Any:
    columns = _columns(model)
    rows = {}
    for row in session.scalars(select(model)):
        rows[_key(row)] = {n: shown(getattr(row, _named(columns, n)[0])) for n in names}
    return rows


def names() -> Any:
    """By label: names of relationships, and what new objects hold."""
    found = {}
    session, saving = Session(_engine()), None
    for label, model in classes_by_label().items():
        saving = saving or importlib.import_module("app.compat.saving")
        made = model()
        try:
            saving.ask_defaults(session, made)
        except Exception:  # a default of the tests that needs their set-up: Django's fails as well
            session.rollback()
        columns = {n: shown(getattr(made, key)) for n, (key, _) in _columns(model).items()}
        found[label] = {"relations": list(inspect(model).relationships.keys()), "values": columns}
        session.rollback()
    return found


def related() -> Any:
    """Keys at the other side of each relation, of the rows and names on stdin."""
    found: dict[str, Any] = {}
    classes = classes_by_label()
    for label, rows in json.load(sys.stdin).items():
        with Session(_engine()) as session:
            found[label] = _related(session, classes[label], rows) if label in classes else {}
    return found


def _related(session: Session, model: Any, rows: Any) -> Any:
    found: dict[str, Any] = {}
    for row in session.scalars(select(model)).all():
        key = _key(row)
        lists = {}
        for name in rows.get(key, ()):
            there = next((n for n in (name, f"{name.lstrip('_')}_") if hasattr(model, n)), None)
            other = getattr(row, there) if there else None
            kept = other if isinstance(other, list) else [other] if other is not None else []
            lists[name] = sorted(map(_key, kept))
        found[key] = lists
    return found


def _key(row: Any) -> str:
    names = [
        inspect(type(row)).get_property_by_column(c).key for c in inspect(type(row)).primary_key
    ]
    key = [shown(getattr(row, name)) for name in names]
    return json.dumps(key[0] if len(key) == 1 else ["list", key])


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))
