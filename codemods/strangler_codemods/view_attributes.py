"""What a view sets in its class bodies, for code that reads it from the view."""

from __future__ import annotations

import ast
import re

import libcst as cst

from strangler.facts import Endpoint, Value

from .class_bodies import class_value
from .operation import code_of
from .refusal import RefusalError
from .world import World

# What DRF and Django set on views: known by other rules, or not at all.
_OF_FRAMEWORK = frozenset(
    [
        *("_allowed_methods", "action", "action_map", "allowed_methods", "args", "as_view", "basename"),
        *("authentication_classes", "content_negotiation_class", "create", "cls", "csrf_exempt"),
        *("default_response_headers", "delete", "description", "destroy", "detail", "dispatch"),
        *("filter_backends", "filterset_class", "filterset_fields", "format_kwarg", "get", "head"),
        *("headers", "http_method_names", "initial", "initkwargs", "kwargs", "list", "lookup_field"),
        *("lookup_url_kwarg", "metadata_class", "name", "options", "ordering", "ordering_fields"),
        *("pagination_class", "paginator", "parser_classes", "partial_update", "patch", "post", "put"),
        *("permission_classes", "queryset", "renderer_classes", "request", "response", "retrieve"),
        *("schema", "search_fields", "serializer_class", "settings", "setup", "suffix", "throttled"),
        *("throttle_classes", "throttle_scope", "update", "versioning_class", "view_is_async"),
    ]
)  # fmt: skip
_FRAMEWORKS = ("rest_framework.", "django.", "builtins.")


def view_attribute(world: World, endpoint: Endpoint, name: str) -> str | None:
    """The value that every instance of the view has under `name`, as text; None where it has none.

    Raises:
        RefusalError: it cannot be told, or is something other than a literal.
    """
    place = endpoint.source or ""
    if name in _OF_FRAMEWORK or name.startswith(("get_", "perform_", "check_", "__")):
        raise RefusalError("B104", f"`.{name}` of a view has no rule", place)
    value = view_value(world, endpoint, name)
    if value is None:
        return None
    if value.kind == "none":
        return "None"
    text = _written(world, endpoint, name)
    plain = isinstance(value.value, str | int | float | bool)
    if value.kind != "literal" or (text is None and not plain):
        raise RefusalError("B104", f"`{name}` of `{endpoint.view}` is no literal", place)
    return text or repr(value.value)


def view_value(world: World, endpoint: Endpoint, name: str) -> Value | None:
    """What the class of the view holds under `name`; None where nothing sets it.

    Raises:
        RefusalError: a method sets it or stands for it, or a class of a package may have it.
    """
    place, foreign = endpoint.source or "", False
    for ref in endpoint.lineage:
        if ref.path.startswith(_FRAMEWORKS):
            continue
        found = world.sources.class_node(ref.path)
        if found is None:
            foreign = True
        elif _sets(found[0], name):
            raise RefusalError("B104", f"`{name}` of `{ref.path}` changes", place)
    if name in endpoint.methods or "__getattr__" in endpoint.methods:
        raise RefusalError("B104", f"`{name}` of `{endpoint.view}` is computed", place)
    value = endpoint.attributes.get(name)
    if value is None and (foreign or _bound(world, endpoint, name) is not None):
        raise RefusalError("B104", f"`{name}` of `{endpoint.view}` is not known", place)
    return value


def asked_object(world: World, serializer: str, name: str) -> str | None:
    """The path of an object that the class bodies of all views of a serializer give a name.

    None where it is something else, or the serializer is made by hand: its view is not known then.
    """
    endpoints = [e for e in world.facts.endpoints if e.serializer == serializer]
    made = re.compile(rf"(?<!class )\b{re.escape(serializer.rpartition('.')[2])}\(")
    if name in _OF_FRAMEWORK or world.sources.says(made):
        return None
    found = {_object(world, each, name) for each in endpoints}
    return found.pop() if len(found) == 1 else None


def _object(world: World, endpoint: Endpoint, name: str) -> str | None:
    """The path of the object that the class body of a view names; None where it is something else."""
    if name in endpoint.methods or "__getattr__" in endpoint.methods:
        return None
    for ref in endpoint.lineage:
        found = world.sources.class_node(ref.path)
        if found is None or _sets(found[0], name):
            return None
        value = class_value(found[0], name, found[1])
        if value is not None:
            return world.sources.resolve(found[1], code_of(value[0]))
    return None


def _sets(node: cst.ClassDef, name: str) -> bool:
    """Whether a method may set the attribute of its instance."""
    text = code_of(node)
    own = re.search(rf"\.{re.escape(name)}\b\s*(:[^=\n]+|[-+*/|&^%]|//|\*\*)?=(?!=)", text)
    return own is not None or "setattr(" in text or "__dict__" in text


def _bound(world: World, endpoint: Endpoint, name: str) -> cst.BaseExpression | None:
    """The expression that the first class of the MRO which binds the name gives it."""
    for ref in endpoint.lineage:
        found = world.sources.class_node(ref.path)
        value = class_value(found[0], name, found[1]) if found is not None else None
        if value is not None:
            return value[0]
    return None


def _written(world: World, endpoint: Endpoint, name: str) -> str | None:
    """A list, tuple or dictionary of literals as it is written."""
    node = _bound(world, endpoint, name)
    if node is None:
        return None
    try:
        return repr(ast.literal_eval(code_of(node)))
    except (ValueError, SyntaxError):
        return None
