"""Looping over a query reads its rows, or the columns that it was reduced to; so does `len(...)`.

Before: for item in box.items.filter(broken=False):
After:  for item in rows(session, select(Item).where(...)):
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.callbacks import order_key
from strangler_codemods.evaluating import evaluated
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.plain_values import plain_args
from strangler_codemods.queries import base
from strangler_codemods.rule import call, method, rewrites
from strangler_codemods.types import Manager, Plain, Query, Rows


@rewrites(method(Query, "__iter__"), method(Manager, "__iter__"))
def rewrite(operation: Operation) -> Typed:
    if isinstance(operation.on.type, Manager):
        operation.refuse("B204", "a manager cannot be looped over")
    return evaluated(operation, base(operation))


@rewrites(method(Query, "iterator"), method(Manager, "iterator"))
def iterator(operation: Operation) -> Typed:
    return evaluated(replace(operation, args=()), base(operation))


@rewrites(call("builtins.list"))
def listed(operation: Operation) -> Typed:
    arguments = operation.positional()
    value = operation.body.expr(arguments[0]) if len(operation.args) == 1 else None
    if value is not None and isinstance(value.type, Query):
        return rewrite(replace(operation, name="__iter__", receiver=value))
    if value is not None and isinstance(value.type, Rows):
        return Typed(parse(f"list({value.code})"), value.type)
    texts = [a.value for a in plain_args(operation.body, operation.args)]
    shown = ", ".join(Typed(node).code for node in texts)
    return Typed(parse(f"list({shown})"), Plain("list[Any]"))


_TYPES = {"len": "int", "set": "set[Any]", "tuple": "tuple[Any, ...]", "dict": "dict[Any, Any]",
          "sorted": "list[Any]", "sum": "Any", "max": "Any", "min": "Any"}  # fmt: skip


@rewrites(*(call(f"builtins.{name}") for name in _TYPES))
def collected(operation: Operation) -> Typed:
    """`len(queryset)` and what else goes through all of it."""
    name = operation.name.rpartition(".")[2]
    kind, texts = Plain(_TYPES[name]), []
    for place, argument in enumerate(operation.args):
        value = operation.body.expr(argument.value) if not argument.star and place == 0 else None
        if value is not None and isinstance(value.type, Query):
            inner = replace(operation, name="__iter__", receiver=value)
            rows = rewrite(inner)
            if isinstance(rows.type, Rows) and name != "len":
                operation.refuse("B102", f"`{name}` of rows has no rule")
            texts.append(argument.with_changes(value=rows.node))
        elif isinstance(argument.value, cst.Lambda) and place > 0:
            key = order_key(operation.body, argument.value)
            texts.append(argument.with_changes(value=key))
        else:
            texts += plain_args(operation.body, [argument])
    node = parse(f"{name}()")
    return Typed(node.with_changes(args=texts), kind)


@rewrites(method(Query, "using"), method(Manager, "using"))
def using(operation: Operation) -> Typed:
    from strangler_codemods.types import Constant

    alias = operation.body.expr(operation.take("alias")["alias"]).type
    if alias != Constant("default"):
        operation.refuse("Q105", "another database has no rule")
    return base(operation)
