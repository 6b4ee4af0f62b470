"""The rows that a model's default manager shows, where it hides some."""

from __future__ import annotations

from .body import Import
from .polymorphic import is_its_manager
from .world import World


def shown_rows(world: World, label: str) -> Import | None:
    """The function that gives the rows of a filtering default manager; None for a plain one."""
    manager = next((m for m in world.models[label].managers if m.default), None)
    if manager is None or not manager.filtering or is_its_manager(manager):
        return None
    assert world.manager_function is not None
    return world.manager_function(label, manager.name)


def among(world: World, label: str, imports: set[Import]) -> list[str]:
    """The argument by which rows that the default manager hides do not count."""
    place = shown_rows(world, label)
    if place is None:
        return []
    imports.add(place)
    return [f"among={place[1]}"]
