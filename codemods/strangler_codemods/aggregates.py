"""Aggregate functions: over the rows of a query, of a group, or of a relation of each row."""

from __future__ import annotations

from dataclasses import dataclass, replace

import libcst as cst

from .operation import parse, string_value
from .reach import Reach
from .sql_values import NUMBERS, Call, Handler, Sql, decimal, expression
from .steps import ManyStep, walk
from .types import Constant, Query

_FUNCTIONS = {"Avg": "avg", "Count": "count", "Max": "max", "Min": "min", "Sum": "sum"}
_ORDERED = NUMBERS | {"str", "date", "datetime", "time"}
_FITS = {"Avg": NUMBERS, "Sum": NUMBERS, "Max": _ORDERED, "Min": _ORDERED}


@dataclass(frozen=True)
class Inner:
    """The rows of a relation, which an aggregate function of each row looks at."""

    reach: Reach
    name: str
    link: str
    step: ManyStep


def _aggregate(call: Call) -> Sql:
    taken = call.take("expression", "distinct", "filter", "default", "output_field")
    node = taken.get("expression")
    if node is None:
        call.refuse("Q130")
    distinct = _flag(call, taken.get("distinct"))
    if call.reach.kind.grouped or call.reach.whole:
        found = _of_rows(call, node, taken.get("filter"), distinct)
    else:
        found = _of_relation(call, node, taken.get("filter"), distinct)
    wanted = call.field_kind(taken.get("output_field"))
    if wanted is not None and wanted != found.kind:
        call.refuse("Q130", "an `output_field` of another type has no rule")
    if "default" in taken:
        other = call.value(taken["default"])
        if other.kind != found.kind:
            call.refuse("Q130", "a `default` of another type has no rule")
        call.use("func")
        text = f"func.coalesce({found.text}, {other.text})"
        text = decimal(call.reach, text) if found.kind == "Decimal" else text
        found = replace(found, text=text, nullable=False)
    return found


def _flag(call: Call, node: cst.BaseExpression | None) -> bool:
    if node is None:
        return False
    value = call.reach.body.expr(node).type
    if not isinstance(value, Constant) or not isinstance(value.value, bool):
        call.refuse("Q130")
    if value.value and call.name in ("Max", "Min"):
        call.refuse("Q130")
    return value.value


def _of_rows(
    call: Call, node: cst.BaseExpression, condition: cst.BaseExpression | None, distinct: bool
) -> Sql:
    """Over all rows, or those of a group: relations are joined to the statement itself."""
    if string_value(node) == "*" and call.name == "Count" and not distinct:
        call.use("func")
        return _narrowed(call, "func.count()", condition, Sql("", "int", False))
    one = call.argument(node)
    if one.aggregate and call.reach.kind.grouped:
        call.refuse("Q130", "an aggregate of an aggregate has no rule")
    found = _function(call, one, distinct)
    return _narrowed(call, found.text, condition, found)


def _narrowed(call: Call, text: str, condition: cst.BaseExpression | None, found: Sql) -> Sql:
    if condition is not None:
        from .lookups import Conditions

        conditions = Conditions(call.reach)
        conditions.single = True
        conditions.own = dict(call.reach.paths)
        part = conditions.part(condition)
        leaf = conditions.render(part, negated=False) if part is not None else None
        if leaf is not None:
            text = f"{text}.filter({leaf.text})"
    return replace(found, text=_typed(call, text, found), aggregate=True)


def _function(call: Call, one: Sql, distinct: bool) -> Sql:
    """The function of one argument; its text is not typed yet."""
    fits = _FITS.get(call.name)
    if fits is not None and one.kind not in fits:
        call.refuse("Q130", f"`{call.name}` of a {one.kind} has no rule")
    call.use("func")
    text = one.text
    if distinct:
        text = f"{one.operand}.distinct()"
    kind = {"Count": "int", "Avg": "Decimal" if one.kind == "Decimal" else "float"}.get(
        call.name, one.kind
    )
    steady = distinct or call.name in ("Max", "Min")
    return Sql(
        f"func.{_FUNCTIONS[call.name]}({text})", kind, call.name != "Count", steady=steady,
        over=one.over, foreign=one.kind == "int" and call.name == "Avg",
    )  # fmt: skip


def _typed(call: Call, text: str, found: Sql) -> str:
    """The function with the type that Django gives its value."""
    if call.name in _FUNCTIONS and found.kind == "Decimal":
        return decimal(call.reach, text)
    if call.name == "Avg" and found.foreign and call.reach.body.world.vendor == "mysql":
        # the mean of whole numbers is a decimal there, and its places are what Django shows
        call.use("type_coerce")
        return f"type_coerce({text}, {call.use('Double')})"
    if call.name == "Avg" and found.foreign:
        call.use("cast")
        return f"cast({text}, {call.use('Double')})"
    return text


