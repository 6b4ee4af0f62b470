"""The keyword arguments of `serializer.save(...)`."""

from __future__ import annotations

from .operation import Operation
from .types import Constant, Instance, Plain


def saving_options(operation: Operation, label: str) -> str:
    """`, owner=user`: what is saved beside the validated data; each must be a column of `label`."""
    body = operation.body
    if operation.positional():
        operation.refuse("B133", "`save` with these arguments has no rule")
    options = []
    for name, node in operation.keywords().items():
        value = body.expr(node)
        if isinstance(value.type, Instance) and value.type.optional:
            operation.refuse("B121", f"`{value.code}` may be None here")
        if not isinstance(value.type, Instance | Plain | Constant):
            operation.refuse("B133", f"the value of `{name}` has no rule")
        if body.world.attribute_type(label, name) is None:
            operation.refuse("B133", f"`{name}` is no column of {label}")
        options.append(f", {name}={value.code}")
    return "".join(options)
