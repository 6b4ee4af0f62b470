"""Rules: one file each under `rules/`, found by walking that package, named after their file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from . import rules
from .refusal import RefusalError

F = TypeVar("F", bound=Callable[..., Any])
_KEYS = "__strangler_keys__"


@dataclass(frozen=True)
class Key:
    """What a rule rewrites: `form` of operation, the receiver's type, the name."""

    form: str
    receiver: type | None
    name: str


def attribute(receiver: type, name: str) -> Key:
    """Reading `receiver.name`; `*` stands for any name."""
    return Key("attribute", receiver, name)


def method(receiver: type, name: str) -> Key:
    """Calling `receiver.name(...)`."""
    return Key("method", receiver, name)


def call(path: str) -> Key:
    """Calling the function or class at a dotted path."""
    return Key("call", None, path)


def symbol(path: str) -> Key:
    """A name of a library at a dotted path; `package.*` stands for all names of a module."""
    return Key("symbol", None, path)


def assign(receiver: type, name: str) -> Key:
    """Assigning `receiver.name = value`."""
    return Key("assign", receiver, name)


def item(receiver: type) -> Key:
    """Subscribing: `receiver[key]`."""
    return Key("item", receiver, "*")


def compare(receiver: type) -> Key:
    """Comparing with `==`, `!=`, `in`, `not in`, `is` where one side is a `receiver`."""
    return Key("compare", receiver, "*")


def declaration(name: str) -> Key:
    """A declaration that the converter carries over as a whole, such as an endpoint kind."""
    return Key("declaration", None, name)


def rewrites(*keys: Key) -> Callable[[F], F]:
    """Mark a function of a rule module as the rewrite of these operations."""

    def mark(function: F) -> F:
        setattr(function, _KEYS, keys)
        return function

    return mark


@dataclass(frozen=True)
class Rule:
    """One codemod unit."""

    name: str
    summary: str
    documentation: str
    keys: tuple[tuple[Key, Any], ...]


@lru_cache(maxsize=1)
def all_rules() -> dict[str, Rule]:
    """Every rule by name, sorted."""
    found = {}
    for entry in sorted(pkgutil.iter_modules(rules.__path__), key=lambda e: e.name):
        module = importlib.import_module(f"{rules.__name__}.{entry.name}")
        text = (module.__doc__ or "").strip()
        pairs = tuple(
            (key, value)
            for value in vars(module).values()
            if getattr(value, "__module__", None) == module.__name__
            for key in getattr(value, _KEYS, ())
        )
        found[entry.name] = Rule(entry.name, text.partition("\n")[0], text, pairs)
    return found


class Registry:
    """The rules in force: all, or `only` these, without `skip`.

    Raises:
        RefusalError: from `find`, when the rule for an operation is switched off.
    """

    def __init__(self, only: Iterable[str] = (), skip: Iterable[str] = ()) -> None:
        chosen = set(only)
        skipped = set(skip)
        self._rewrites: dict[Key, Any] = {}
        self._off: dict[Key, str] = {}
        for rule in all_rules().values():
            off = rule.name in skipped or (chosen and rule.name not in chosen)
            for key, rewrite in rule.keys:
                if off:
                    self._off[key] = rule.name
                else:
                    self._rewrites[key] = rewrite

    def find(self, form: str, receiver: type | None, name: str) -> Any | None:
        """The rewrite of an operation, None where no rule knows it."""
        wanted_names = (name,) if receiver is None else (name, "*")
        for wanted in wanted_names:
            key = Key(form, receiver, wanted)
            if key in self._rewrites:
                return self._rewrites[key]
            if key in self._off:
                raise RefusalError("R001", f"rule `{self._off[key]}` is switched off")
        return None

    def declared(self, name: str) -> Any:
        """The rule that carries declarations of a kind.

        Raises:
            RefusalError: it is switched off, or there is none.
        """
        found = self.find("declaration", None, name)
        if found is None:
            raise RefusalError("R002", f"no rule carries `{name}`")
        return found
