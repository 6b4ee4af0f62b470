"""`annotate`: what a query computes beside its columns, and how its rows get it."""

from __future__ import annotations

import re
from dataclasses import replace

import libcst as cst

from .body import Body
from .operation import Operation, Typed, parse, string_value
from .reach import Reach
from .sql_values import Sql, callee, expression
from .steps import ManyStep, walk
from .types import Computed, Query


def annotated(operation: Operation, statement: Typed, *, shown: bool = True) -> Typed:
    """A statement that computes the arguments of `annotate(...)` too."""
    for argument in operation.args:
        if argument.star:
            operation.refuse("Q101", "names of values built at run time have no rule")
        statement = _one(operation, statement, argument, shown=shown)
    kind = statement.type
    assert isinstance(kind, Query)
    return replace(statement, type=replace(kind, related=None))


def _one(operation: Operation, statement: Typed, argument: cst.Arg, *, shown: bool) -> Typed:
    kind, body = statement.type, operation.body
    assert isinstance(kind, Query)
    aggregates = _aggregates(body, kind, argument.value)
    if kind.values and aggregates and not kind.grouped:
        statement = _grouped(operation, statement)
        kind = statement.type
        assert isinstance(kind, Query)
    joins = kind.joins
    if aggregates and kind.many and not kind.values:
        statement = _each_once(operation, statement)
        kind = statement.type
        assert isinstance(kind, Query)
    else:
        joins = frozenset()
    reach = Reach.of(body, kind)
    found = expression(reach, argument.value)
    if found is None:
        operation.refuse("Q104", "this value of `annotate` has no rule")
    name = (
        argument.keyword.value
        if argument.keyword
        else aggregate_name(operation, reach, argument.value)
    )
    taken = body.world.field_named(kind.model, name) is not None
    if taken or any(c.name == name for c in kind.computed):
        operation.refuse("Q104", f"`{name}` is computed, and a column or another value already")
    _require_apart(operation, kind, found)
    if joins:
        _require_unjoined(operation, kind, found, joins)
    whole = reach.applied(statement)
    kind = whole.type
    assert isinstance(kind, Query)
    made = Computed(
        name,
        found.text,
        found.kind,
        found.nullable,
        found.aggregate,
        found.over,
        found.steady,
        shown,
    )
    ordering, text = kind.ordering, whole.code
    if found.aggregate and not kind.grouped and ordering in ("default", "meta", "mixed"):
        if ordering == "mixed":
            operation.refuse(
                "Q126", "groups of a query in an order that is not in sight have no rule"
            )
        text += ".order_by(None)" if ordering == "meta" else ""  # Django forgets the model's order
        ordering = "grouped"
    values, group = kind.values, kind.group
    if kind.values and shown:
        values = (*values, (name, found.text, found.kind))
        if kind.grouped and not found.aggregate:
            group, text = (*group, found.text), f"{text}.group_by({found.text})"
    changed = replace(
        kind, computed=(*kind.computed, made), ordering=ordering, values=values, group=group
    )
    return Typed(parse(text), changed)


def _aggregates(body: Body, kind: Query, node: cst.BaseExpression) -> bool:
    """Whether an expression has an aggregate function in it, seen by its names alone."""
    from .aggregates import HANDLERS

    reach, found = Reach.of(body, kind), []

    class Calls(cst.CSTVisitor):
        def visit_Call(self, node: cst.Call) -> bool:
            name = callee(reach, node).rpartition(".")[2]
            found.append(name in HANDLERS)
            return name not in ("Subquery", "Exists")

    node.visit(Calls())
    return any(found)


def _grouped(operation: Operation, statement: Typed) -> Typed:
    """`values(...)` before an aggregate: its columns are what rows are grouped by."""
    kind = statement.type
    assert isinstance(kind, Query)
    if any(c.aggregate for c in kind.computed) or kind.distinct or kind.sliced:
        operation.refuse("Q126", "groups of this query have no rule")
    if kind.ordering in ("applied", "meta", "mixed"):
        operation.refuse("Q126", "groups of a query in an order that is not in sight have no rule")
    texts = [text for _, text, _ in kind.values]
    for text in texts:
        if not _is_grouped(text):
            operation.refuse("Q126", "groups by a computed value have no rule")
    extra = [plain_order(text) for text in kind.order if plain_order(text) not in texts]
    ordering = "none" if kind.ordering == "default" else kind.ordering
    group = (*texts, *extra)
    text = f"{statement.code}.group_by({', '.join(group)})"
    return Typed(parse(text), replace(kind, grouped=True, group=group, ordering=ordering))