def _of_relation(
    call: Call, node: cst.BaseExpression, condition: cst.BaseExpression | None, distinct: bool
) -> Sql:
    """Over the rows of a relation of each row: a subquery of its own."""
    outer = call.reach
    root = _root(call, node)
    if root is None:
        call.refuse("Q130", "an aggregate over the row itself has no rule")
    inner = _inner(call, root)
    argument = _rebased(call, inner, node)
    over = (inner.name, *argument.over)
    found = _function(call, argument, distinct)
    where = [f"{inner.link}.{inner.step.near} == {outer.entity}.{inner.step.start}"]
    if condition is not None:
        where += _conditions(call, inner, condition)
    start = f"select({_typed(call, found.text, found)})"
    if inner.reach.text:
        start += f".select_from({inner.link})"
    call.use("select")
    text = f"{start}{inner.reach.text}.where({', '.join(where)}).correlate({outer.entity}).scalar_subquery()"
    if call.name == "Count":
        call.use("func")
    return Sql(text, found.kind, found.nullable, aggregate=True, over=over, steady=found.steady)


def _root(call: Call, node: cst.BaseExpression) -> str | None:
    """The to-many relation that all names in an argument start with."""
    names = set()

    class Names(cst.CSTVisitor):
        def visit_SimpleString(self, node: cst.SimpleString) -> None:
            value = string_value(node)
            names.add((value or "").split("__")[0])

    node.visit(Names())
    world, label = call.reach.body.world, call.reach.label
    if len(names) != 1:
        return None
    name = names.pop()
    found = walk(world, label, [name])
    many = found is not None and found.steps and isinstance(found.steps[0][1], ManyStep)
    return name if many else None


def _inner(call: Call, name: str) -> Inner:
    outer = call.reach
    found = walk(outer.body.world, outer.label, [name])
    assert found is not None
    step = found.steps[0][1]
    assert isinstance(step, ManyStep)
    link = outer.free(step.link)
    model = outer.body.model(step.target)
    entity = link if step.far is None else outer.free(step.target)
    kind = Query(step.target, entity="" if entity == model else entity)
    reach = Reach(outer.body, kind, outer, names={link, entity} if step.far is None else {link})
    return Inner(reach, name, link, step)


def _rebased(call: Call, inner: Inner, node: cst.BaseExpression) -> Sql:
    """The argument as the rows of the relation see it."""
    prefix = f"{inner.name}__"
    world = call.reach.body.world

    class Shorten(cst.CSTTransformer):
        def leave_SimpleString(
            self, original_node: cst.SimpleString, updated_node: cst.SimpleString
        ) -> cst.BaseExpression:
            value = string_value(original_node) or ""
            rest = "pk" if value == inner.name else value.removeprefix(prefix)
            return parse(repr(rest))

    shorter = node.visit(Shorten())
    assert isinstance(shorter, cst.BaseExpression)
    names = string_value(shorter)
    keys = ("pk", world.primary_key(inner.step.target))
    if inner.step.far is not None and names in keys:
        return Sql(f"{inner.link}.{inner.step.far}", "int", False, column=True)
    _join_target(inner)
    if names is not None:
        found = walk(world, inner.reach.label, names.split("__"))
        over = found.many if found is not None else ()
        column = Call(inner.reach, call.node, call.path).argument(shorter)
        return replace(column, over=over)
    value = expression(inner.reach, shorter)
    if value is None or value.aggregate or not _yields_null(shorter):
        call.refuse("Q130")
    return replace(value, over=())


def _join_target(inner: Inner) -> None:
    """The rows at the far side of a link table."""
    step, reach = inner.step, inner.reach
    if step.far is None or reach.entity in reach.names:
        return
    key = reach.body.world.primary_key(step.target)
    reach.names.add(reach.entity)
    reach.text = (
        f".join({reach.entity}, {reach.entity}.{key} == {inner.link}.{step.far})" + reach.text
    )


def _yields_null(node: cst.BaseExpression) -> bool:
    """Whether an expression is NULL where its columns are: `F` and arithmetic."""
    if isinstance(node, cst.BinaryOperation):
        return _yields_null(node.left) or _yields_null(node.right)
    return isinstance(node, cst.Call) and getattr(node.func, "value", "") == "F"


def _conditions(call: Call, inner: Inner, node: cst.BaseExpression) -> list[str]:
    """`filter=Q(...)`: conditions on the rows of the relation, and on the row itself."""
    from .lookups import Conditions

    conditions = Conditions(call.reach)
    conditions.single = True
    _join_target(inner)
    conditions.own = {inner.name: inner.reach.entity, f"{inner.name}->": inner.link}
    part = conditions.part(node)
    leaf = conditions.render(part, negated=False) if part is not None else None
    return [leaf.text] if leaf is not None and leaf.text else []


HANDLERS: dict[str, Handler] = dict.fromkeys(_FUNCTIONS, _aggregate)
