"""The project's own settings, where their files give them one value that no environment changes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .sources import Module
from .world import World

MODULE = "app.constants"
#: Names of settings whose values never reach what is written, however harmless they look.
_SECRET = re.compile("SECRET|PASSW|TOKEN|PRIVATE|KEY|CREDENTIAL|DSN|SIGNING|SALT")
#: Names that say how long something lasts, or where it lies in a cache, whatever it is.
_HARMLESS = re.compile(
    r"(_(LIFETIME|TTL|TIMEOUT|EXPIRY|EXPIRES_IN|MAX_AGE|SECONDS|MINUTES|HOURS|DAYS|MIN)|CACHE_KEY)$"
)
#: What may set names of a module that calls it.
_REACHING = frozenset({"locals", "globals", "vars", "exec", "setattr", "include"})
_SCALARS = (str, int, float, bool)


def is_secret(name: str) -> bool:
    """Whether a setting's name says that its value is nobody's business."""
    shown = name.upper()
    return _SECRET.search(shown) is not None and _HARMLESS.search(shown) is None


def set_once(world: World, name: str) -> tuple[Module, ast.expr] | None:
    """What the settings files assign once to a name, and where."""
    modules = _modules(world)
    if modules is None or sum(_times(each, name) for each in modules) != 1:
        return None
    found = ((each, each.constant(name)) for each in modules)
    return next(((each, value) for each, value in found if value is not None), None)


def is_unset(world: World, name: str) -> bool:
    """Whether no settings file names a setting, and Django has none of the name."""
    modules, names = _modules(world), world.facts.settings.get("NAMES")
    if modules is None or names is None or name in names:
        return False
    return not any(_times(each, name) for each in modules)


def fixed_value(world: World, name: str) -> object:
    """The literal that the settings files assign once to a name: a scalar, or a list or tuple of them.

    None where there is no such literal.
    """
    once = set_once(world, name)
    if once is None or is_secret(name):
        return None
    try:
        found = ast.literal_eval(once[1])
    except ValueError:
        return None
    members = found if isinstance(found, list | tuple) else [found]
    if isinstance(found, list) and any(_reads(each, name) for each in _modules(world) or ()):
        return None  # more may have been put into it
    return found if all(isinstance(member, _SCALARS) for member in members) else None


def fixed_table(world: World, name: str) -> dict[str, ast.expr] | None:
    """What the settings files assign once to a name, and never touch again: a dictionary, by key."""
    once = set_once(world, name)
    if once is None or any(_reads(each, name) for each in _modules(world) or ()):
        return None
    value = once[1]
    if not isinstance(value, ast.Dict):
        return None
    keys = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
    if not all(isinstance(key, str) for key in keys):
        return None
    return dict(zip(map(str, keys), value.values, strict=True))


def _reads(module: Module, name: str) -> bool:
    """Whether a module does anything with the value of a name."""
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        for node in ast.walk(module.tree)
    )


def _times(module: Module, name: str) -> int:
    """How often a module binds a name, in branches and by imports too."""
    stored = sum(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(module.tree)
    )
    imported = sum(
        (alias.asname or alias.name) == name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )
    return stored + imported


def _modules(world: World) -> list[Module] | None:
    """The settings module and those that it imports with a star; None where one is not known."""
    first = world.sources.module(world.facts.settings_module or "")
    if first is None:
        return None
    found, waiting = [first], [first]
    while waiting:
        module = waiting.pop()
        if any(name in _REACHING for name in _called(module)):
            return None
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ImportFrom) or node.names[0].name != "*":
                continue
            other = world.sources.module(module.absolute(node))
            if other is None:
                return None
            if other not in found:
                found.append(other)
                waiting.append(other)
    return found


def _called(module: Module) -> Iterator[str]:
    """The last names of what a module calls."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2]
