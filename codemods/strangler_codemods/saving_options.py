"""The keyword arguments of `serializer.save(...)`, `objects.create(...)` and `Model(...)`."""

from __future__ import annotations

import libcst as cst

from strangler.facts import GenericField

from .operation import Operation, Typed
from .strangers import somebody
from .types import Attrs, Constant, Instance, Plain, Type


def saving_options(operation: Operation, label: str, *, generic: bool = True) -> str:
    """`, owner=user`: what is saved; each must be a column of `label`.

    generic: whether a generic foreign key may be among them, which asks the database.
    """
    body = operation.body
    options = []
    named = {a.keyword.value for a in operation.args if a.keyword is not None}
    for argument in operation.args:
        if argument.star == "**":
            options.append(f", **{unpacked_columns(operation, label, argument.value, named)}")
        elif argument.star or argument.keyword is None:
            operation.refuse("B133", "`save` with these arguments has no rule")
        else:
            name = argument.keyword.value
            value = somebody(body, body.expr(argument.value))
            target = _generic(operation, label, name)
            if target is not None and generic:
                options.append(_pointing(operation, target, value))
                continue
            require_storable(operation, label, name, value.type, value.code)
            options.append(f", {name}={value.code}")
    return "".join(options)


def require_storable(operation: Operation, label: str, name: str, kind: Type, shown: str) -> None:
    """Refuse what is no column of the model, or a value that no column takes."""
    held = operation.body.world.attribute_type(label, name)
    if held is None:
        operation.refuse("B133", f"`{name}` is no column of {label}")
    if (
        isinstance(kind, Instance)
        and kind.optional
        and (kind.user or not isinstance(held, Instance))
    ):
        operation.refuse("B121", f"`{shown}` may be None here")
    if isinstance(kind, Instance) and held != kind and not isinstance(held, Instance):
        operation.refuse("B133", f"`{name}` of {label} is given a row")
    if not isinstance(kind, Instance | Plain | Constant):
        operation.refuse("B133", f"the value of `{name}` has no rule")
    operation.stores(label, name, kind)


def unpacked_columns(
    operation: Operation, label: str, node: cst.BaseExpression, named: set[str]
) -> str:
    """`**attrs`, each of whose keys is a column under that name.

    named: what is given by name too, so that Python itself refuses it here.
    """
    value = operation.body.expr(node)
    if not isinstance(value.type, Attrs):
        operation.refuse("B110", f"`{operation.name}` is called with `**`")
    for key, kind in value.type.fields:
        if key in named:
            continue
        require_storable(operation, label, key, kind, key)
        if operation.body.world.attribute(key) != key:
            operation.refuse("B133", f"`{key}` of {label} has another name here")
    return value.code


def _generic(operation: Operation, label: str, name: str) -> GenericField | None:
    """The generic foreign key of the model that has this name."""
    found = operation.body.world.models[label].generic
    return next((g for g in found if g.kind == "foreign_key" and g.name == name), None)


def _pointing(operation: Operation, target: GenericField, value: Typed) -> str:
    """The two columns that a generic foreign key stands for."""
    body = operation.body
    if not isinstance(value.type, Instance) or value.type.optional or body.colour != "sync":
        operation.refuse("B133", f"the value of `{target.name}` has no rule")
    function = body.compat("generic", "pointing")
    kind = body.world.attribute(f"{target.ct_field}_id")
    key = body.world.attribute(target.fk_field)
    names = "" if (kind, key) == ("content_type_id", "object_id") else f", {kind!r}, {key!r}"
    return f", **{function}({body.session()}, {value.code}{names})"