# What PostgreSQL knows again in GROUP BY: columns, and functions of them without other values.
_GROUPS = re.compile(
    r"[\w.]+|func\.(lower|upper|length|trim)\([\w.]+\)|local_date\([\w.]+\)"
    r'|(part|trunc)\("\w+", [\w.]+\)'
)


def _is_grouped(text: str) -> bool:
    return _GROUPS.fullmatch(text) is not None


def plain_order(text: str) -> str:
    """What a part of an ORDER BY looks at."""
    for tail in (".nulls_last()", ".nulls_first()", ".desc()", ".asc()"):
        text = text.removesuffix(tail)
    return text


def aggregate_name(operation: Operation, reach: Reach, node: cst.BaseExpression) -> str:
    """The name that Django gives an aggregate without one."""
    from .aggregates import HANDLERS

    if isinstance(node, cst.Call) and node.args:
        name = callee(reach, node).rpartition(".")[2]
        path = string_value(node.args[0].value)
        if name in HANDLERS and path is not None and path != "*":
            return f"{path}__{name.lower()}"
    operation.refuse("Q104", "a computed value without a name has no rule")


def _each_once(operation: Operation, statement: Typed) -> Typed:
    """Rows that to-many lookups found, each once: as Django groups them where it aggregates."""
    kind, body = statement.type, operation.body
    assert isinstance(kind, Query)
    entity = f"{kind.entity or body.model(kind.model)}."
    foreign = [text for text in kind.order if not text.startswith(entity)]
    known = kind.ordering in ("default", "meta", "none", "explicit") and not foreign
    if not known or kind.computed or kind.loaded or kind.entity or kind.repeats or kind.sliced:
        operation.refuse("Q126", "an aggregate of rows that a to-many lookup joined has no rule")
    text = f"{body.compat('orm', 'once')}({statement.code})"
    bare = replace(kind, joins=frozenset(), paths=(), many=frozenset(), related=None)
    return Typed(parse(text), replace(bare, distinct=False, once=kind.distinct))


def _require_unjoined(operation: Operation, kind: Query, found: Sql, joins: frozenset[str]) -> None:
    """Refuse an aggregate that the joins of lookups would change, by more rows or by fewer."""
    world, label = operation.body.world, kind.model
    passed = {label}
    walked = walk(world, label, list(found.over))
    for _, step in walked.steps if walked is not None else ():
        passed |= {step.target} | ({step.link} if isinstance(step, ManyStep) else set())
    names = {operation.body.model(one) for one in passed if one in world.models}
    if not found.steady or names & joins.union(re.sub(r"\d+$", "", name) for name in joins):
        operation.refuse("Q126", "an aggregate of rows that a to-many lookup joined has no rule")


def _require_apart(operation: Operation, kind: Query, found: Sql) -> None:
    """Refuse aggregates over two relations: in Django each makes the rows of the other more."""
    if not found.aggregate or kind.grouped:
        return
    if kind.many:
        operation.refuse("Q126", "an aggregate of rows that a to-many lookup joined has no rule")
    others = [c for c in kind.computed if c.aggregate]
    for other in others:
        if other.over != found.over and not (other.steady and found.steady):
            operation.refuse("Q126", "aggregates over two relations have no rule")
    if kind.repeats or kind.distinct:
        operation.refuse("Q126", "an aggregate of this query has no rule")


def loaded(body: Body, statement: Typed) -> Typed:
    """The statement whose rows carry what it computes."""
    kind = statement.type
    if not isinstance(kind, Query) or kind.values:
        return statement
    shown = [c for c in kind.computed if c.shown]
    if not shown:
        return statement
    body.use("sqlalchemy.orm", "with_expression")
    if kind.entity:
        body.refuse("Q121", "rows of a query inside another have no rule")
    texts = []
    for computed in shown:
        body.world.compute(body, kind.model, computed.name, computed.annotation)
        texts.append(f"with_expression({body.model(kind.model)}.{computed.name}, {computed.text})")
    text = f"{statement.code}.options({', '.join(texts)})"
    kept = tuple(replace(c, shown=False) for c in kind.computed)
    done = replace(kind, computed=kept, loaded=kind.extras())
    return Typed(parse(text), done)
