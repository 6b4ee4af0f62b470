"""`dates` and `datetimes`: the periods that a column has values in.

Before: Book.objects.dates("published", "month")
After:  columns(session, select(Book).where(Book.published.is_not(None))..., flat=True)
"""

from dataclasses import replace

from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.own_values import converts
from strangler_codemods.queries import base
from strangler_codemods.reach import Reach
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Constant, Manager, Plain, Query

_KINDS = ("year", "month", "week", "day", "hour", "minute", "second")


@rewrites(method(Manager, "dates"), method(Query, "dates"))
def dates(operation: Operation) -> Typed:
    return _periods(operation, "date", _KINDS[:4])


@rewrites(method(Manager, "datetimes"), method(Query, "datetimes"))
def datetimes(operation: Operation) -> Typed:
    return _periods(operation, "datetime", _KINDS)


def _periods(operation: Operation, wanted: str, kinds: tuple[str, ...]) -> Typed:
    given = operation.take("field_name", "kind", "order")
    body, statement = operation.body, base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    order = body.expr(given["order"]).type if "order" in given else Constant("ASC")
    name, period = string_value(given["field_name"]), string_value(given["kind"])
    if name is None or period not in kinds or kind.grouped or kind.computed or kind.joins:
        operation.refuse("Q106", f"this `{operation.name}` has no rule")
    column = Reach.of(body, kind).column(name, operation.node)
    if (
        column.foreign
        or (column.field is not None and converts(column.field))
        or column.kind != Plain(wanted)
        or order not in (Constant("ASC"), Constant("DESC"))
    ):
        operation.refuse("Q106", f"this `{operation.name}` has no rule")
    if wanted == "datetime" and not body.world.has_time_zones:
        operation.refuse("Q106", "the database server has no time zones: mariadb-tzinfo-to-sql")
    shown = f'{body.compat("date_parts", "trunc")}("{period}", {column.text})'
    reset = ".order_by(None)" if kind.ordering not in ("default", "none", "grouped") else ""
    turned = ".desc()" if order == Constant("DESC") else ""
    text = f"{statement.code}{reset}.where({column.text}.is_not(None)).distinct().order_by({shown}{turned})"
    values = ((name, shown, wanted),)
    changed = replace(
        kind, ordering="explicit", order=(shown + turned,), values=values, shape="flat",
        distinct=True, related=None,
    )  # fmt: skip
    return Typed(parse(text), changed)
