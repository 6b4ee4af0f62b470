"""Which method of the project a manager or a query has under a name, and what replaces Django's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from strangler.facts import Manager as ManagerFacts

from .operation import Operation
from .types import Manager, Query
from .world import World
from .writability import WRITING


def method_path(operation: Operation) -> str | None:
    """Dotted path of the project's method that is called; None where it is not known which."""
    world, kind, name = operation.body.world, operation.on.type, operation.name
    assert isinstance(kind, Manager | Query)
    managers = _managers(world, kind)
    if isinstance(kind, Manager) or kind.related is not None:
        return _only(_of_manager(world, m, name) for m in managers)
    asked = operation.node.func if isinstance(operation.node, cst.Call) else None
    asked = asked.value if isinstance(asked, cst.Attribute) else None
    own = operation.body.owner.name.rpartition(".")[0]
    mine = [m for m in managers if own in world.class_and_bases(m.cls.path)]
    if mine and isinstance(asked, cst.Name):  # in a method of a manager, `self` is the manager
        found = _only(_of_manager(world, m, name) for m in mine)
        if asked.value == "self" or found is not None:
            return found if asked.value == "self" else None
    return _only(_first(world, (m.queryset.path,), name) for m in managers if m.queryset)


def require_djangos(operation: Operation) -> None:
    """Refuse a write by a method that the project's manager or QuerySet class replaces.

    Raises:
        RefusalError: it does.
    """
    kind = operation.on.type
    if not isinstance(kind, Manager | Query) or operation.name not in WRITING:
        return
    world = operation.body.world
    for manager in _managers(world, kind):
        if operation.name in manager.overrides:
            text = f"the manager `{manager.name}` of {kind.model} overrides `{operation.name}`"
            operation.refuse("Q113", text)


def _managers(world: World, kind: Manager | Query) -> list[ManagerFacts]:
    """The managers that a value may come from."""
    found = list(world.models[kind.model].managers)
    if isinstance(kind, Manager):
        return [m for m in found if m.name == kind.name] or found
    if kind.related is not None:
        return [m for m in found if m.default] or found
    return found


def _of_manager(world: World, manager: ManagerFacts, name: str) -> str | None:
    """The method of a manager's class, or of the QuerySet class that it was made from."""
    queryset = (manager.queryset.path,) if manager.queryset else ()
    return _first(world, (manager.cls.path, *queryset), name)


def _first(world: World, classes: Iterable[str], name: str) -> str | None:
    """The method of the first class, or of one that it extends."""
    for cls in classes:
        for path in world.class_and_bases(cls):
            if world.sources.function(f"{path}.{name}") is not None:
                return f"{path}.{name}"
    return None


def _only(paths: Iterator[str | None]) -> str | None:
    """What all that have one agree on."""
    found = {path for path in paths if path is not None}
    return found.pop() if len(found) == 1 else None
