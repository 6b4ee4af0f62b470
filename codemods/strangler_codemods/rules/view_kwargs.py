"""A part of the path read from `self.kwargs` becomes a path parameter.

Before: self.kwargs["username"]
After:  username: str
"""

import libcst as cst

from strangler.facts import Endpoint
from strangler_codemods.body import Parameter
from strangler_codemods.names import identifier
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.permission_facts import path_kind
from strangler_codemods.rule import attribute, item, method, rewrites
from strangler_codemods.types import Constant, Kwargs, Plain, View


@rewrites(attribute(View, "kwargs"))
def kwargs(operation: Operation) -> Typed:
    return Typed(operation.node, Kwargs())


@rewrites(item(Kwargs))
def subscript(operation: Operation) -> Typed:
    assert isinstance(operation.node, cst.Subscript)
    index = operation.node.slice[0].slice
    value = index.value if isinstance(index, cst.Index) else None
    kind = operation.body.expr(value).type if value is not None else None
    key = kind.value if isinstance(kind, Constant) and isinstance(kind.value, str) else None
    return _parameter(operation, key)


@rewrites(attribute(View, "lookup_field"), attribute(View, "lookup_url_kwarg"))
def lookup(operation: Operation) -> Typed:
    """`self.kwargs[self.lookup_field]`."""
    endpoint = operation.body.owner.attributes.get("endpoint")
    if not isinstance(endpoint, Endpoint):
        operation.refuse("B104", f"`.{operation.name}` of a view has no rule here")
    return operation.body.constant(getattr(endpoint, operation.name))


@rewrites(method(Kwargs, "get"))
def get(operation: Operation) -> Typed:
    arguments = operation.take("key", "default")
    key, default = string_value(arguments["key"]), operation.body.constant(None)
    if "default" in arguments:
        default = operation.body.expr(arguments["default"])
    converters = operation.body.owner.attributes.get("converters")
    if key is not None and isinstance(converters, dict):  # it is there, or it never is
        return _parameter(operation, key) if key in converters else default
    if default.type != Constant(None):
        operation.refuse("B125", "this default has no rule")
    return _parameter(operation, key)


def _asked(operation: Operation, key: str | None) -> Typed:
    """A part of the path, for a permission that stands before endpoints with other paths too."""
    kinds = operation.body.owner.attributes.get("path_kinds")
    kind = kinds.get(key) if isinstance(kinds, dict) and key is not None else None
    always = kind is not None and " | None" not in kind
    if kind is None or (operation.name != "get" and not always):
        operation.refuse("B125", "this part of the path is not known here")
    return _read(operation, key or "", kind)


def _told(operation: Operation, key: str | None) -> Typed:
    """A part of the path, for a serializer: whichever endpoint it works for."""
    endpoints = operation.body.world.facts.endpoints
    kinds = {path_kind(e.converters[key]) for e in endpoints if key in e.converters}
    if key is None or len(kinds) != 1:
        operation.refuse("B125", "this part of the path is not known here")
    (kind,) = kinds
    return _read(operation, key, f"{kind} | None" if operation.name == "get" else kind)


def _read(operation: Operation, key: str, kind: str) -> Typed:
    """A part of the path of the request at hand, where the router has all of them as texts."""
    body, name = operation.body, identifier(key)
    bare = kind.removesuffix(" | None")
    if bare == "UUID":
        body.use("uuid", "UUID")
    params = f"{body.context()}.request.path_params"
    if bare != kind:
        text = f"{params}.get({name!r})"
        text = text if bare == "str" else f"{body.context()}.path_part({name!r}, {bare})"
    else:
        text = f"{params}[{name!r}]"
        text = text if bare == "str" else f"{bare}({text})"
    return Typed(parse(text), Plain(kind))


def _parameter(operation: Operation, key: str | None) -> Typed:
    body = operation.body
    if body.owner.kind == "permission":
        return _asked(operation, key)
    if body.owner.kind == "serializer":
        return _told(operation, key)
    converters = body.owner.attributes.get("converters")
    if key is None or not isinstance(converters, dict) or key not in converters:
        operation.refuse("B125", "this part of the path is not known here")
    if converters[key] == "int":
        kind = "int"
    elif converters[key] == "uuid":
        kind = "UUID"
    else:
        kind = "str"
    imports = (("uuid", "UUID"),) if kind == "UUID" else ()
    name = body.need(Parameter(identifier(key), kind, "path", key=key, imports=imports))
    return Typed(parse(name), Plain(kind))
