"""What all that talks to MariaDB shares: names as SQL, and rows as dictionaries."""

from typing import Any, TypeAlias

import pymysql

Connection: TypeAlias = "pymysql.connections.Connection[pymysql.cursors.DictCursor]"


def quoted(name: str) -> str:
    """A name as SQL."""
    return "`" + name.replace("`", "``") + "`"


def rows(connection: Connection, query: str, *values: str) -> list[dict[str, Any]]:
    """All rows of a query; `values` stand for its `%s`, which mean nothing without them."""
    cursor = connection.cursor()
    cursor.execute(query, values or None)
    return list(cursor.fetchall())
