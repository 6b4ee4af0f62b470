"""Serializers that code makes by hand: what they show without the request in their context."""

from __future__ import annotations

import libcst as cst

from strangler.facts import SerializerField

from .operation import Operation, code_of, string_value
from .world import World

_LINKS = ("FileField", "ImageField", "FilePathField")
_OF_WRITING = ("create", "update", "validate", "save", "to_internal_value", "run_validation")
_CURRENT_USER = "CurrentUserDefault"


def require_request(operation: Operation, name: str) -> None:
    """Refuse a serializer that is made without the request where it shows the difference.

    Addresses of files and hyperlinks have no host then, and code that reads the context fails;
    the new app's schemas always know the request.
    """
    given = next(
        (a.value for a in operation.args if a.keyword is not None and a.keyword.value == "context"),
        None,
    )
    if given is not None and _holds_request(given):
        return
    writes = any(a.keyword is not None and a.keyword.value == "data" for a in operation.args)
    reason = _asks(operation.body.world, name, set(), writes=writes)
    if reason is not None:
        operation.refuse("B135", f"`{name}` is made without the request, which {reason} asks for")


def _holds_request(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Dict):
        keys = [e.key for e in node.elements if isinstance(e, cst.DictElement)]
        return any(string_value(key) == "request" for key in keys)
    return code_of(node) == "self.get_serializer_context()"


def _asks(world: World, name: str, seen: set[str], *, writes: bool) -> str | None:
    """What of a serializer, or of one inside it, looks at the request; None for nothing.

    writes: whether it takes data too, which has methods of its own.
    """
    if name in seen:
        return None
    seen.add(name)
    for path in world.class_and_bases(name):
        found = world.sources.class_node(path)
        for line in found[0].body.body if found is not None else ():
            name_of = line.name.value if isinstance(line, cst.FunctionDef) else ""
            passed = not writes and name_of.startswith(_OF_WRITING)
            if not passed and ".context" in code_of(line):
                return f"`{path.rpartition('.')[2]}`"
    facts = next((s for s in world.facts.serializers if s.name == name), None)
    for field in facts.fields if facts is not None else ():
        reason = _field_asks(world, field, seen, writes=writes)
        if reason is not None:
            return reason
    return None


def _field_asks(
    world: World, field: SerializerField, seen: set[str], *, writes: bool
) -> str | None:
    kind = (field.drf_cls or field.cls).rpartition(".")[2]
    by_default = field.default is not None and (field.default.path or "").endswith(_CURRENT_USER)
    if kind in _LINKS or kind.startswith("Hyperlinked") or by_default:
        return f"`{field.name}`"
    if field.serializer is not None:
        return _asks(world, field.serializer, seen, writes=writes)
    inner = [*field.nested_fields, *([field.child] if field.child is not None else [])]
    asked = (_field_asks(world, each, seen, writes=writes) for each in inner)
    return next((reason for reason in asked if reason is not None), None)
