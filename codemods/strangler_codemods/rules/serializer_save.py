"""`serializer.save(...)` in a hook creates or updates the row that the endpoint answers with.

Before: serializer.save(owner=self.request.user)
After:  product = await create(session, Product, data, owner=user)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.making import written_row
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Saved, Serializer


@rewrites(method(Serializer, "save"))
def rewrite(operation: Operation) -> Typed:
    serializer, body = operation.on.type, operation.body
    assert isinstance(serializer, Serializer)
    node = operation.node
    receiver = (
        node.func.value
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute)
        else None
    )
    if serializer.saved or not isinstance(receiver, cst.Name):
        operation.refuse("B136", "a second `save()` has no rule")
    method = "create" if serializer.instance is None else "update"
    label, extra = written_row(operation, serializer.name, serializer.model, method, operation)
    if label != serializer.model:
        operation.refuse("B136", f"the serializer saves a row of {label}")
    session = body.session()
    body.env[receiver.value] = replace(serializer, saved=True)
    if serializer.instance is None:
        function = body.compat("actions", "create")
        call = f"await {function}({session}, {body.model(serializer.model)}, data{extra})"
    else:
        function = body.compat("actions", "update")
        call = f"await {function}({session}, {serializer.instance}, data{extra})"
    return Typed(parse(call), Saved(serializer.model))
