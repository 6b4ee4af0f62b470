"""Lets Alembic see tables that Django made as they are.

    reflection = Reflection(connection, Base.metadata)
    context.configure(connection=connection, **reflection.options)
    reflection.attach(context.get_context())

On SQLite, where SQLAlchemy reads constraints out of the text of CREATE TABLE and knows only its own
way of writing it, the database itself is asked for them. This file imports nothing else of the
application.
"""

import re
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Connection, Integer, MetaData, Table, TextClause, event, inspect

Json = dict[str, Any]

_DERIVED = re.compile(r".*_[0-9a-f]{8}(_\w*)?")


class Reflection:
    """What Alembic asks us.

    without_model: tables that are left alone; by default all that no model describes. To drop
    one, say so in a revision.
    through: tables whose key has the size that it had when they were made.
    unmanaged: tables with a model that are left alone as well.
    """

    def __init__(
        self,
        connection: Connection,
        metadata: MetaData,
        *,
        without_model: Collection[str] | None = None,
        through: Collection[str] = (),
        unmanaged: Collection[str] = (),
    ) -> None:
        self.connection = connection
        self.dialect = connection.dialect
        self.facts = SqliteFacts(connection) if self.dialect.name == "sqlite" else None
        self.metadata = metadata
        self.without_model = without_model
        self.through = frozenset(through)
        self.unmanaged = frozenset(unmanaged)
        if self.facts is not None:
            complete(self.dialect, self.facts)
        if not event.contains(Table, "column_reflect", see_serial):
            event.listen(Table, "column_reflect", see_serial)

    @property
    def options(self) -> Json:
        """Keyword arguments of `context.configure`."""
        return {
            "target_metadata": self.metadata,
            "compare_type": self.compare_type,
            "compare_server_default": _COMPARE_DEFAULT.get(self.dialect.name, True),
            "include_object": self.include,
        }

    def attach(self, context: Any) -> None:
        """Let a migration context compare indexes over expressions, and those that descend."""
        if self.facts is not None:
            context.impl._skip_functional_indexes = self.facts.overlook
        if self.dialect.name == "mariadb":
            context.impl.correct_for_autogen_constraints = _without_descending(
                context.impl.correct_for_autogen_constraints
            )

    def include(self, thing: Any, name: Any, kind: str, reflected: bool, other: Any) -> bool:
        """Leave out tables that have no model, and names that only Django thought of."""
        if kind in ("index", "unique_constraint") and other is None:
            return not self.goes_by_another_name(thing, name, reflected)
        if kind != "table":
            return True
        if self.without_model is None:
            return name in self.metadata.tables and name not in self.unmanaged
        return name not in self.without_model

    def goes_by_another_name(self, thing: Any, name: str | None, reflected: bool) -> bool:
        """Whether the other side has it under a name that was derived earlier.

        Such names end with a hash and what they are for. A table that is renamed keeps them.
        """
        mine = _DERIVED.fullmatch(name or "")
        if mine is None:
            return False
        table, columns = thing.table.name, _columns(thing)
        if reflected:
            model = self.metadata.tables.get(table)
            there: list[Any] = [*model.indexes, *model.constraints] if model is not None else []
            others = [(each.name, _columns(each)) for each in there if hasattr(each, "columns")]
        else:
            inspector = inspect(self.connection)
            if not inspector.has_table(table):
                return False
            found: list[Any] = [
                *inspector.get_indexes(table),
                *inspector.get_unique_constraints(table),
            ]
            others = [(each["name"], tuple(each["column_names"])) for each in found]
        matches = ((_DERIVED.fullmatch(str(n or "")), c) for n, c in others)
        return any(m and m[1] == mine[1] and c == columns for m, c in matches)

    def compare_type(
        self, _: Any, inspected: Any, column: Any, found: Any, wanted: Any
    ) -> bool | None:
        """On SQLite types are words: the declared one has to be the one that we would write."""
        if self.facts is None:
            numbers = isinstance(found, Integer) and column.identity is not None
            return False if numbers and column.table.name in self.through else None
        declared = self.facts.types(column.table.name).get(column.name, "")
        # a collation is no part of the declared type
        return (
            word(declared) != word(wanted.compile(dialect=self.dialect)).partition(" collate ")[0]
        )


