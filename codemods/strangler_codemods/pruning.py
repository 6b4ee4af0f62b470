"""Leaves out definitions that no converted endpoint reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .modules import NewModule, Tree

_KEPT = (".models", ".receivers", ".main", ".api", ".db", ".settings", ".registry", ".paths")


def prune(tree: Tree, roots: Iterable[tuple[str, str]]) -> None:
    """Drop items that neither `roots` (module, name) nor kept modules need, and empty modules."""
    reached: set[tuple[str, str]] = set()
    waiting = list(roots)
    for module in tree.modules.values():
        if module.name.endswith(_KEPT) or module.name == "app.identity":
            waiting.extend((module.name, name) for name in module.items)
    while waiting:
        place = waiting.pop()
        if place in reached or place[0] not in tree.modules:
            continue
        module = tree.modules[place[0]]
        if place[1] not in module.items:
            continue
        reached.add(place)
        waiting.extend(_needs(module, place[1]))
    for module in list(tree.modules.values()):
        module.items = {n: i for n, i in module.items.items() if (module.name, n) in reached}
        if not module.items:
            del tree.modules[module.name]


def _needs(module: NewModule, name: str) -> list[tuple[str, str]]:
    """What one definition names: in its own module, or imported into it."""
    used, found = _names(module.items[name].text)
    found.extend((module.name, other) for other in used & module.items.keys())
    for source, imported in module.imports | module.type_imports:
        original, _, alias = imported.partition(" as ")
        if (alias or original) in used:
            found.append((source, original))
    return found


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
