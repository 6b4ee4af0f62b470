"""`update` changes the rows of a query in one statement; objects in memory keep what they have.

Before: Item.objects.filter(box=box).update(count=F("count") + 1)
After:  await session.run_sync(update_query, select(Item).where(...), count=Item.count + 1)
"""

from strangler_codemods.lookups import expression_text
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Constant, Instance, Manager, Plain, Query


@rewrites(method(Manager, "update"), method(Query, "update"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", "`.update()` writes where nothing may be written")
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    if operation.positional() or kind.joins:
        operation.refuse("Q132", "this `update` has no rule")
    function = body.compat("orm", "update_query")
    texts = [statement.code]
    for name, node in operation.keywords().items():
        found = body.world.field_named(kind.model, name)
        if found is None or found[0].name != kind.model:
            operation.refuse("Q132", f"`update` of `{name}` of {kind.model} has no rule")
        text = expression_text(body, kind.model, node)
        if text is None:
            value = body.expr(node)
            if not isinstance(value.type, Plain | Constant | Instance):
                operation.refuse("Q132", f"the value of `{name}` has no rule")
            if isinstance(value.type, Instance) and value.type.optional:
                operation.refuse("B121", f"`{value.code}` may be None here")
            text = value.code
        texts.append(f"{body.world.attribute(name)}={text}")
    session = body.session()
    if body.colour == "async":
        call = f"await {session}.run_sync({', '.join([function, *texts])})"
    else:
        call = f"{function}({', '.join([session, *texts])})"
    return Typed(parse(call), Plain("int"))
