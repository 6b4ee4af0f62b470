"""Further operations of the legacy executor: what Django's migrations do to the tables.

Its text is sent to the executor (`add`), which runs it in the legacy interpreter: Python 3.6
grammar, Django reached by name. `judge` needs no database: the state that Django keeps of the
models before and after each operation says what becomes of tables and columns.
"""
# ruff: noqa: UP006, UP032, UP035, UP045

import ast
import importlib
import os
import re
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

Message = Dict[str, Any]
Column = Dict[str, Any]
Tables = Dict[str, Dict[str, Column]]
Mine = Dict[str, Set[str]]
Key = Tuple[str, str]

_CHANGES = re.compile(r"\b(drop|rename|alter|truncate)\b", re.IGNORECASE)
_DROPPED = re.compile(
    r'\s*ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?"?(\w+)"?\s+DROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?'
    r'"?(\w+)"?(?:\s+CASCADE|\s+RESTRICT)?\s*',
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(varchar|character varying)\((\d+)\)", re.IGNORECASE)


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {"judge": judge, "replay": replay}


def judge(message: Message) -> Message:
    """What migrations beyond `known` do to `tables` that an application breaks on.

    known: [app, name] of those that it was made from. Answers `new`, their names in order,
    `breaks`, each with `migration`, `source` and `what`, and `doubts`: what it may break on.
    """
    loader = load("django.db.migrations.loader").MigrationLoader(None, ignore_no_migrations=True)
    known = {(app, name) for app, name in message["known"]}
    order = [(key, loader.graph.nodes[key]) for key in ordered(loader.graph)]
    mine = columns_of(loader, [m for key, m in order if is_known(m, key, known)], message["tables"])
    state = empty(loader)
    names = []
    breaks: List[Message] = []
    doubts: List[Message] = []
    for key, migration in order:
        if is_known(migration, key, known):
            state = migration.mutate_state(state, preserve=False)
            continue
        names.append(".".join(key))
        place = Place(migration)
        for number, operation in enumerate(migration.operations):
            before = state.clone()
            operation.state_forwards(migration.app_label, state)
            for sure, what in harm(operation, migration.app_label, before, state, mine):
                one = {"migration": names[-1], "source": place.of(number), "what": what}
                (breaks if sure else doubts).append(one)
    return {"new": names, "breaks": breaks, "doubts": doubts}


def empty(loader: Any) -> Any:
    """The state before any migration; apps without migrations are always there."""
    state = load("django.db.migrations.state").ProjectState
    kind = set if load("django").VERSION >= (4, 0) else list
    return state(real_apps=kind(loader.unmigrated_apps))


def columns_of(loader: Any, migrations: List[Any], names: List[str]) -> Mine:
    """What the application knows: columns of its tables as these migrations make them."""
    state = empty(loader)
    for migration in migrations:
        state = migration.mutate_state(state, preserve=False)
    found = tables(state)
    return {name: set(found.get(name, {})) for name in names}


def ordered(graph: Any) -> List[Key]:
    """Every migration after those that it depends on."""
    found: List[Key] = []
    for leaf in sorted(graph.leaf_nodes()):
        for key in graph.forwards_plan(leaf):
            if key not in found:
                found.append(key)
    return found


def is_known(migration: Any, key: Key, known: Set[Key]) -> bool:
    """Whether it, or all that it replaces, was there."""
    replaced = [tuple(each) for each in migration.replaces]
    return key in known or (bool(replaced) and all(each in known for each in replaced))


class Place:
    """Where operations stand in the file of a migration, relative to the project."""

    def __init__(self, migration: Any) -> None:
        self.file = load(type(migration).__module__).__file__ or ""
        self.lines: List[int] = []
        self.line = 1
        try:
            with open(self.file, "rb") as file:
                self._read(ast.parse(file.read()))
        except (OSError, SyntaxError, ValueError):
            pass  # compiled away: the file is still worth a name

    def _read(self, tree: ast.Module) -> None:
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == "Migration":
                self.line = node.lineno
                for each in node.body:
                    names = [getattr(t, "id", "") for t in getattr(each, "targets", [])]
                    value = getattr(each, "value", None)
                    if "operations" in names and isinstance(value, (ast.List, ast.Tuple)):
                        self.lines = [element.lineno for element in value.elts]

    def of(self, number: int) -> str:
        """`path:line` of an operation."""
        line = self.lines[number] if number < len(self.lines) else self.line
        path = os.path.relpath(self.file, os.getcwd())
        return "{}:{}".format(self.file if path.startswith("..") else path, line)


# --- what an operation does ----------------------------------------------------------------------


def harm(
    operation: Any, app: str, before: Any, after: Any, mine: Mine
) -> Iterator[Tuple[bool, str]]:
    """What one operation does to tables in `mine` that takes something away from their users.

    Whether they break on it, or only may, and what it is.
    """
    inner = getattr(operation, "database_operations", None)
    if inner is not None:  # what it does to the state is nothing that a database would notice
        for each in inner:
            later = before.clone()
            each.state_forwards(app, later)
            yield from harm(each, app, before, later, mine)
            before = later
        return
    for text in of_statement(operation, mine):
        yield True, text
    if not getattr(operation, "reduces_to_sql", True):
        return
    old, new = tables(before), tables(after)
    for text in compared(old, new, mine) if old != new else ():
        yield True, text
    constraints = load("strangler_legacy_constraints")
    rules = constraints.rules(before), constraints.rules(after)
    if rules[0] != rules[1]:
        found = list(constraints.added(rules[0], rules[1], mine, new))
        yield from sorted(set(found), key=found.index)  # both ends of a many-to-many table


def of_statement(operation: Any, mine: Mine) -> Iterator[str]:
    """Statements by hand: one that names a table, and a verb that changes it, is not trusted."""
    statements = getattr(operation, "sql", None)
    if not statements or isinstance(statements, (bytes, int)):
        return
    if isinstance(statements, str):
        statements = [statements]
    for each in statements:
        text = each if isinstance(each, str) else str(each[0])
        for part in text.split(";"):
            yield from of_text(part, mine)


def of_text(text: str, mine: Mine) -> Iterator[str]:
    """One statement: dropping a single column is understood, whatever else changes a table is not."""
    dropped = _DROPPED.fullmatch(text)
    if dropped is not None:
        table, column = dropped.groups()
        if column in mine.get(table, ()):
            yield "removes column {} of {}".format(column, table)
        return
    for table in mine:
        if re.search(r"\b{}\b".format(re.escape(table)), text) and _CHANGES.search(text):
            yield "changes {} by SQL that cannot be judged".format(table)


def tables(state: Any) -> Tables:
    """Columns of every managed table, by name."""
    connection = load("django.db").connection
    found: Tables = {}
    for model in state.apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        columns = found.setdefault(model._meta.db_table, {})
        for field in model._meta.local_concrete_fields:
            kind = field.db_parameters(connection)["type"]
            if field.column is not None and kind is not None:
                columns[field.column] = described(field, kind)
    return found


def described(field: Any, kind: str) -> Column:
    """What matters of a column to somebody who writes rows."""
    missing = load("django.db.models").NOT_PROVIDED if hasattr(field, "db_default") else None
    default = getattr(field, "db_default", None)
    generated = type(field).__name__ == "GeneratedField" or bool(getattr(field, "generated", False))
    return {
        "type": kind,
        "null": bool(field.null) or generated,
        "default": not (default is None or default is missing),
        "filled": generated or field.get_internal_type() in AUTOMATIC,
    }


AUTOMATIC = ("AutoField", "BigAutoField", "SmallAutoField")


def compared(old: Tables, new: Tables, mine: Mine) -> Iterator[str]:
    """What is gone, renamed, of another type or suddenly required."""
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    for table in gone:
        if table in mine:
            renamed = len(gone) == len(come) == 1 and set(old[table]) == set(new[come[0]])
            yield (
                "renames table {} to {}".format(table, come[0])
                if renamed
                else "removes table {}".format(table)
            )
    for table in sorted(set(mine) & set(old) & set(new)):
        if old[table] != new[table]:
            yield from columns_compared(table, mine[table], old[table], new[table])


def columns_compared(
    table: str, mine: Set[str], old: Dict[str, Column], new: Dict[str, Column]
) -> Iterator[str]:
    """The same for the columns of one table; others than `mine` only matter if required."""
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    renamed = len(gone) == len(come) == 1 and old[gone[0]] == new[come[0]]
    for name in gone:
        if name in mine and renamed:
            yield "renames column {} of {} to {}".format(name, table, come[0])
        elif name in mine:
            yield "removes column {} of {}".format(name, table)
    for name in come:
        if required(new[name]) and not renamed:
            yield "adds column {} to {}, NOT NULL without a database default".format(name, table)
    for name in sorted(set(old) & set(new)):
        what = altered(old[name], new[name], name in mine)
        if what is not None:
            yield what.format(name, table)


def required(column: Column) -> bool:
    """Whether a row cannot be written without a value for it."""
    return not (column["null"] or column["default"] or column["filled"])


def altered(old: Column, new: Column, known: bool) -> Optional[str]:
    """What was done to a column that those who read or write rows notice."""
    if known and old["type"] != new["type"] and not wider(old["type"], new["type"]):
        return "changes column {{}} of {{}} from {} to {}".format(old["type"], new["type"])
    if old["null"] and not new["null"] and (known or required(new)):
        return "makes column {} of {} NOT NULL"
    if old["default"] and required(new):
        return "takes the database default off column {} of {}"
    return None


def wider(old: str, new: str) -> bool:
    """Whether a text only got more room."""
    before, after = _LENGTH.fullmatch(old), _LENGTH.fullmatch(new)
    if before is None:
        return False
    return new == "text" or (after is not None and int(after.group(2)) >= int(before.group(2)))


# --- running new migrations, and noting what they execute ----------------------------------------


def replay(message: Message) -> Message:
    """Apply migrations beyond `known` to a database that has the tables of `known`.

    known: `app.name` in the order of applying. Answers `steps`: for each migration its `name`, the
    `statements` that it executed, the places of its `code`, whose work on rows that an empty
    database does not have is in none of them. What comes after the last migration is its own.
    """
    connection = load("django.db").connection
    recorder = load("django.db.migrations.recorder").MigrationRecorder(connection)
    recorder.ensure_schema()
    for name in message["known"]:
        recorder.record_applied(*name.split(".", 1))
    steps: List[Message] = []
    module = load("django.db.migrations.executor")
    apply = module.MigrationExecutor.apply_migration

    def noted(self: Any, state: Any, migration: Any, *args: Any, **options: Any) -> Any:
        name = "{}.{}".format(migration.app_label, migration.name)
        steps.append({"name": name, "statements": [], "code": code_of(migration)})
        return apply(self, state, migration, *args, **options)

    module.MigrationExecutor.apply_migration = noted
    try:
        with Listening(connection, steps):
            load("django.core.management").call_command("migrate", verbosity=0, interactive=False)
    finally:
        module.MigrationExecutor.apply_migration = apply
    return {"steps": steps}


def code_of(migration: Any) -> List[str]:
    """Where a migration runs Python."""
    place = Place(migration)
    return [
        place.of(number)
        for number, operation in enumerate(migration.operations)
        if type(operation).__name__ == "RunPython"
    ]


_IGNORED = re.compile(
    r"\s*(SELECT|PRAGMA|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|EXPLAIN|SHOW)\b", re.IGNORECASE
)


class Listening:
    """Notes every statement that changes something, but for Django's own notes, in the last step."""

    def __init__(self, connection: Any, steps: List[Message]) -> None:
        self.connection = connection
        self.steps = steps

    def __enter__(self) -> None:
        wrappers = self.connection.execute_wrappers
        wrappers.append(self.note)

    def __exit__(self, *_: Any) -> None:
        self.connection.execute_wrappers.remove(self.note)

    def note(self, execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        """Execute it, and remember its text with the values in it."""
        answer = execute(statement, values, many, context)
        if not self.steps or _IGNORED.match(statement) or "django_migrations" in statement:
            return answer
        operations = self.connection.ops
        cursor = context["cursor"]
        for each in values if many else [values]:
            if each:
                text = operations.last_executed_query(cursor.cursor, statement, each)
            else:  # without values at all a percent sign is itself
                text = statement if each is None else statement.replace("%%", "%")
            self.steps[-1]["statements"].append(str(text))
        return answer
