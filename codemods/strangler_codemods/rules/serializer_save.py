"""`serializer.save(...)` in a hook creates or updates the row that the endpoint answers with.

Before: serializer.save(owner=self.request.user)
After:  product = await create(session, Product, data, owner=user)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.making import written_row
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.types import Instance, Saved, Serializer, ValidData


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


@rewrites(attribute(Serializer, "instance"))
def instance(operation: Operation) -> Typed:
    """The row that an update began with; once it is saved, the row that was saved."""
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Serializer)
    if kind.saved:
        if body.saved_as is None:
            operation.refuse("B136", "`.instance` has no name here")
        return Typed(parse(body.saved_as), Instance(kind.model))
    if kind.instance is None:
        return body.constant(None)
    return Typed(parse(kind.instance), Instance(kind.model))


@rewrites(attribute(Serializer, "validated_data"))
def validated_data(operation: Operation) -> Typed:
    """The valid body of the endpoint."""
    kind = operation.on.type
    assert isinstance(kind, Serializer)
    if kind.saved:
        operation.refuse("B136", "`.validated_data` after `save()` has no rule")
    return Typed(parse("data"), ValidData(kind.name, partial=kind.partial))
