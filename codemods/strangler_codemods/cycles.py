"""Imports that would go round in a circle: functions then import what they call themselves.

Before: from app.shop.services import shown   # and services imports queries
After:  def orders(...):
            from app.shop.services import shown
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .body import Import
    from .modules import NewModule

_WORD = re.compile(r"\w+")


def circular_imports(modules: Mapping[str, NewModule]) -> dict[str, frozenset[Import]]:
    """By module, the imports to be made inside of functions; those that this cannot help are left."""
    needed = {name: _needed(module, modules) for name, module in modules.items()}
    edges = {name: {found[0] for found in imports} for name, imports in needed.items()}
    local: dict[str, set[Import]] = {}
    for name in sorted(modules):
        for target in sorted(edges[name]):
            if not _reaches(edges, target, name):
                continue
            wanted = {found for found in needed[name] if found[0] == target}
            if all(_only_inside(modules[name], _name(found)) for found in wanted):
                local.setdefault(name, set()).update(wanted)
                edges[name].discard(target)
    return {name: frozenset(found) for name, found in local.items()}


def with_local_imports(text: str, imports: Iterable[Import]) -> str:
    """A function that imports those of the names that it uses, below its docstring."""
    words = set(_WORD.findall(text))
    wanted = sorted(found for found in imports if _name(found) in words)
    function = _function(text)
    if not wanted or function is None:
        return text
    first = function.body[0]
    is_docstring = ast.get_docstring(function) is not None
    above = [each.lineno for each in getattr(first, "decorator_list", ())]
    line = (first.end_lineno or 0) if is_docstring else min([first.lineno, *above]) - 1
    lines = text.split("\n")
    new = [f"    from {module} import {name}\n" for module, name in wanted]
    lines[line:line] = "".join(new).split("\n")
    return "\n".join(lines)


def _needed(module: NewModule, modules: Mapping[str, NewModule]) -> set[Import]:
    """What a module imports of others that it uses."""
    words = {word for item in module.items.values() for word in _WORD.findall(item.text)}
    return {
        found
        for found in module.imports
        if found[0] in modules and found[0] != module.name and _name(found) in words
    }


def _name(imported: Import) -> str:
    """What an import is called in its module: `new` of `old as new`."""
    return imported[1].rpartition(" ")[2]


def _reaches(edges: Mapping[str, set[str]], start: str, end: str) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        name = waiting.pop()
        if name == end:
            return True
        new = edges.get(name, set()) - seen
        seen |= new
        waiting += new
    return False


def _only_inside(module: NewModule, name: str) -> bool:
    """Whether nothing but the bodies of functions uses a name."""
    for item in module.items.values():
        if name not in _WORD.findall(item.text):
            continue
        function = _function(item.text)
        if function is None:
            return False
        outside = [function.args, function.returns, *function.decorator_list]
        nodes = [node for part in outside if part is not None for node in ast.walk(part)]
        if any(isinstance(node, ast.Name) and node.id == name for node in nodes):
            return False
    return True


def read_at_once(text: str, *, annotations: bool) -> list[str]:
    """The names that a class reads when it is made, in their order; empty for other definitions."""
    found = ast.parse(text).body
    waiting: list[ast.AST] = [node for node in found if isinstance(node, ast.ClassDef)]
    names: list[str] = []
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Name):
            names.append(node.id)
        inside = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = [*node.decorator_list, *node.args.defaults]
        elif isinstance(node, ast.AnnAssign) and not annotations:
            inside = [node.value] if node.value is not None else []
        waiting = inside + waiting
    return names


def _function(text: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The one function that a definition is."""
    found = ast.parse(text).body
    node = found[0] if len(found) == 1 else None
    return node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None
