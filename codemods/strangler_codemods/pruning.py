"""Leaves out definitions that no converted endpoint reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from .modules import NewModule, Tree

_KEPT = (".models", ".receivers", ".main", ".api", ".db", ".settings", ".registry", ".paths")
_IDENTITY = "app.identity"


def prune(tree: Tree, roots: Iterable[tuple[str, str]]) -> None:
    """Drop items that neither `roots` (module, name) nor kept modules need, and empty modules."""
    places = list(roots)
    for module in tree.modules.values():
        if module.name.endswith(_KEPT) or module.name == _IDENTITY:
            places.extend((module.name, name) for name in module.items)
    needed = reached(tree, places)
    for module in list(tree.modules.values()):
        module.items = {n: i for n, i in module.items.items() if (module.name, n) in needed}
        if not module.items:
            del tree.modules[module.name]


def reached(
    tree: Tree, roots: Iterable[tuple[str, str]], *, ends: tuple[str, ...] = ()
) -> set[tuple[str, str]]:
    """What `roots` lead to, names outside the tree included; `ends` of module names lead nowhere."""
    found: set[tuple[str, str]] = set()
    waiting = list(roots)
    while waiting:
        place = waiting.pop()
        if place in found:
            continue
        found.add(place)
        module = tree.modules.get(place[0])
        if module is not None and place[1] in module.items and not place[0].endswith(ends or "\0"):
            waiting.extend(_needs(module, place[1]))
    return found


def _needs(module: NewModule, name: str) -> list[tuple[str, str]]:
    """What one definition names: in its own module, or imported into it."""
    used, found = _names(module.items[name].text)
    found.extend((module.name, other) for other in used & module.items.keys())
    for source, imported in module.imports | module.type_imports:
        original, _, alias = imported.partition(" as ")
        if (alias or original) in used:
            found.append((source, original))
    return found


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[set[str], list[tuple[str, str]]]:
    """What a definition names, and what it imports itself."""
    used: set[str] = set()
    imported: list[tuple[str, str]] = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name():
                used.add(node.id)
            case ast.Constant(value=str(value)) if value.isidentifier():
                used.add(value)
            case ast.ImportFrom():
                imported.extend((node.module or "", alias.name) for alias in node.names)
    return used, imported
