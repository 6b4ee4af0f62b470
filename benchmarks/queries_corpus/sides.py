"""Runs every pair on one side, each in a transaction that is undone.

    python sides.py django | new < JSON > JSON

In: `pairs`, module and function names by the pair's name. Out: per pair what it gave, and a digest
of all tables after it.
"""

import hashlib
import importlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path[:0] = [os.getcwd(), str(Path(__file__).parent)]

from shown import failed, shown  # noqa: E402


class UndoError(Exception):
    """Ends a transaction without keeping what it wrote."""


def told(function: Callable[[], Any]) -> Any:
    """What a pair gives, or how it fails."""
    try:
        return shown(function())
    except Exception as error:  # the kind of the error is what is compared
        return failed(error)


def digest(rows: Iterable[Any]) -> str:
    """A short form of all rows, in an order of their own."""
    return hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()


def django(pairs: dict[str, list[str]]) -> dict[str, Any]:
    """The legacy side."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    import django

    django.setup()
    from django.db import connection, transaction

    names = [n for n in connection.introspection.table_names() if n.startswith("library_")]

    def tables() -> str:
        rows = []
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(_query(name, _columns(name), connection.vendor))
                rows += [(name, *row) for row in cursor.fetchall()]
        return digest(rows)

    def _columns(name: str) -> list[str]:
        with connection.cursor() as cursor:
            found = connection.introspection.get_table_description(cursor, name)
        return [column.name for column in found]

    found = {}
    for pair, (module, function) in pairs.items():
        called = getattr(importlib.import_module(module), function)
        with transaction.atomic():
            value = told(lambda called=called: _inside(transaction.atomic, called))
            found[pair] = [value, tables()]
            transaction.set_rollback(True)
    return found


def _inside(atomic: Callable[[], Any], called: Callable[[], Any]) -> Any:
    with atomic():
        return called()


def new(pairs: dict[str, list[str]]) -> dict[str, Any]:
    """The converted side."""
    database = importlib.import_module("app.db").database
    atomic = importlib.import_module("app.compat.transactions").atomic
    metadata = importlib.import_module("app.compat.models").Base.metadata
    for place in Path("app").glob("*/models.py"):
        importlib.import_module(".".join(place.with_suffix("").parts))
    names = [name for name in metadata.tables if name.startswith("library_")]

    def tables(session: Any) -> str:
        rows = []
        for name in names:
            columns = [column.name for column in metadata.tables[name].columns]
            connection = session.connection()
            query = _query(name, columns, connection.dialect.name).replace("%", "%%")
            rows += [(name, *row) for row in connection.exec_driver_sql(query)]
        return digest(rows)

    def call(session: Any, module: str, function: str) -> Any:
        called = getattr(importlib.import_module(module), function)
        takes = called.__code__.co_varnames[: called.__code__.co_argcount]
        return called(*([session] if takes[:1] == ("session",) else []))

    found = {}
    for pair, (module, function) in pairs.items():
        with database.sync_sessions() as session:
            try:
                with atomic(session):
                    value = told(
                        lambda s=session, m=module, f=function: _inside(
                            lambda s=s: atomic(s), lambda: call(s, m, f)
                        )
                    )
                    found[pair] = [value, tables(session)]
                    raise UndoError
            except UndoError:
                session.expunge_all()
    return found


def _query(table: str, columns: list[str], vendor: str) -> str:
    """All rows as texts; stamps of saving are left out."""
    of_mysql = vendor in ("mysql", "mariadb")
    quote, text = ("`", "CHAR") if of_mysql else ('"', "TEXT")
    names = [f"{quote}{name}{quote}" for name in sorted(columns) if name != "updated"]
    kept = ", ".join(f"CAST({name} AS {text})" for name in names)
    return f"SELECT {kept} FROM {quote}{table}{quote}"


if __name__ == "__main__":
    given = json.load(sys.stdin)
    sides = {"django": django, "new": new}
    print(json.dumps(sides[sys.argv[1]](given["pairs"])))
