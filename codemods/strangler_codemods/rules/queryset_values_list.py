"""`values_list` reads own columns only, when its rows are asked for.

Before: for price, count in order.items.values_list("price", "count"):
After:  for price, count in columns(session, select(Item).where(...), Item.price, Item.count):
"""

from dataclasses import replace

from strangler_codemods.lookups import column_text
from strangler_codemods.operation import Operation, Typed, string_value
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Constant, Manager, Query


@rewrites(method(Manager, "values_list"), method(Query, "values_list"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    options = operation.keywords()
    flat = options.pop("flat", None)
    single = flat is not None and body.expr(flat).type == Constant(True)
    if options or (flat is not None and not single):
        operation.refuse("B111", "`values_list` with these arguments has no rule")
    columns = []
    for node in operation.positional():
        name = string_value(node)
        found = body.world.field_named(kind.model, name) if name is not None else None
        is_list = found is not None and found[1].relation is not None
        if found is None or (is_list and found[1].relation.kind == "many_to_many"):  # type: ignore[union-attr]  # it is one
            operation.refuse("Q106", "`values_list` of these columns has no rule")
        columns.append(column_text(body, found[0].name, found[1]))
    if not columns or (single and len(columns) != 1) or kind.sliced:
        operation.refuse("Q106", "`values_list` of these columns has no rule")
    return replace(statement, type=replace(kind, values=tuple(columns), flat=single))
