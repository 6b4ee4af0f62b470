"""`update` changes the rows of a query in one statement; objects in memory keep what they have.

Before: Item.objects.filter(box=box).update(count=F("count") + 1)
After:  await session.run_sync(update_query, select(Item).where(...), count=Item.count + 1)
"""

from strangler_codemods.evaluating import run
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.reach import Reach
from strangler_codemods.rule import method, rewrites
from strangler_codemods.sql_values import expression
from strangler_codemods.types import Constant, Instance, Manager, Plain, Query


@rewrites(method(Manager, "update"), method(Query, "update"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", "`.update()` writes where nothing may be written")
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    if operation.positional() or kind.grouped or kind.distinct:
        operation.refuse("Q132", "this `update` has no rule")
    texts = [statement.code]
    reach = Reach.of(body, kind)
    for name, node in operation.keywords().items():
        found = body.world.field_named(kind.model, name)
        if found is None or found[0].name != kind.model:
            operation.refuse("Q132", f"`update` of `{name}` of {kind.model} has no rule")
        made = expression(reach, node)
        if made is not None:
            if made.foreign or made.aggregate:
                operation.refuse("Q132", f"the value of `{name}` has no rule")
            texts.append(f"{body.world.attribute(name)}={made.text}")
            continue
        value = body.expr(node)
        if not isinstance(value.type, Plain | Constant | Instance):
            operation.refuse("Q132", f"the value of `{name}` has no rule")
        if isinstance(value.type, Instance) and value.type.optional:
            operation.refuse("B121", f"`{value.code}` may be None here")
        texts.append(f"{body.world.attribute(name)}={value.code}")
    return Typed(parse(run(body, "update_query", *texts)), Plain("int"))
