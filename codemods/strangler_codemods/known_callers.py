"""Whether only callers who are known can reach a serializer: it fails to be made for others."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from strangler.facts import Serializer

from .refusal import RefusalError
from .required_login import requires_login
from .world import World


def require_known_users(world: World, serializer: Serializer, place: str) -> None:
    """Refuse a serializer that code or a view mentions which anonymous callers reach.

    Raises:
        RefusalError: one does, or may.
    """
    known = {s.name for s in world.facts.serializers}
    waiting, seen = [serializer.name], set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for owner in _mentioned(world, path):
            if owner in known:
                waiting.append(owner)
            elif not _asks_for_login(world, owner):
                text = f"`{owner}` may show it to callers who are not known, for whom it fails"
                raise RefusalError("S130", text, place)


def _asks_for_login(world: World, owner: str) -> bool:
    """Whether a class or function is a view that lets nobody pass who is not known."""
    found = [
        endpoint
        for endpoint in world.facts.endpoints
        if endpoint.view == owner or any(ref.path == owner for ref in endpoint.lineage)
    ]
    return bool(found) and all(requires_login(e.permissions, e.method) for e in found)


def _mentioned(world: World, path: str) -> Iterator[str]:
    """What stands at the top of modules and names a class, the class itself aside."""
    name = path.rpartition(".")[2]
    for module in world.sources.running():
        if name not in module.text:
            continue
        names = {name, *(new for new, old in module.names.items() if old == path)}
        for line in module.tree.body:
            owner = f"{module.name}.{getattr(line, 'name', '')}"
            if owner == path or isinstance(line, ast.Import | ast.ImportFrom):
                continue
            if any(_names(node, names) for node in ast.walk(line)):
                yield owner


def _names(node: ast.AST, names: set[str]) -> bool:
    named = isinstance(node, ast.Name) and node.id in names
    return named or (isinstance(node, ast.Attribute) and node.attr in names)
