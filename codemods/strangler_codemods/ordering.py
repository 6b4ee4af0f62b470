"""Parts of an ORDER BY: names, relations, expressions."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from .body import Body
from .composite_keys import key_parts
from .known_texts import known_text
from .model_order import order_known, term
from .operation import Operation
from .reach import Reach
from .sql_values import Sql, expression
from .steps import OneStep, walk
from .types import Constant, Query

_DEPTH = 5
_NULLS = {"nulls_first": "nulls_first", "nulls_last": "nulls_last"}


@dataclass(frozen=True)
class Part:
    """One part as text; `foreign` where it is no column of the rows themselves."""

    text: str
    foreign: bool = False
    aggregate: bool = False


def order_parts(operation: Operation, reach: Reach, nodes: list[cst.BaseExpression]) -> list[Part]:
    """The arguments of `order_by`."""
    found: list[Part] = []
    for node in nodes:
        name = known_text(reach.body, node)
        if name is None:
            found.append(_computed(operation, reach, node))
            continue
        for each in _columns(reach, name):
            found += _named(operation, reach, each, node)
    return found


def _columns(reach: Reach, name: str) -> list[str]:
    """What `-pk` stands for, where the key has several columns: `-tenant_id` and `-id`."""
    bare, sign = name.removeprefix("-"), "-" if name.startswith("-") else ""
    parts = key_parts(reach.body.world, reach.label, bare) or [bare]
    return [f"{sign}{part}" for part in parts]


def _named(
    operation: Operation, reach: Reach, name: str, node: cst.CSTNode, depth: int = _DEPTH
) -> list[Part]:
    """`-author__name`; a relation stands for the order of its model."""
    body, bare = operation.body, name.removeprefix("-")
    if bare == "?":
        body.use("sqlalchemy", "func")
        return [Part("func.random()", True)]
    selected = next((text for key, text, _ in reach.kind.values if key == bare), None)
    if selected is not None:
        computed = next((c for c in reach.kind.computed if c.name == bare), None)
        return [
            _turned(selected, name, foreign=False, aggregate=bool(computed and computed.aggregate))
        ]
    target = (
        None
        if any(c.name == bare for c in reach.kind.computed)
        else _relation(body, reach.label, bare)
    )
    if target is not None:
        model = body.world.models[target]
        parts: list[Part] = []
        for entry in model.ordering:
            if not isinstance(entry, str) or not depth:
                operation.refuse("Q111", f"ordering by `{bare}` follows an order without a rule")
            descending = entry.startswith("-") != name.startswith("-")
            inner = f"{'-' if descending else ''}{bare}__{entry.removeprefix('-')}"
            parts += _named(operation, reach, inner, node, depth - 1)
        if parts:
            return parts
        bare = _key(body, reach.label, bare)
    found = reach.column(bare, node, "Q111")
    computed = found.computed
    return [_turned(
        _operand(found.text), name, foreign=found.foreign or computed is not None,
        aggregate=bool(computed and computed.aggregate),
    )]  # fmt: skip


def _key(body: Body, label: str, bare: str) -> str:
    """The foreign key of a relation whose model has no order; the rows' own key where it has none."""
    found = walk(body.world, label, bare.split("__"))
    return bare if found is not None and found.column is not None else f"{bare}__pk"


def _turned(text: str, name: str, *, foreign: bool, aggregate: bool = False) -> Part:
    return Part(f"{text}.desc()" if name.startswith("-") else text, foreign, aggregate)


def _operand(text: str) -> str:
    return Sql(text).operand


def _relation(body: Body, label: str, bare: str) -> str | None:
    """The model that a name leads to, where it names a relation and not its key."""
    found = walk(body.world, label, bare.split("__"))
    if found is None or found.rest:
        return None
    if found.column is None:
        return found.label if isinstance(found.steps[-1][1], OneStep) else None
    relation, last = found.column.relation, bare.rpartition("__")[2]
    if relation is None or last != found.column.name:
        return None
    return relation.model


def _computed(operation: Operation, reach: Reach, node: cst.BaseExpression) -> Part:
    """`F("x").desc(nulls_last=True)`, `Lower("title")`."""
    tail, inner = "", node
    method = node.func if isinstance(node, cst.Call) else None
    if isinstance(method, cst.Attribute) and method.attr.value in ("asc", "desc"):
        assert isinstance(node, cst.Call)
        inner, tail = method.value, f".{method.attr.value}()"
        tail += _nulls(operation, node)
    found = expression(reach, inner)
    if found is None:
        operation.refuse("Q111", "ordering by a computed name has no rule")
    return Part(f"{found.operand}{tail}", found.foreign or not found.column, found.aggregate)


def _nulls(operation: Operation, node: cst.Call) -> str:
    text = ""
    for argument in node.args:
        key = argument.keyword.value if argument.keyword is not None else ""
        value = operation.body.expr(argument.value).type
        if key not in _NULLS or value != Constant(True):
            operation.refuse("Q111", "this order of NULLs has no rule")
        text += f".{_NULLS[key]}()"
    return text


_TURNED = {".nulls_last()": ".nulls_first()", ".nulls_first()": ".nulls_last()"}


def turned_parts(operation: Operation, kind: Query) -> list[str]:
    """The order of a query the other way round."""
    if kind.ordering == "default":
        reach = Reach.of(operation.body, kind)
        model = operation.body.world.models[kind.model]
        if not order_known(operation.body.world, kind.model):
            operation.refuse("Q111", f"the default order of {kind.model} has no rule")
        parts: list[str] = []
        for entry in model.ordering:
            bare, descending, nulls = term(entry)
            for each in _columns(reach, bare if descending else f"-{bare}"):
                found = _named(operation, reach, each, operation.node)
                parts += [part.text + _TURNED.get(nulls, "") for part in found]
        return parts
    if kind.ordering != "explicit" or not kind.order:
        operation.refuse("Q111", "turning an order round that is not in sight has no rule")
    return [_round(text) for text in kind.order]


def _round(text: str) -> str:
    nulls = next((tail for tail in _TURNED if text.endswith(tail)), "")
    text = text.removesuffix(nulls) if nulls else text
    text = (
        text.removesuffix(".desc()")
        if text.endswith(".desc()")
        else f"{text.removesuffix('.asc()')}.desc()"
    )
    return text + (_TURNED[nulls] if nulls else "")
