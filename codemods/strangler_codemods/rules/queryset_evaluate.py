"""Queries that give one answer run on the session, below the endpoint.

Before: Order.objects.filter(user=user).exists()
After:  exists(session, select(Order).where(Order.user_id == user.id))
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.default_order import ordered
from strangler_codemods.evaluating import (
    among,
    first_value,
    one_value,
    require_place,
    row_of,
    run,
    whole,
)
from strangler_codemods.lookups import filtered
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.ordering import order_parts, turned_parts
from strangler_codemods.queries import base
from strangler_codemods.reach import Reach
from strangler_codemods.rule import Key, method, rewrites
from strangler_codemods.types import Constant, DictOf, Instance, Manager, Plain, Query


def _statement(operation: Operation) -> tuple[Typed, Query]:
    statement = base(operation)
    assert isinstance(statement.type, Query)
    return statement, statement.type


@rewrites(method(Manager, "exists"), method(Query, "exists"))
def exists(operation: Operation) -> Typed:
    return one_value(operation, "exists", whole(operation.body, base(operation)), Plain("bool"))


@rewrites(method(Manager, "count"), method(Query, "count"))
def count(operation: Operation) -> Typed:
    statement, kind = _statement(operation)
    if (
        kind.distinct
        and kind.values
        and not kind.grouped
        and kind.ordering in ("default", "explicit")
    ):
        statement = ordered(operation.body, statement)
    return one_value(operation, "count", whole(operation.body, statement), Plain("int"))


@rewrites(method(Manager, "first"), method(Query, "first"))
def first(operation: Operation) -> Typed:
    statement, kind = _statement(operation)
    if kind.grouped and kind.ordering in ("default", "none"):
        operation.refuse("Q111", "the first of groups without an order has no rule")
    if kind.values:
        return first_value(operation, _by_key(operation, statement, kind))
    done = ordered(operation.body, statement)
    return one_value(operation, "first", done, row_of(kind, optional=True))


def _by_key(operation: Operation, statement: Typed, kind: Query) -> Typed:
    """In the order of keys, where there is no other."""
    world = operation.body.world
    unordered = kind.ordering == "none" or (
        kind.ordering == "default" and world.order_symbol(kind.model) is None
    )
    if not unordered:
        return statement
    entity = kind.entity or operation.body.model(kind.model)
    keys = tuple(f"{entity}.{key}" for key in world.primary_keys(kind.model))
    text = f"{statement.code}.order_by({', '.join(keys)})"
    return Typed(parse(text), replace(kind, ordering="explicit", order=keys))


@rewrites(method(Manager, "last"), method(Query, "last"))
def last(operation: Operation) -> Typed:
    statement, kind = _statement(operation)
    if kind.values:
        if kind.grouped:
            operation.refuse("Q111", "the last of groups has no rule")
        statement = _by_key(operation, statement, kind)
        assert isinstance(statement.type, Query)
        parts = turned_parts(operation, statement.type)
        text = statement.code + (".order_by(None)" if statement.type.ordering != "default" else "")
        text += f".order_by({', '.join(parts)})"
        changed = replace(statement.type, ordering="explicit", order=tuple(parts))
        return first_value(operation, Typed(parse(text), changed))
    done = ordered(operation.body, statement)
    return one_value(operation, "last", done, row_of(kind, optional=True))


@rewrites(method(Manager, "latest"), method(Query, "latest"))
def latest(operation: Operation) -> Typed:
    return _extreme(operation, "latest")


@rewrites(method(Manager, "earliest"), method(Query, "earliest"))
def earliest(operation: Operation) -> Typed:
    return _extreme(operation, "earliest")


def _extreme(operation: Operation, name: str) -> Typed:
    require_place(operation)
    statement, kind = _statement(operation)
    nodes = operation.positional()
    if not nodes:
        model = operation.body.world.models[kind.model]
        latest_by = model.get_latest_by
        if not latest_by:
            operation.refuse("Q111", f"`{name}` without a column has no rule")
        names = [latest_by] if isinstance(latest_by, str) else list(latest_by)
        nodes = [cst.SimpleString(f'"{one}"') for one in names]
    reach = Reach.of(operation.body, kind)
    parts = [part.text for part in order_parts(operation, reach, nodes)]
    done = reach.applied(statement)
    from strangler_codemods.computed_values import loaded

    done = loaded(operation.body, done)
    return Typed(parse(run(operation.body, name, done.code, *parts)), row_of(kind))


@rewrites(method(Manager, "get"), method(Query, "get"))
def get(operation: Operation) -> Typed:
    from strangler_codemods.computed_values import loaded

    statement = filtered(operation, base(operation))
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.values:
        require_place(operation)
        shown = {"flat": "flat=True"}.get(kind.shape)
        if kind.shape not in ("dict", "flat", "tuple") or kind.grouped:
            operation.refuse("Q106", "`.get()` of these columns has no rule")
        texts = [f"{k}={t}" if kind.shape == "dict" else t for k, t, _ in kind.values]
        function = "get_mapping" if kind.shape == "dict" else "get_columns"
        call = run(operation.body, function, statement.code, *texts, *([shown] if shown else []))
        return Typed(parse(call), Plain())
    return one_value(operation, "get", loaded(operation.body, statement), row_of(kind))


@rewrites(method(Manager, "in_bulk"), method(Query, "in_bulk"))
def in_bulk(operation: Operation) -> Typed:
    require_place(operation)
    statement, kind = _statement(operation)
    given = operation.take("id_list", "field_name")
    if "id_list" not in given or kind.computed or kind.distinct:
        operation.refuse("Q106", "this `in_bulk` has no rule")
    statement = ordered(operation.body, statement)
    keys = operation.body.expr(given["id_list"])
    if not isinstance(keys.type, Plain | Constant):
        operation.refuse("Q106", "`in_bulk` of these keys has no rule")
    rest = [keys.code]
    if "field_name" in given:
        name = string_value(given["field_name"])
        found = operation.body.world.field_named(kind.model, name or "")
        if name is None or found is None or found[1].relation is not None:
            operation.refuse("Q106", "`in_bulk` by this field has no rule")
        rest.append(f"{operation.body.model(found[0].name)}.{operation.body.world.attribute(name)}")
    call = run(operation.body, "in_bulk", statement.code, *rest)
    return Typed(parse(call), DictOf(Instance(kind.model)))


@rewrites(Key("truth", Query, "*"))
def truth(operation: Operation) -> Typed:
    """`if items:` asks whether there is a row."""
    return one_value(operation, "exists", whole(operation.body, operation.on), Plain("bool"))


@rewrites(method(Manager, "contains"), method(Query, "contains"))
def contains(operation: Operation) -> Typed:
    return among(operation, base(operation), operation.body.expr(operation.take("obj")["obj"]))
