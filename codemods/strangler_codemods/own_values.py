"""Field classes whose values are not what the database gives: which they are."""

from __future__ import annotations

from strangler.facts import ModelField

READ, WRITE, TAKE = "from_db_value", "get_prep_value", "to_python"
METHODS = frozenset({READ, WRITE, TAKE})
TEXTS = frozenset({"CharField", "TextField", "SlugField", "EmailField", "URLField"})


def converts(column: ModelField) -> bool:
    """Whether the column's class reads or writes values in a form of its own."""
    return not METHODS.isdisjoint(column.overrides)


def is_text(column: ModelField) -> bool:
    """Whether a column stores a text, whatever its class makes of it."""
    return column.internal_type in TEXTS
