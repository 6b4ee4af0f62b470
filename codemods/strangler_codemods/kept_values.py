"""Attributes that a serializer's methods set on it while it validates."""

from __future__ import annotations

import re
from dataclasses import replace

import libcst as cst

from strangler.facts import Serializer

from .functions import Rewritten
from .lattice import join
from .operation import Operation, code_of
from .serializer_names import is_free
from .types import Constant, Instance, SerializerSelf, Type, Unknown
from .walking import walk
from .world import World

_FRAMEWORKS = ("rest_framework.", "builtins.", "typing.", "abc.")


def validating(operation: Operation) -> str:
    """What the methods of a serializer that validate call its context.

    Raises:
        RefusalError: the code is that of another method.
    """
    body = operation.body
    if not body.owner.attributes.get("validating"):
        operation.refuse("B104", f"`.{operation.name}` of a serializer has no rule here")
    return body.context()


def keep(operation: Operation, value: Type) -> None:
    """Note that the serializer holds a value of a type under the attribute that is assigned.

    Raises:
        RefusalError: the name means something already, or a serializer within has it too.
    """
    world, kind, name = operation.body.world, operation.on.type, operation.name
    assert isinstance(kind, SerializerSelf)
    serializer = _serializer(world, kind.name)
    if serializer is None or is_declared(serializer, name):
        operation.refuse("B203", f"assigning `.{name}` of a serializer has no rule")
    if any(_contains(world, one, other) for one, other in _pairs(world, kind.name)):
        operation.refuse("B203", "a serializer and one in it keep values on themselves")
    held = world.kept.setdefault(kind.name, {})
    before = held.get(name)
    joined = value if before is None else join(before, value)
    if isinstance(joined, Unknown):
        operation.refuse("B203", f"`.{name}` of a serializer holds values of several types")
    held[name] = joined


def kept(world: World, name: str, attribute: str) -> Type | None:
    """The type of what a serializer holds; None where nothing that is known sets it."""
    found = world.kept.get(name, {}).get(attribute)
    return None if found == Constant(None) or not is_free(attribute) else found


def reads_sent(world: World, name: str) -> bool:
    """Whether a serializer reads what was sent, which one in another or over a list does not know."""
    return "initial_data" in world.kept.get(name, {})


def note_kept(world: World, name: str, rewritten: Rewritten) -> None:
    """Remember what is known not to be None at the one end of a `validate`."""
    returns = [each for each in walk(rewritten.source.node) if isinstance(each, cst.Return)]
    for attribute, kind in world.kept.get(name, {}).items() if len(returns) == 1 else ():
        known = f"context.kept.{attribute}" in rewritten.body.narrowed
        if known and isinstance(kind, Instance):
            world.kept[name][attribute] = replace(kind, optional=False)


def is_declared(serializer: Serializer, name: str) -> bool:
    """Whether a serializer has something under a name before a method sets it."""
    given = name in serializer.methods or name in serializer.attributes
    return given or not is_free(name) or name.startswith("_")


def sets(world: World, serializer: Serializer, name: str) -> bool:
    """Whether the code of a serializer's classes may set an attribute."""
    pattern = _setting(name)
    for ref in serializer.lineage:
        if ref.path.startswith(_FRAMEWORKS):
            continue
        found = world.sources.class_node(ref.path)
        if found is None or pattern.search(code_of(found[0])):
            return True
    return False


def is_unset(operation: Operation, serializer: Serializer, name: str) -> bool:
    """Whether what has run of a serializer by now has not set an attribute.

    Methods that validate are read in the order in which DRF calls them.
    """
    body, pattern = operation.body, _setting(name)
    if not body.owner.attributes.get("validating") or is_declared(serializer, name):
        return False
    if name in body.world.kept.get(serializer.name, {}):
        return False
    init = serializer.methods.get("__init__")
    paths = [f"{ref.path}.__init__" for ref in serializer.lineage] if init is not None else []
    sources = [body.world.sources.function(path) for path in paths]
    running = body.owner.attributes.get("runs")
    texts = [code_of(s.node) for s in sources if s is not None]
    texts += [code_of(running)] if isinstance(running, cst.FunctionDef) else []
    return not any(pattern.search(text) for text in texts)


def _setting(name: str) -> re.Pattern[str]:
    return re.compile(rf"\.{re.escape(name)}\b\s*(:[^=\n]+)?=(?!=)|__dict__|setattr\(")


def _serializer(world: World, name: str) -> Serializer | None:
    return next((s for s in world.facts.serializers if s.name == name), None)


def _pairs(world: World, name: str) -> list[tuple[str, str]]:
    others = [other for other in world.kept if other != name]
    return [(name, other) for other in others] + [(other, name) for other in others]


def _contains(world: World, name: str, inner: str) -> bool:
    """Whether a serializer has another one among its fields, however deep."""
    waiting, seen = [name], {name}
    while waiting:
        found = _serializer(world, waiting.pop())
        held = {f.serializer for f in found.fields if f.serializer} if found is not None else set()
        if inner in held:
            return True
        waiting += held - seen
        seen |= held
    return False
