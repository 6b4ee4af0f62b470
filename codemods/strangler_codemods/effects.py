"""What stands for tasks and signals of the project, by dotted path."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from strangler.facts import Facts

from .effect_types import CeleryApp, OwnSignal, Task

if TYPE_CHECKING:
    from .types import Type
    from .world import World

_SIGNAL = ("django.dispatch.Signal", "django.dispatch.dispatcher.Signal")


def celery_types(facts: Facts) -> dict[str, Type]:
    """Celery's tasks and its application."""
    if facts.celery is None:
        return {}
    found: dict[str, Type] = {t.path: Task(t.path, t.name) for t in facts.celery.tasks if t.path}
    return found | dict.fromkeys(("celery.current_app", *facts.celery.paths), CeleryApp())


def effect_of(world: World, path: str) -> Type | None:
    """A task, Celery's application or a signal; None for all else."""
    if path in world.tasks:
        return world.tasks[path]
    found = world.sources.split(path)
    value = found[0].constant(found[1]) if found is not None and found[1] else None
    if found is None or not isinstance(value, ast.Call):
        return None
    made = world.sources.resolve(found[0], ast.unparse(value.func))
    return OwnSignal(path) if made in _SIGNAL else None
