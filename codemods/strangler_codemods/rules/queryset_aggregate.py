"""`aggregate` runs aggregate functions over the rows of a statement.

Before: book.reviews.aggregate(mean=Avg("stars"))["mean"]
After:  aggregate(session, select(Review).where(...), mean=func.avg(Review.stars))["mean"]
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Constant, Manager, Plain, Query, Symbol

_FUNCTIONS = {"Avg": "avg", "Count": "count", "Max": "max", "Min": "min", "Sum": "sum"}
_MODULES = ("django.db.models", "django.db.models.aggregates")
_NUMBERS = frozenset({"int", "float", "Decimal"})
_ORDERED = _NUMBERS | {"str", "date", "datetime"}


@rewrites(method(Manager, "aggregate"), method(Query, "aggregate"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", "`.aggregate()` runs a query where none may run")
    statement = base(operation)
    assert isinstance(statement.type, Query)
    texts = []
    for argument in operation.args:
        if argument.star or not isinstance(argument.value, cst.Call):
            operation.refuse("Q130", f"the aggregate `{code_of(argument.value)}` has no rule")
        key, text = _function(operation, statement.type.model, argument.value)
        name = argument.keyword.value if argument.keyword is not None else key
        texts.append(f"{name}={text}")
    function = body.compat("actions" if body.colour == "async" else "orm", "aggregate")
    call = f"{function}({', '.join([body.session(), statement.code, *texts])})"
    text = f"(await {call})" if body.colour == "async" else call
    return Typed(parse(text), Plain("dict[str, Any]"))


def _function(operation: Operation, label: str, node: cst.Call) -> tuple[str, str]:
    """The name that Django gives the value, and the SQL function."""
    body = operation.body
    kind = body.expr(node.func).type
    module, _, name = kind.path.rpartition(".") if isinstance(kind, Symbol) else ("", "", "")
    inner = Operation(node, body, name, args=tuple(node.args))
    arguments = inner.take("expression", "distinct")
    column = string_value(arguments["expression"]) if "expression" in arguments else None
    if module not in _MODULES or name not in _FUNCTIONS or column is None:
        operation.refuse("Q130", f"the aggregate `{code_of(node)}` has no rule")
    distinct = Constant(False)
    if "distinct" in arguments:
        found = body.expr(arguments["distinct"]).type
        distinct = found if isinstance(found, Constant) else Constant(None)
    if distinct.value not in (True, False) or (distinct.value and name in ("Max", "Min")):
        operation.refuse("Q130", f"the aggregate `{code_of(node)}` has no rule")
    body.use("sqlalchemy", "func")
    key = f"{column}__{name.lower()}"
    if column == "*" and name == "Count" and not distinct.value:
        return key, "func.count()"
    text = _column(operation, label, name, column)
    return key, f"func.{_FUNCTIONS[name]}({text}{'.distinct()' if distinct.value else ''})"


def _column(operation: Operation, label: str, name: str, column: str) -> str:
    body = operation.body
    found = body.world.field_named(label, column)
    held = body.world.attribute_type(label, found[1].attname) if found is not None else None
    if found is None or not isinstance(held, Plain):
        operation.refuse("Q130", f"`{name}` of `{column}` of {label} has no rule")
    fits = {"Avg": _NUMBERS, "Sum": _NUMBERS, "Max": _ORDERED, "Min": _ORDERED}.get(name)
    if fits is not None and held.name not in fits:
        operation.refuse("Q130", f"`{name}` of a {held.name} has no rule")
    return f"{body.model(found[0].name)}.{body.world.attribute(found[1].attname)}"
