"""Validated data is a dictionary whose values have the types of the fields.

Before: if attrs["start"] > attrs["end"]:
After:  if attrs["start"] > attrs["end"]:
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.rule import Key, compare, item, method, rewrites
from strangler_codemods.types import Attrs, Constant, Instance, Plain, Type


def _known(operation: Operation, key: str | None) -> Type:
    attrs = operation.on.type
    assert isinstance(attrs, Attrs)
    kind = attrs.get(key) if key is not None else None
    if kind is None:
        operation.refuse("B132", "this key of the validated data is not known")
    return kind


@rewrites(item(Attrs))
def subscript(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    return Typed(node, _known(operation, key))


@rewrites(method(Attrs, "get"))
def get(operation: Operation) -> Typed:
    arguments = operation.take("key", "default")
    kind = _known(operation, string_value(arguments["key"]))
    default = operation.body.expr(arguments["default"]) if "default" in arguments else None
    missing = default is None or default.type == Constant(None)
    if isinstance(kind, Instance):
        if not missing:
            operation.refuse("B132", "this default has no rule")
        kind = Instance(kind.model, optional=True)
    text = f"{operation.on.code}.get({string_value(arguments['key'])!r}"
    text += f", {default.code})" if default is not None and not missing else ")"
    return Typed(parse(text), kind)


@rewrites(compare(Attrs))
def contains(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Comparison)
    if not isinstance(node.comparisons[0].operator, cst.In | cst.NotIn):
        operation.refuse("B132", "this comparison of validated data has no rule")
    return Typed(node, Plain("bool"))


@rewrites(Key("assign_item", Attrs, "*"))
def assign_item(operation: Operation) -> Typed:
    node, value = operation.node, operation.other
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    if key is None or value is None:
        operation.refuse("B132", "this key of the validated data is not known")
    kind = Plain() if isinstance(value.type, Constant) else value.type
    _change(operation, key, kind)
    return Typed(node)


@rewrites(method(Attrs, "pop"))
def pop(operation: Operation) -> Typed:
    arguments = operation.take("key", "default")
    key = string_value(arguments["key"])
    kind = _known(operation, key)
    text = f"{operation.on.code}.pop({key!r}"
    if "default" in arguments:
        default = operation.body.expr(arguments["default"])
        if isinstance(kind, Instance):
            if default.type != Constant(None):
                operation.refuse("B132", "this default has no rule")
            kind = Instance(kind.model, optional=True)
        text += f", {default.code}"
        kind = Plain() if isinstance(kind, Plain) else kind
    assert key is not None
    _change(operation, key, None)
    return Typed(parse(text + ")"), kind)


def _change(operation: Operation, key: str, kind: Type | None) -> None:
    """What the dictionary holds from here on, where it has a name."""
    attrs, node = operation.on.type, operation.on.node
    assert isinstance(attrs, Attrs)
    if not isinstance(node, cst.Name):
        return
    names = {**operation.body.renames}
    local = next((old for old, new in names.items() if new == node.value), node.value)
    fields = {name: held for name, held in attrs.fields if name != key}
    if kind is not None:
        fields[key] = kind
    if isinstance(operation.body.env.get(local), Attrs):
        operation.body.env[local] = Attrs(tuple(fields.items()), attrs.maybe - {key})
