"""Queries inside queries: `Subquery`, `Exists`, `OuterRef`, `__in`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from .body import Body
from .operation import Operation, Typed, code_of, string_value
from .plain_values import operate
from .sql_values import Call, Handler, Sql
from .types import Manager, Plain, Query

if TYPE_CHECKING:
    from .comparing import Comparison


def _outer_ref(call: Call) -> Sql:
    name = string_value(call.take("name")["name"])
    outer = call.reach.outer
    if name is None or outer is None:
        call.refuse("Q104", "`OuterRef` outside of a query has no rule")
    before = outer.text
    found = outer.column(name, call.node)
    if outer.text != before:
        call.refuse("Q104", "`OuterRef` over a relation has no rule")
    kind = found.kind.name if isinstance(found.kind, Plain) else "Any"
    return Sql(found.text, kind, found.nullable, column=True, foreign=True)


def _inner(call: Call, node: cst.BaseExpression) -> Typed:
    """The query inside, whose names a query around it may have too."""
    from .q_values import within

    body = call.reach.body
    with within(body, call.reach):
        typed = body.expr(node)
        if isinstance(typed.type, Manager):
            operation = Operation(node, body, "all", typed)
            typed = operate(body, "method", Manager, "all", operation) or typed
    if not isinstance(typed.type, Query):
        call.refuse("Q121", f"`{code_of(node)}` is no query")
    return typed


def _subquery(call: Call) -> Sql:
    from .default_order import ordered

    taken = call.take("queryset", "output_field")
    typed = _inner(call, taken["queryset"])
    kind = typed.type
    assert isinstance(kind, Query)
    if len(kind.values) != 1:
        call.refuse("Q121", "`Subquery` of more than one column has no rule")
    if kind.sliced or not kind.grouped:
        typed = ordered(call.reach.body, replace(typed, type=replace(kind, computed=())))
    _, text, name = kind.values[0]
    wanted = call.field_kind(taken.get("output_field"))
    if wanted is not None and wanted != name:
        call.refuse("Q121", "an `output_field` of another type has no rule")
    inner = selecting(typed.code, kind, call.reach.body, text)
    return Sql(f"{inner}.correlate({call.reach.entity}).scalar_subquery()", name, True)


def _exists(call: Call) -> Sql:
    taken = call.take("queryset")
    typed = _inner(call, taken["queryset"])
    kind = typed.type
    assert isinstance(kind, Query)
    body = call.reach.body
    key = f"{kind.entity or body.model(kind.model)}.{body.world.primary_key(kind.model)}"
    inner = selecting(typed.code, kind, body, key)
    return Sql(f"{inner}.correlate({call.reach.entity}).exists()", "bool", False)


def selecting(code: str, kind: Query, body: Body, text: str) -> str:
    """A statement that selects one column: `select(Review.stars).where(...)`."""
    entity = kind.entity or body.model(kind.model)
    head = f"select({entity})"
    if code.startswith(head) and ".options(" not in code:
        own = re.search(rf"\b{entity}\.", text) and not any(f"{n}." in text for n in kind.joins)
        start = f"select({text})" if own else f"select({text}).select_from({entity})"
        return f"{start}{code[len(head) :]}"
    if kind.joins:
        body.refuse("Q121", "a column of a query that joins others, in a variable, has no rule")
    return f"{code}.with_only_columns({text}, maintain_column_froms=True)"


def keys_of(asked: Comparison, typed: Typed) -> str:
    """The right side of `__in`: one column of a query."""
    from .default_order import ordered

    kind, body = typed.type, asked.body
    assert isinstance(kind, Query)
    if len(kind.values) > 1:
        asked.refuse("Q121", "a query of more than one column inside `__in` has no rule")
    if kind.sliced:
        typed = ordered(body, replace(typed, type=replace(kind, computed=())))
    if kind.values:
        text = kind.values[0][1]
    else:
        relation = asked.column.relation if asked.column is not None else None
        wanted = (
            relation.to_field if relation is not None and relation.model == kind.model else None
        )
        name = body.world.attribute(wanted) if wanted else body.world.primary_key(kind.model)
        text = f"{kind.entity or body.model(kind.model)}.{name}"
    return selecting(typed.code, kind, body, text)


HANDLERS: dict[str, Handler] = {"OuterRef": _outer_ref, "Subquery": _subquery, "Exists": _exists}