def _without_descending(correct: Callable[..., None]) -> Callable[..., None]:
    """On MariaDB SQLAlchemy does not read which columns of an index descend."""

    def corrected(found_uniques: Any, found: Any, wanted_uniques: Any, wanted: Any) -> None:
        correct(found_uniques, found, wanted_uniques, wanted)
        for mine in [i for i in wanted if any(isinstance(e, TextClause) for e in i.expressions)]:
            for other in [i for i in found if i.name == mine.name]:
                if len(other.expressions) == len(mine.expressions):
                    wanted.discard(mine)
                    found.discard(other)

    return corrected


def _columns(thing: Any) -> tuple[str, ...]:
    return tuple(column.name for column in thing.columns)


def _compare_default(
    _: Any, __: Any, column: Any, found: str | None, ___: Any, wanted: str | None
) -> bool | None:
    # SQLite numbers rows without an identity that could be seen; of generated columns, see below
    if column.identity is not None or column.computed is not None:
        return False
    # of parentheses round an expression SQLite keeps all but one pair, Alembic drops one
    same = found and wanted and found.strip("()") == wanted.strip("()")
    return False if same else None


def _compare_plain_default(
    _: Any, __: Any, column: Any, found: str | None, ___: Any, wanted: str | None
) -> bool | None:
    # what numbers rows by itself, and what is computed, is no default there
    if column.identity is not None or column.computed is not None:
        return False
    # `4.5e0`, which is no decimal, is shown as `4.5`
    same = found and wanted and wanted == f"{found}e0"
    return False if same else None


#: How defaults are compared, by the kind of database; others leave it to Alembic.
_COMPARE_DEFAULT = {"sqlite": _compare_default, "mariadb": _compare_plain_default}


def see_serial(inspector: Any, __: Any, column: Json) -> None:
    """Show a column that takes its numbers from a sequence as one that numbers itself.

    Django made such keys before 4.1; to both applications they are the same. On SQLite and MariaDB,
    generated columns are shown as others: Alembic fails at those where a function compares defaults.
    """
    if inspector.dialect.name in _COMPARE_DEFAULT:
        column.pop("computed", None)
    if str(column.get("default") or "").startswith("nextval("):
        column["default"] = None
        column["identity"] = {"always": False}


def word(text: str) -> str:
    """A type of SQLite as it is compared."""
    return re.sub(r"\s+", " ", text.strip().lower()).replace(" (", "(").replace(", ", ",")


_NAME = r'(?:"(?:[^"]|"")+"|\w+)'
# a column with its type, then REFERENCES as Django writes it
_DEFERRED = re.compile(
    rf"[(,]\s*({_NAME})\s[^,\"()]*(?:\([\d\s,]*\)[^,\"()]*)?\bREFERENCES\s+{_NAME}\s*"
    rf"\(\s*{_NAME}\s*\)\s*DEFERRABLE\s+INITIALLY\s+DEFERRED",
    re.IGNORECASE,
)


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


class SqliteFacts:
    """What the database says of its tables, by PRAGMA."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def _rows(self, pragma: str, name: str) -> list[Any]:
        quoted = name.replace('"', '""')
        return list(self._connection.exec_driver_sql(f'PRAGMA {pragma}("{quoted}")'))

    def types(self, table: str) -> dict[str, str]:
        """Declared types by column."""
        return {row[1]: row[2] for row in self._rows("table_xinfo", table)}

    def uniques(self, table: str) -> list[tuple[str, ...]]:
        """Columns of UNIQUE constraints, which have indexes of their own origin."""
        listed = self._rows("index_list", table)
        names = [row[1] for row in listed if row[2] and row[3] == "u"]
        return [tuple(row[2] for row in self._rows("index_info", name)) for name in names]

    def deferred(self, table: str) -> set[str]:
        """Columns whose foreign key is checked at the end of a transaction."""
        query = "select sql from sqlite_master where type = 'table' and name = ?"
        row = self._connection.exec_driver_sql(query, (table,)).fetchone()
        return {_unquoted(match.group(1)) for match in _DEFERRED.finditer(row[0] if row else "")}

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
