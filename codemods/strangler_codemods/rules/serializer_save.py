"""`serializer.save(...)` in a hook creates or updates the row that the endpoint answers with.

Before: serializer.save(owner=self.request.user)
After:  product = await create(session, Product, data, owner=user)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Constant, Instance, Plain, Saved, Serializer


@rewrites(method(Serializer, "save"))
def rewrite(operation: Operation) -> Typed:
    serializer, body = operation.on.type, operation.body
    assert isinstance(serializer, Serializer)
    if operation.positional():
        operation.refuse("B133", "`save` with these arguments has no rule")
    options = []
    for name, node in operation.keywords().items():
        value = body.expr(node)
        if isinstance(value.type, Instance) and value.type.optional:
            operation.refuse("B121", f"`{value.code}` may be None here")
        if not isinstance(value.type, Instance | Plain | Constant):
            operation.refuse("B133", f"the value of `{name}` has no rule")
        if body.world.attribute_type(serializer.model, name) is None:
            operation.refuse("B133", f"`{name}` is no column of {serializer.model}")
        options.append(f", {name}={value.code}")
    session, extra = body.session(), "".join(options)
    if serializer.instance is None:
        function = body.compat("actions", "create")
        call = f"await {function}({session}, {body.model(serializer.model)}, data{extra})"
    else:
        function = body.compat("actions", "update")
        call = f"await {function}({session}, {serializer.instance}, data{extra})"
    return Typed(parse(call), Saved(serializer.model))
