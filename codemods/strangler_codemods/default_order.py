"""The order that a model gives its queries."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import libcst as cst

from .body import Body
from .model_order import order_known
from .operands import operand
from .operation import Operation, Typed, code_of, parse
from .types import Query


def ordered(body: Body, typed: Typed) -> Typed:
    """The statement with its model's default ordering, where none was asked for."""
    from .computed_values import loaded

    kind = typed.type
    if not isinstance(kind, Query):
        return typed
    if kind.ordering == "grouped":
        key = f"{kind.entity or body.model(kind.model)}.{body.world.primary_key(kind.model)}"
        typed = Typed(parse(f"{typed.code}.order_by({key})"), replace(kind, ordering="applied"))
        return loaded(body, typed)
    if kind.ordering != "default":
        return loaded(body, typed)
    symbol = body.world.order_symbol(kind.model)
    if symbol is None:
        return loaded(body, typed)
    if kind.entity:
        body.refuse("Q111", f"the order of {kind.model} inside a query over it has no rule")
    if not order_known(body.world, kind.model):
        return loaded(body, _by_relations(body, typed, kind.model))
    body.use(*symbol)
    text = f"{code_of(operand(typed))}.order_by(*{symbol[1]})"
    return loaded(body, Typed(parse(text), replace(kind, ordering="meta")))


def _by_relations(body: Body, typed: Typed, label: str) -> Typed:
    """The statement in a default order that names relations, which stand for the order of their model."""
    terms = body.world.models[label].ordering
    rule = body.world.registry.find("method", Query, "order_by")
    if rule is None or not all(isinstance(term, str) and "?" not in term for term in terms):
        body.refuse("Q111", f"the default order of {label} has no rule", typed.node)
    args = tuple(cst.Arg(cst.SimpleString(repr(term))) for term in terms)
    found = cast("Typed", rule(Operation(typed.node, body, "order_by", typed, args=args)))
    assert isinstance(found.type, Query)
    return replace(found, type=replace(found.type, ordering="meta"))
