"""`aggregate` runs aggregate functions over the rows of a statement.

Before: book.reviews.aggregate(mean=Avg("stars"))["mean"]
After:  aggregate(session, select(Review).where(...), mean=func.avg(Review.stars))["mean"]
"""

from strangler_codemods.computed_values import aggregate_name
from strangler_codemods.default_order import ordered
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.queries import base
from strangler_codemods.reach import Reach
from strangler_codemods.rule import method, rewrites
from strangler_codemods.sql_values import expression
from strangler_codemods.types import Manager, Plain, Query


@rewrites(method(Manager, "aggregate"), method(Query, "aggregate"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", "`.aggregate()` runs a query where none may run")
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    if not operation.args:
        operation.refuse("Q130", "`aggregate` without a function has no rule")
    if kind.sliced and kind.ordering == "default":
        statement = ordered(body, statement)
    reach = Reach.of(body, kind)
    reach.whole = True
    texts = []
    for argument in operation.args:
        found = None if argument.star else expression(reach, argument.value)
        if found is None or not found.aggregate:
            operation.refuse("Q130", f"the aggregate `{code_of(argument.value)}` has no rule")
        named = argument.keyword
        name = (
            named.value if named is not None else aggregate_name(operation, reach, argument.value)
        )
        texts.append(f"{name}={found.text}")
    if (kind.sliced or kind.distinct) and (reach.text or kind.computed):
        operation.refuse("Q130", "the aggregate of this slice has no rule")
    text = reach.applied(statement).code
    function = body.compat("actions" if body.colour == "async" else "orm", "aggregate")
    call = f"{function}({', '.join([body.session(), text, *texts])})"
    awaited = f"(await {call})" if body.colour == "async" else call
    return Typed(parse(awaited), Plain("dict[str, Any]"))
