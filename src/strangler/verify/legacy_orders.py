"""Rows that nobody ordered come backwards from a twin on SQLite: an order that was lost shows.

SQLite reads a table in the order of its keys, which looks like most orders that are asked for.
Loaded by path into both executors: Python 3.6 grammar, other people's libraries reached by name.
"""

import importlib
from typing import Any

_BACKWARDS = "PRAGMA reverse_unordered_selects = ON"


def watch_django() -> None:
    """Tell every connection that Django opens from now on."""

    def tell(connection: Any, **_: Any) -> None:
        if connection.vendor == "sqlite":
            connection.connection.execute(_BACKWARDS)

    signals: Any = importlib.import_module("django.db.backends.signals")
    signals.connection_created.connect(tell, weak=False)


def watch_sqlalchemy() -> None:
    """Tell every connection that an engine opens from now on; nothing without SQLAlchemy."""
    try:
        sqlalchemy: Any = importlib.import_module("sqlalchemy")
    except ImportError:
        return

    def tell(connection: Any, _: Any) -> None:
        if "sqlite" in type(connection).__module__:
            cursor = connection.cursor()
            cursor.execute(_BACKWARDS)
            cursor.close()

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", tell)
