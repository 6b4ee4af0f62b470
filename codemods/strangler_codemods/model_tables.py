"""What stands on the table: indexes, unique constraints, checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from strangler.facts import Exclusion, Index, IndexColumn, Model

from .names import quoted
from .world import World

Use = Callable[[str, str], str]

_LONGEST = 63
_POSTGRES = "sqlalchemy.dialects.postgresql"
_QUOTED_OR_MARK = re.compile(r"""'[^']*'|"[^"]*"|[(),]""")
_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")


def table_arguments(world: World, model: Model, use: Use) -> list[str]:
    """`__table_args__` of a model, from the schema editor's own names; `use` imports a name."""
    arguments = [_key(world, model, use)] if len(model.pk_columns) > 1 else []
    for unique in model.table_schema.uniques:
        columns = ", ".join(quoted(c) for c in unique.columns)
        name = _stored(world, unique.name or "")
        options = f", name={quoted(name)}" if name and not unique.inline else ""
        if unique.deferrable:
            options += f', deferrable=True, initially="{unique.deferrable.upper()}"'
        if unique.nulls_distinct is False:
            options += ", postgresql_nulls_not_distinct=True"
        arguments.append(f"{use('sqlalchemy', 'UniqueConstraint')}({columns}{options})")
    for check in model.table_schema.checks:
        if check.column and world.vendor == "mysql":
            continue  # it stands within the column
        name = f", name={quoted(_stored(world, check.name))}" if check.name else ""
        arguments.append(f"{use('sqlalchemy', 'CheckConstraint')}({sql_text(check.sql)!r}{name})")
    arguments += [_exclusion(world, each, use) for each in model.table_schema.exclusions]
    arguments += [_index(world, index, use) for index in model.table_schema.indexes]
    if model.db_comment:
        arguments.append(f'{{"comment": {quoted(model.db_comment)}}}')
    return arguments


def sql_text(text: str) -> str:
    """SQL in which SQLAlchemy finds no parameters."""
    return _PARAMETER.sub(r"\\:", text)


def _stored(world: World, name: str) -> str:
    """A name as the database keeps it: PostgreSQL cuts what is longer, SQLAlchemy refuses it."""
    if world.vendor != "postgresql":
        return name
    return name.encode()[:_LONGEST].decode(errors="ignore")


def _key(world: World, model: Model, use: Use) -> str:
    """A key of several columns, in their order."""
    columns = ", ".join(quoted(column) for column in model.pk_columns)
    return f"{use('sqlalchemy', 'PrimaryKeyConstraint')}({columns})"


def _exclusion(world: World, exclusion: Exclusion, use: Use) -> str:
    text = use("sqlalchemy", "text")
    parts = [f"({text}({sql_text(e.expression)!r}), {e.operator!r})" for e in exclusion.elements]
    options = f", name={quoted(_stored(world, exclusion.name))}, using={exclusion.method!r}"
    if exclusion.condition:
        options += f", where={text}({sql_text(exclusion.condition)!r})"
    if exclusion.deferrable:
        options += f', deferrable=True, initially="{exclusion.deferrable.upper()}"'
    return f"{use(_POSTGRES, 'ExcludeConstraint')}({', '.join(parts)}{options})"


def _index(world: World, index: Index, use: Use) -> str:
    quote = "`" if world.vendor == "mysql" else '"'
    parts = [_index_part(column, use, quote) for column in index.columns]
    if index.expressions:
        pieces = _pieces(index.expressions)
        parts = [f"{use('sqlalchemy', 'text')}({sql_text(piece)!r})" for piece in pieces]
    text = ", ".join([quoted(_stored(world, index.name)), *parts, *_index_options(index, use)])
    return f"{use('sqlalchemy', 'Index')}({text})"


def _pieces(sql: str) -> list[str]:
    """The items of a list, split at commas outside of quotes and parentheses."""
    depth, start, pieces = 0, 0, []
    for match in _QUOTED_OR_MARK.finditer(sql):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if match.group() == "," and depth == 0:
            pieces.append(sql[start : match.start()].strip())
            start = match.end()
    return [*pieces, sql[start:].strip()]


def outside_parentheses(sql: str) -> str:
    """SQL without one pair of parentheses around all of it."""
    if not sql.startswith("("):
        return sql
    depth = 0
    for match in _QUOTED_OR_MARK.finditer(sql):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth == 0:
            return sql[1:-1] if match.end() == len(sql) else sql
    return sql


def _index_part(column: IndexColumn, use: Use, quote: str) -> str:
    if not column.descending:
        return quoted(column.name)
    words = [f"{quote}{column.name}{quote}", column.opclass, "DESC"]
    return f"{use('sqlalchemy', 'text')}({' '.join(filter(None, words))!r})"


def _index_options(index: Index, use: Use) -> Iterator[str]:
    """What an index has besides its name and columns, as keyword arguments."""
    operators = {c.name: c.opclass for c in index.columns if c.opclass and not c.descending}
    if index.unique:
        yield "unique=True"
    if operators:
        yield f"postgresql_ops={operators!r}"
    if index.include:
        yield f"postgresql_include={list(index.include)!r}"
    if index.condition:
        condition = f"{use('sqlalchemy', 'text')}({sql_text(index.condition)!r})"
        yield f"postgresql_where={condition}, sqlite_where={condition}"
    if index.method and index.method != "btree":
        yield f"postgresql_using={index.method!r}"
    if index.storage:
        yield f"postgresql_with={index.storage!r}"
    if index.tablespace:
        yield f"postgresql_tablespace={quoted(index.tablespace)}"
