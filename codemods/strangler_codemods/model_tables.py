"""What stands on the table: indexes, unique constraints, checks."""

from __future__ import annotations

import re

from strangler.facts import Index, Model

from .body import Import
from .names import quoted
from .world import World

_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")


def table_arguments(world: World, model: Model, imports: set[Import]) -> list[str]:
    """`__table_args__` of a model, from the schema editor's own names."""
    arguments = []
    for unique in model.table_schema.uniques:
        imports.add(("sqlalchemy", "UniqueConstraint"))
        columns = ", ".join(quoted(c) for c in unique.columns)
        options = f", name={quoted(unique.name)}" if unique.name and not unique.inline else ""
        if unique.deferrable:
            options += f', deferrable=True, initially="{unique.deferrable.upper()}"'
        arguments.append(f"UniqueConstraint({columns}{options})")
    for check in model.table_schema.checks:
        imports.add(("sqlalchemy", "CheckConstraint"))
        name = f", name={quoted(check.name)}" if check.name else ""
        arguments.append(f"CheckConstraint({_sql(check.sql)!r}{name})")
    for index in model.table_schema.indexes:
        text = _index(index, imports)
        if text is not None:
            arguments.append(text)
    return arguments


def _sql(text: str) -> str:
    """SQL in which SQLAlchemy finds no parameters."""
    return _PARAMETER.sub(r"\\:", text)


def _index(index: Index, imports: set[Import]) -> str | None:
    imports.add(("sqlalchemy", "Index"))
    parts = []
    operators = {}
    for column in index.columns:
        if column.descending:
            imports.add(("sqlalchemy", "text"))
            descending = f'"{column.name}" DESC'
            parts.append(f"text({descending!r})")
        else:
            parts.append(quoted(column.name))
        if column.opclass:
            operators[column.name] = column.opclass
    if index.expressions:
        imports.add(("sqlalchemy", "text"))
        parts = [f"text({_sql(index.expressions)!r})"]
    options = ", unique=True" if index.unique else ""
    if operators:
        options += f", postgresql_ops={operators!r}"
    if index.condition:
        imports.add(("sqlalchemy", "text"))
        condition = f"text({_sql(index.condition)!r})"
        options += f", postgresql_where={condition}, sqlite_where={condition}"
    if index.method and index.method != "btree":
        options += f", postgresql_using={index.method!r}"
    return f"Index({quoted(index.name)}, {', '.join(parts)}{options})"
