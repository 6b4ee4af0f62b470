"""What a serializer's methods see: the request's context and the instance.

Before: self.context["request"].user
After:  context.user
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.rule import Key, attribute, compare, item, method, rewrites
from strangler_codemods.types import (
    Constant,
    Context,
    Given,
    Instance,
    Plain,
    Request,
    Rows,
    SerializerSelf,
    Type,
    View,
)


@rewrites(attribute(SerializerSelf, "context"))
def context(operation: Operation) -> Typed:
    return Typed(operation.node, Context())


@rewrites(attribute(SerializerSelf, "instance"))
def instance(operation: Operation) -> Typed:
    body = operation.body
    label = body.owner.attributes.get("model")
    if not isinstance(label, str) or "shows" in body.owner.attributes:
        operation.refuse("B128", "the model of `self.instance` is not known")
    return Typed(parse(f"{body.context()}.instance"), Instance(label, optional=True))


@rewrites(item(Context))
def subscript(operation: Operation) -> Typed:
    assert isinstance(operation.node, cst.Subscript)
    index = operation.node.slice[0].slice
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    if key == "request" and _told(operation, key) is not Plain:
        return Typed(cst.Name("request"), Request())
    if key == "view" and _told(operation, key) is not Plain:
        return Typed(operation.node, View())
    kind = _given(operation).get(key or "")
    if kind is None or key == "request":
        operation.refuse("B129", f"`{key}` of a serializer's context is not known")
    return Typed(parse(f"{operation.body.context()}.told({key!r})"), kind)


@rewrites(method(Context, "get"))
def get(operation: Operation) -> Typed:
    arguments = operation.take("key", "default")
    key = string_value(arguments["key"])
    default = operation.body.expr(arguments["default"]) if "default" in arguments else None
    if default is not None and default.type != Constant(None):
        operation.refuse("B129", "this default has no rule")
    if key == "request":
        return Typed(cst.Name("request"), Request(optional=True))
    if key == "view" and _told(operation, key) is not Plain:
        return Typed(operation.node, View())
    kind = _given(operation).get(key or "")
    if kind is None:
        operation.refuse("B129", f"`{key}` of a serializer's context is not known")
    exact = "context" in operation.body.owner.attributes
    if not exact and isinstance(kind, Instance):
        kind = replace(kind, optional=True)
    if not exact and not isinstance(kind, Instance | Plain):
        operation.refuse("B129", f"`{key}` of a serializer's context may be missing")
    verb = "told" if exact else "asked"
    return Typed(parse(f"{operation.body.context()}.{verb}({key!r})"), kind)


def _given(operation: Operation) -> dict[str, Type]:
    """What is known of the context beside the request: what `save` was told, or views put there."""
    owner, told = operation.body.owner, operation.body.world.told_by_views
    found = owner.attributes.get("context")
    if "context" not in owner.attributes and told is not None:
        return told()
    return found if isinstance(found, dict) else {}


def _told(operation: Operation, key: str) -> object:
    """Plain where the serializer is made without the request, by the body that saves it."""
    found = operation.body.owner.attributes.get("context")
    return Plain if isinstance(found, dict) and found and key not in found else None


@rewrites(Key("truth", View, "*"))
def view_truth(operation: Operation) -> Typed:
    return operation.body.constant(True)


@rewrites(compare(Request))
def compare_request(operation: Operation) -> Typed:
    node, kind = operation.node, operation.on.type
    assert isinstance(node, cst.Comparison)
    same = isinstance(node.comparisons[0].operator, cst.Is | cst.Equal)
    if operation.other is None or operation.other.type != Constant(None):
        operation.refuse("B107", "this comparison of the request has no rule")
    assert isinstance(kind, Request)
    if not kind.optional:
        return operation.body.constant(not same)
    test = f"{operation.body.context()}.has_request"
    return Typed(parse(f"not {test}" if same else test), Plain("bool"))


@rewrites(Key("truth", Request, "*"))
def truth(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Request)
    if not kind.optional:
        return operation.body.constant(True)
    return Typed(parse(f"{operation.body.context()}.has_request"), Plain("bool"))


@rewrites(method(Given, "update"))
def add_all(operation: Operation) -> Typed:
    """More values of a context, under constant keys."""
    body, name, kind = operation.body, operation.on.node, operation.on.type
    assert isinstance(kind, Given)
    pairs = list(operation.keywords().items())
    for each in operation.positional():
        for element in each.elements if isinstance(each, cst.Dict) else (None,):
            key = string_value(element.key) if isinstance(element, cst.DictElement) else None
            if key is None or element is None:
                operation.refuse("B203", "this update of a context has no rule")
            pairs.append((key, element.value))
    fields, texts = dict(kind.fields), []
    for key, node in pairs:
        value = body.expr(node)
        asked = isinstance(value.type, Request)
        if not isinstance(value.type, Plain | Constant | Instance | Rows | Request | View):
            operation.refuse("B203", "this update of a context has no rule")
        if not isinstance(value.type, View):
            texts.append(f"{key!r}: {body.request() if asked else value.code}")
        fields[key] = Plain() if isinstance(value.type, Constant) else value.type
    if not isinstance(name, cst.Name) or len(operation.positional()) > 1:
        operation.refuse("B203", "this update of a context has no rule")
    local = next((old for old, new in body.renames.items() if new == name.value), name.value)
    body.env[local] = Given(tuple(fields.items()), kind.maybe - dict(pairs).keys())
    return Typed(parse(f"{name.value}.update({{{', '.join(texts)}}})"), Plain("None"))


@rewrites(Key("assign_item", Given, "*"))
def add(operation: Operation) -> Typed:
    """One more value of a context, under a constant key."""
    node, value, kind = operation.node, operation.other, operation.on.type
    assert isinstance(node, cst.Subscript)
    assert isinstance(kind, Given)
    index = node.slice[0].slice
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    if key is None or value is None or not isinstance(operation.on.node, cst.Name):
        operation.refuse("B203", "this item of a context has no rule")
    held_view = key == "view" and isinstance(value.type, View)  # nothing reads it in the new app
    same = key == "request" and value.type == Request() == dict(kind.fields).get(key)
    if (
        not held_view
        and not same
        and not isinstance(value.type, Plain | Constant | Instance | Rows)
    ):
        operation.refuse("B203", "this item of a context has no rule")
    held = Plain() if isinstance(value.type, Constant) else value.type
    fields = {**dict(kind.fields), key: held}
    body, name = operation.body, operation.on.node.value
    local = next((old for old, new in body.renames.items() if new == name), name)
    body.env[local] = Given(tuple(fields.items()))
    return Typed(cst.Ellipsis() if held_view or same else node)
