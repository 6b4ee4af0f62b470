"""Queries that run: the call that gives their rows, in the colour of the function."""

from __future__ import annotations

from dataclasses import replace

from .body import Body
from .default_order import ordered
from .operation import Operation, Typed, parse
from .types import Instance, Plain, Query, Rows, Type

_SHAPES = {"tuple": "columns", "flat": "columns", "dict": "mappings", "named": "named_rows"}
_ITEMS = {"tuple": "tuple[Any, ...]", "dict": "dict[str, Any]"}


def run(body: Body, function: str, statement: str, *rest: str, module: str = "orm") -> str:
    """`function(session, statement)`, awaited in async code."""
    name = body.compat(module, function)
    texts = [statement, *rest]
    if body.colour == "async":
        return f"await {body.session()}.run_sync({', '.join([name, *texts])})"
    return f"{name}({', '.join([body.session(), *texts])})"


def require_place(operation: Operation) -> None:
    """Refuse a query where none may run."""
    if operation.body.colour == "build":
        operation.refuse("Q107", f"`.{operation.name}()` runs a query where none may run")


def evaluated(operation: Operation, statement: Typed) -> Typed:
    """All rows of a statement as a list."""
    body = operation.body
    require_place(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    extras = kind.extras()
    statement = ordered(body, statement)
    if kind.values:
        return Typed(parse(_values(body, statement)), Plain("list[Any]"))
    function = body.compat("actions" if body.colour == "async" else "orm", "rows")
    text = f"{function}({body.session()}, {statement.code})"
    awaited = f"await {text}" if body.colour == "async" else text
    return Typed(parse(awaited), Rows(kind.model, extras))


def _values(body: Body, statement: Typed) -> str:
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.shape in ("dict", "named"):
        texts = [f"{key}={text}" for key, text, _ in kind.values]
    else:
        texts = [text for _, text, _ in kind.values]
    flat = ["flat=True"] if kind.shape == "flat" else []
    return run(body, _SHAPES[kind.shape], statement.code, *texts, *flat)


def whole(body: Body, statement: Typed) -> Typed:
    """A statement that selects what its rows are reduced to, for counts and the like."""
    kind = statement.type
    assert isinstance(kind, Query)
    if not kind.values or not (kind.distinct or kind.grouped or kind.sliced):
        return statement
    texts = ", ".join(text for _, text, _ in kind.values)
    code = f"{statement.code}.with_only_columns({texts}, maintain_column_froms=True)"
    return Typed(parse(code), kind)


def one_value(operation: Operation, function: str, statement: Typed, kind: Type) -> Typed:
    """`first`, `count` and their like: an answer of its own."""
    require_place(operation)
    body = operation.body
    module = "actions" if body.colour == "async" else "orm"
    call = f"{body.compat(module, function)}({body.session()}, {statement.code})"
    return Typed(parse(f"await {call}" if body.colour == "async" else call), kind)


def first_value(operation: Operation, statement: Typed, number: int = 1) -> Typed:
    """The first of the values that rows are reduced to, or None."""
    require_place(operation)
    kind, body = statement.type, operation.body
    assert isinstance(kind, Query)
    statement = ordered(body, statement)
    limited = replace(statement, node=parse(f"{statement.code}.limit({number})"))
    return Typed(parse(f"next(iter({_values(body, limited)}), None)"), Plain())


def row_of(kind: Query, *, optional: bool = False) -> Instance:
    """A row of the query."""
    return Instance(kind.model, optional=optional, extras=kind.extras())


def among(operation: Operation, statement: Typed, row: Typed) -> Typed:
    """Whether a row is one of a query's."""
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.sliced or kind.shape or kind.entity:
        operation.refuse("Q106", "`contains` of such a query has no rule")
    if not isinstance(row.type, Instance) or row.type.optional or row.type.model != kind.model:
        operation.refuse("Q106", "`contains` of something else has no rule")
    entity, keys = operation.body.model(kind.model), operation.body.world.primary_keys(kind.model)
    where = ", ".join(f"{entity}.{key} == {row.code}.{key}" for key in keys)
    text = f"{statement.code}.where({where})"
    return one_value(operation, "exists", Typed(parse(text), kind), Plain("bool"))
