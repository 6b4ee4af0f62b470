"""What is known of values that reach outside the database: tasks, letters, caches, signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Task:
    """A task of Celery: the path where it is called, its name in messages."""

    path: str
    name: str


@dataclass(frozen=True)
class TaskResult:
    """What sending a task gives."""


@dataclass(frozen=True)
class CeleryApp:
    """The project's Celery application."""


@dataclass(frozen=True)
class Letter:
    """A letter that was not sent yet; `forms` where it may say the same in several."""

    forms: bool = False


@dataclass(frozen=True)
class Cached:
    """One of CACHES."""

    alias: str = "default"


@dataclass(frozen=True)
class CacheTable:
    """All of CACHES, by their names."""


@dataclass(frozen=True)
class OwnSignal:
    """A signal that the project defines, by its path."""

    path: str


Effect: TypeAlias = OwnSignal | Cached | CacheTable | Letter | Task | TaskResult | CeleryApp
