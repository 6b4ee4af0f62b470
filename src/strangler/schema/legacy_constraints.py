"""Further functions of the legacy executor: constraints that a migration adds to tables in use.

Its text is sent to the executor (`add`), which runs it in the legacy interpreter: Python 3.6
grammar, Django reached by name. An application that was made before a constraint knows nothing of
it: what it may go on writing, the database then refuses.
"""
# ruff: noqa: UP006, UP032, UP035, UP045

import importlib
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

Message = Dict[str, Any]
# What a constraint is, which columns it looks at (None where nobody knows), what else it says.
Rule = Tuple[str, Optional[Tuple[str, ...]], str]
Rules = Dict[str, Set[Rule]]
Mine = Dict[str, Set[str]]
# Whether the application breaks on it, and what it is.
Found = Tuple[bool, str]


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds: functions for the files that come after it."""
    return {}


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def rules(state: Any) -> Rules:
    """The constraints of every managed table, by its name; keys and NOT NULL are another question."""
    found: Rules = {}
    for model in state.apps.get_models(include_auto_created=True):
        meta = model._meta
        if not meta.managed or meta.proxy:
            continue
        here = found.setdefault(meta.db_table, set())
        for field in meta.local_concrete_fields:
            if field.column is not None:
                here.update(_of_field(field))
        for names in meta.unique_together:
            here.add(("unique", tuple(sorted(_column(meta, name) for name in names)), ""))
        for constraint in getattr(meta, "constraints", ()):
            here.add(_of_constraint(meta, constraint))
    return found


def _of_field(field: Any) -> Iterator[Rule]:
    """What stands on one column: `unique=True`, a check of its class, a foreign key."""
    connection = load("django.db").connection
    if field.unique and not field.primary_key:
        yield ("unique", (field.column,), "")
    check = field.db_parameters(connection).get("check")
    if check and connection.features.supports_table_check_constraints:
        yield ("check", (field.column,), str(check))
    relation = field.remote_field
    if relation is not None and getattr(field, "db_constraint", False):
        yield ("foreign key", (field.column,), relation.model._meta.db_table)


def _of_constraint(meta: Any, constraint: Any) -> Rule:
    """An entry of Meta.constraints; its name does not matter to those who write rows."""
    kind = type(constraint).__name__
    names = list(getattr(constraint, "fields", ()) or ())
    condition = getattr(constraint, "condition", None)
    check = getattr(constraint, "check", None)
    parts = [
        each[0] if isinstance(each, (list, tuple)) else each
        for each in getattr(constraint, "expressions", ()) or ()
    ]
    if kind == "CheckConstraint":  # `check` before Django 5.1, a method of that name since
        parts.append(condition if condition is not None else check)
    named: Optional[List[str]] = names
    for part in parts:
        more = _names(part)
        named = None if named is None or more is None else [*named, *more]
    columns = None if named is None else tuple(sorted({_column(meta, name) for name in named}))
    options = {key: value for key, value in constraint.deconstruct()[2].items() if key != "name"}
    word = {"CheckConstraint": "check", "UniqueConstraint": "unique"}.get(kind, "exclusion")
    plain = word == "unique" and set(options) <= {"fields", "deferrable"}
    return (word, columns, "" if plain else repr((constraint.deconstruct()[1], options)))


def _column(meta: Any, name: str) -> str:
    """The column of a field; a name that is none as it is."""
    for field in meta.local_concrete_fields:
        if name in (field.name, field.attname, field.column):
            return str(field.column)
    return str(meta.pk.column) if name == "pk" else name


def _names(part: Any) -> Optional[List[str]]:
    """The fields that a condition or an expression names; None where it cannot be read."""
    if isinstance(part, str):
        return [part.split("__")[0]]
    if isinstance(part, tuple):  # `price__gt=0` within a Q
        return _all([_names(str(part[0])), _values(part[1])])
    children = getattr(part, "children", None)
    if children is not None:
        return _all([_names(child) for child in children])
    if type(part).__name__ in ("F", "OrderBy", "OpClass") or hasattr(part, "name"):
        name = getattr(part, "name", None)
        if type(part).__name__ == "F" and isinstance(name, str):
            return [name.split("__")[0]]
    if hasattr(part, "get_source_expressions"):
        return _all([_names(each) for each in part.get_source_expressions() if each is not None])
    return None


def _values(value: Any) -> Optional[List[str]]:
    """The fields on the right side of a lookup, which most often is a plain value."""
    return _names(value) if hasattr(value, "resolve_expression") else []


def _all(lists: List[Optional[List[str]]]) -> Optional[List[str]]:
    found: List[str] = []
    for each in lists:
        if each is None:
            return None
        found.extend(each)
    return found


# --- what is added -------------------------------------------------------------------------------


def added(
    old: Rules, new: Rules, mine: Mine, columns: Dict[str, Dict[str, Any]]
) -> Iterator[Found]:
    """Constraints that are new: on tables that the application writes, or that it deletes from.

    columns: those of the tables afterwards, described. A table that is new itself is written by
    nobody yet.
    """
    old = _renamed(old, new)
    for table in sorted(new):
        before = old.get(table)
        for kind, named, text in sorted(new[table] - (before or set()), key=str):
            if kind == "foreign key":
                yield from _key(table, named or ("",), text, mine, before is not None)
            elif before is None or table not in mine:
                continue
            elif kind == "unique":
                yield from _unique(table, named, text, mine, before, columns.get(table, {}))
            else:
                yield from _condition(table, kind, named, mine)


def _renamed(old: Rules, new: Rules) -> Rules:
    """The rules before, with the name that a table has now, if it is the only one that is new."""
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    if not len(gone) == len(come) == 1:
        return old
    names = {gone[0]: come[0]}
    return {
        names.get(table, table): {
            (kind, named, names.get(text, text) if kind == "foreign key" else text)
            for kind, named, text in here
        }
        for table, here in old.items()
    }


def _key(
    table: str, named: Tuple[str, ...], target: str, mine: Mine, there: bool
) -> Iterator[Found]:
    """A column that was a plain number, or a new one whose rows keep others from being deleted."""
    if there and named[0] in mine.get(table, ()):
        text = "adds a foreign key to column {} of {}, which may hold what {} does not have"
        yield True, text.format(named[0], table, target)
    elif target in mine:
        text = "adds a foreign key from {} to {}: the application deletes rows there all the same"
        yield False, text.format(table, target)


def _unique(
    table: str, named: Optional[Tuple[str, ...]], text: str, mine: Mine, before: Set[Rule],
    columns: Dict[str, Any],
) -> Iterator[Found]:  # fmt: skip
    """Rows that are alike: the application may write them, or leaves them alike by saying nothing."""
    whole = [set(known or ()) for kind, known, more in before if kind == "unique" and not more]
    if named and any(one and one <= set(named) for one in whole):
        return  # what is there already is stricter
    label = "({})".format(", ".join(named)) if named else "an expression"
    if named:
        silent = [name for name in named if name not in mine[table]]
        nulls = "'nulls_distinct': False" in text
        if not nulls and any(not columns.get(name, {}).get("default") for name in silent):
            return  # NULL in a column that the application does not know equals no other
    yield (
        True,
        "makes {} of {} unique: the application may write rows that are alike".format(label, table),
    )


def _condition(
    table: str, kind: str, named: Optional[Tuple[str, ...]], mine: Mine
) -> Iterator[Found]:
    """A check or an exclusion; over columns that it does not know it writes what the database puts."""
    label = "an {}".format(kind) if kind == "exclusion" else "a {}".format(kind)
    known = named is None or [name for name in named if name in mine[table]]
    if known:
        columns = "" if named is None else " over ({})".format(", ".join(named))
        text = "adds {} constraint to {}{}: the application may write rows that it refuses"
        yield True, text.format(label, table, columns)
    else:
        text = "adds {} constraint to {} over ({}): it must let NULL or the database default pass"
        yield False, text.format(label, table, ", ".join(named or ()))
