"""What the project's view sets in its class body is read by permissions that stand before it.

A view's own methods have the value itself.

Before: wanted = getattr(view, "roles", None)
After:  wanted = context.view_attribute("roles", None)
"""

from typing import TYPE_CHECKING, cast

import libcst as cst

from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import Key, attribute, rewrites
from strangler_codemods.types import Plain, View
from strangler_codemods.view_attributes import asked_object, view_attribute, view_value

if TYPE_CHECKING:
    from strangler.facts import Endpoint


@rewrites(attribute(View, "*"))
def read(operation: Operation) -> Typed:
    return _read(operation, operation.name, None)


@rewrites(Key("getattr", View, "*"))
def read_by_name(operation: Operation) -> Typed:
    arguments = operation.take("object", "name", "default")
    name = string_value(arguments["name"])
    if name is None:
        operation.refuse("B104", "a computed attribute of a view has no rule")
    return _read(operation, name, arguments.get("default"))


def _read(operation: Operation, name: str, default: cst.BaseExpression | None) -> Typed:
    body = operation.body
    if body.owner.kind == "permission":
        asked = body.owner.attributes.setdefault("asks_view", set())
        cast("set[str]", asked).add(name)
        given = "" if default is None else f", {code_of(plain(body, default))}"
        return Typed(parse(f"{body.context()}.view_attribute({name!r}{given})"), Plain())
    endpoint = cast("Endpoint | None", body.owner.attributes.get("endpoint"))
    if body.owner.kind == "serializer" and (
        path := asked_object(body.world, body.owner.name, name)
    ):
        return body.world.symbol(body, path, operation.node)
    if endpoint is None:
        operation.refuse("B104", f"`.{name}` of a view has no rule")
    held = _property(operation, endpoint, name)
    if held is not None:
        return held
    text = _class(operation, endpoint, name) or view_attribute(body.world, endpoint, name)
    if isinstance(text, Typed):
        return text
    if text is not None:
        value = parse(text)
        simple = isinstance(value, cst.SimpleString | cst.Integer | cst.Name)
        return body.expr(value) if simple else Typed(value)
    if default is None:
        operation.refuse("B104", f"`.{name}` of a view has no rule")
    return body.expr(default)


def _property(operation: Operation, endpoint: "Endpoint", name: str) -> Typed | None:
    """A property of the project's view, which becomes a function."""
    body, ref = operation.body, endpoint.methods.get(name)
    source = body.world.sources.function(ref.path) if ref is not None else None
    if ref is None or source is None or body.world.call_helper is None:
        return None
    if [code_of(d.decorator) for d in source.node.decorators] != ["property"]:
        return None
    called = cst.Call(operation.node)
    return body.world.call_helper(Operation(called, body, name), ref.path, body.owner)


def _class(operation: Operation, endpoint: "Endpoint", name: str) -> Typed | None:
    """A class that the view names: a model, a serializer."""
    body = operation.body
    value = view_value(body.world, endpoint, name)
    if value is None or value.kind != "callable" or value.path is None:
        return None
    return body.world.symbol(body, value.path, operation.node)
