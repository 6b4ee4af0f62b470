"""Defaults of columns: values as literals, functions of the project as functions of the new app."""

from __future__ import annotations

import re
from dataclasses import replace

from strangler.facts import ModelField, Value

from .annotations import annotation_of, widened
from .body import Body, Import, Owner
from .functions import Rewritten, is_local, rewrite_function, with_imports
from .modules import NameTakenError, NewModule, Tree
from .operation import code_of
from .refusal import RefusalError
from .sources import FunctionSource
from .types import Constant, Instance, Plain, Type
from .world import World

# Callables by their dotted path: module, name, and the type that they need.
_CALLABLES = {
    "django.utils.timezone.now": ("app.compat.clock", "now"),
    "datetime.datetime.now": ("app.compat.clock", "naive_now"),
    "datetime.date.today": ("app.compat.clock", "today"),
    "django.db.models.functions.datetime.Now": ("app.compat.sql_functions", "statement_time"),
    "uuid.uuid4": ("uuid", "uuid4"),
    "uuid.uuid1": ("uuid", "uuid1"),
    "builtins.dict": ("builtins", "dict"),
    "builtins.list": ("builtins", "list"),
    "builtins.str": ("builtins", "str"),
    "builtins.int": ("builtins", "int"),
    "builtins.bool": ("builtins", "bool"),
}
_SPAN = re.compile(r"(?:(-?\d+) days?, )?(\d+):(\d\d):(\d\d)(?:\.(\d{6}))?")


def known_callable(value: Value) -> tuple[str, str] | None:
    """Module and name of what stands for a callable with a rule."""
    return _CALLABLES.get(value.path or "") if value.kind == "callable" else None


def written_value(value: Value) -> tuple[str, str, str] | None:
    """Module, class and expression of a value that is no JSON; None where it has no rule."""
    text = str(value.value)
    if value.kind != "object" or value.value is None:
        return None
    match value.path:
        case "decimal.Decimal":
            return "decimal", "Decimal", f"Decimal({text!r})"
        case "uuid.UUID":
            return "uuid", "UUID", f"UUID({text!r})"
        case "datetime.date":
            return "datetime", "date", f"date.fromisoformat({text!r})"
        case "datetime.datetime":
            return "datetime", "datetime", f"datetime.fromisoformat({text!r})"
        case "datetime.time":
            return "datetime", "time", f"time.fromisoformat({text!r})"
        case "datetime.timedelta":
            return "datetime", "timedelta", span(text)
        case "builtins.bytes":
            return "", "bytes", repr(text.encode("latin-1"))
        case _:
            return None


def span(text: str) -> str:
    """`1 day, 2:03:04.000005` as a call of `timedelta`."""
    found = _SPAN.fullmatch(text)
    assert found is not None
    days, hours, minutes, seconds, fraction = (int(part or 0) for part in found.groups())
    whole = hours * 3600 + minutes * 60 + seconds
    parts = (("days", days), ("seconds", whole), ("microseconds", fraction))
    return f"timedelta({', '.join(f'{name}={number}' for name, number in parts if number)})"


def default_function(world: World, tree: Tree, path: str, place: str) -> tuple[Import, bool]:
    """Module and name of a function of the project that makes a default, rewritten.

    And whether it asks the database: then it is given the session, and may give a row.

    Raises:
        RefusalError: it takes arguments, or an operation of it has no rule.
    """
    return _written(world, tree, path, place, "default")


def replacement_function(world: World, tree: Tree, column: ModelField) -> Import:
    """Module and name of the function in a column's `SET(function)`; it is given the session.

    Raises:
        RefusalError: it takes arguments, or an operation of it has no rule.
    """
    value = column.relation.on_delete_value if column.relation is not None else None
    path = (value.path if value is not None else None) or ""
    return _written(world, tree, path, column.source or "", "replacement")[0]


def _written(world: World, tree: Tree, path: str, place: str, kind: str) -> tuple[Import, bool]:
    source = _function(world, path)
    if source is None or source.node.params.params:
        raise RefusalError("M109", f"the {kind} `{path}` has no rule", place)
    body = Body(world, source.module, Owner("function", path), colour="sync")
    try:
        rewritten = rewrite_function(source, body, {})
    except RefusalError as refusal:
        text = f"the {kind} `{path}` has no rule: {refusal.message}"
        raise RefusalError("M109", text, refusal.source or source.source) from None
    if kind == "replacement":
        body.session()
    asks = "session" in body.parameters
    needed = body.parameters.keys() - {"session"}
    allowed = Plain | Constant | Instance if asks else Plain | Constant
    kinds = {widened(one.type) if one is not None else Plain("None") for one in rewritten.returns}
    if needed or len(kinds) != 1 or not isinstance(next(iter(kinds)), allowed):
        raise RefusalError("M109", f"the {kind} `{path}` gives no plain value", source.source)
    name = source.node.name.value.strip("_") or "default"
    name = f"{name}_replacement" if kind == "replacement" else name
    module = tree.module(f"app.{world.app_of(path) or 'core'}.defaults", "Defaults of columns.")
    _add(world, module, name, rewritten, next(iter(kinds)))
    return (module.name, name), asks


def _add(world: World, module: NewModule, name: str, rewritten: Rewritten, kind: Type) -> None:
    """Write the function; the rest of the app is imported inside, since models need this module."""
    body, source = rewritten.body, rewritten.source
    outside: set[Import] = set()
    given = "session: Session" if "session" in body.parameters else ""
    if given:
        outside.add(("sqlalchemy.orm", "Session"))
    head = f"def {name}({given}) -> {annotation_of(world, kind, outside)}"
    imports = {each for each in body.imports | outside if not is_local(each)}
    try:
        for constant, definition in body.definitions.items():
            module.add(constant, definition, (), (1, source.module.path, 0))
        order = (5, source.module.path, source.line)
        module.add(name, with_imports(rewritten, body.imports)(head, []), imports, order)
    except NameTakenError as taken:
        raise RefusalError("M109", f"the function `{name}`: {taken}", source.source) from None
    local = {each for each in outside if is_local(each)}
    module.type_imports |= local
    module.future = module.future or bool(local)


def _function(world: World, path: str) -> FunctionSource | None:
    """A function of the project; a static method is called like any other."""
    source = world.sources.function(path)
    if source is None or source.owner is None:
        return source
    if [code_of(one.decorator) for one in source.node.decorators] != ["staticmethod"]:
        return None
    return replace(source, node=source.node.with_changes(decorators=()))
