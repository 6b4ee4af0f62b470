"""Rules: one file each under `rules/`, found by walking that package, named after their file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from types import ModuleType
from typing import Any, TypeVar

from . import rules
from .refusal import ControlError, RefusalError

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


def decorator(path: str) -> Key:
    """A decorator of a function or class that changes no answer; the rule returns None."""
    return Key("decorator", None, path)


def serializer_field(path: str) -> Key:
    """A field class of serializers: `rule(item)` gives the facts of a field that has a rule."""
    return Key("serializer field", None, path)


def model_field(path: str) -> Key:
    """A field class of models: `rule(column)` gives the facts of a column that has a rule."""
    return Key("model field", None, path)


def view_method(path: str) -> Key:
    """A method that a view overrides: `rule(endpoint)` returns None where it changes no answer."""
    return Key("view method", None, path)


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


def rules_of(module: ModuleType, prefix: str) -> tuple[Rule, ...]:
    """The rules that a module of somebody else holds: one for each function, `prefix.function`."""
    found = []
    for name, value in vars(module).items():
        keys = getattr(value, _KEYS, ())
        if not keys or getattr(value, "__module__", None) != module.__name__:
            continue
        text = (value.__doc__ or "").strip()
        whole = f"{prefix}.{name}"
        pairs = tuple((key, guarded(whole, value, key)) for key in keys)
        found.append(Rule(whole, text.partition("\n")[0], text, pairs))
    return tuple(found)


def guarded(name: str, function: Callable[..., Any], key: Key) -> Callable[..., Any]:
    """A rule of somebody else: what it raises keeps an endpoint on legacy, and names the rule."""
    operation = key.form in _OPERATIONS

    def rewrite(given: Any) -> Any:
        source = getattr(given, "source", None) or getattr(given, "line", None) or ""
        try:
            result = function(given)
        except (RefusalError, ControlError):
            raise
        except Exception as error:  # whatever it is, the run goes on without this endpoint
            text = f"the rule `{name}` raised {type(error).__name__}: {error}"
            if operation:
                given.refuse("R003", text)
            raise RefusalError("R003", text, source) from error
        wanted = _GIVES.get(key.form, "Typed") if operation else _GIVES.get(key.form)
        if wanted is not None and type(result).__name__ != wanted:
            text = f"the rule `{name}` gave {type(result).__name__}, not {wanted}"
            if operation:
                given.refuse("R003", text)
            raise RefusalError("R003", text, source)
        return result

    return rewrite


_OPERATIONS = frozenset({"attribute", "method", "call", "symbol", "assign", "item", "compare"})
_GIVES = {"serializer field": "SerializerField", "model field": "ModelField"}


class Registry:
    """The rules in force: all, or `only` these, without `skip`.

    Raises:
        RefusalError: from `find`, when the rule for an operation is switched off.
    """

    def __init__(
        self, only: Iterable[str] = (), skip: Iterable[str] = (), rules: Iterable[Rule] = ()
    ) -> None:
        chosen = set(only)
        skipped = set(skip)
        self._rewrites: dict[Key, Any] = {}
        self._off: dict[Key, str] = {}
        self._names: dict[Any, str] = {}
        self._running: list[str] = []
        self._last = ""
        #: Names of the rules that rewrote something, by file and line of legacy.
        self.applied: dict[str, dict[int, set[str]]] = {}
        for rule in (*all_rules().values(), *rules):  # the last one for an operation counts
            off = rule.name in skipped or (chosen and rule.name not in chosen)
            for key, rewrite in rule.keys:
                if off:
                    self._off[key] = rule.name
                else:
                    self._rewrites[key] = rewrite
                    self._names[rewrite] = rule.name

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

    def has(self, form: str) -> bool:
        """Whether any rule is for this form."""
        return any(key.form == form for key in (*self._rewrites, *self._off))

    def knows(self, form: str, path: str | None, given: object = None) -> bool:
        """Whether a rule says that something at a path changes no answer.

        Raises:
            RefusalError: the rule refuses.
        """
        rewrite = self.find(form, None, path) if path else None
        if rewrite is not None:
            rewrite(given)
        return rewrite is not None

    def declared(self, name: str) -> Any:
        """The rule that carries declarations of a kind.

        Raises:
            RefusalError: it is switched off, or there is none.
        """
        found = self.find("declaration", None, name)
        if found is None:
            raise RefusalError("R002", f"no rule carries `{name}`")
        return self._told(found)

    def _told(self, rewrite: Any) -> Any:
        """A rule that says while it runs, and until the next one ran, that it is writing."""

        @wraps(rewrite)
        def told(*args: Any, **kwargs: Any) -> Any:
            self._running.append(self._names[rewrite])
            try:
                return rewrite(*args, **kwargs)
            finally:
                self._last = self._running.pop()

        return told

    def writer(self) -> str:
        """The rule that writes a declaration now; empty before there is one."""
        return self._running[-1] if self._running else self._last

    def wrote(self, rewrite: Any, file: str, line: int) -> None:
        """Remember which rule rewrote an operation of legacy."""
        self.applied.setdefault(file, {}).setdefault(line, set()).add(self._names[rewrite])
