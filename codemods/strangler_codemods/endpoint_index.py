"""Endpoints by what they are looked up by: a project has thousands, and each asks for some others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from strangler.facts import Endpoint, Facts, Permission


@dataclass(frozen=True)
class EndpointIndex:
    """Positions by endpoint id, endpoints by view and by the permissions that stand before them."""

    position: dict[str, int] = field(default_factory=dict)
    by_view: dict[str, list[Endpoint]] = field(default_factory=dict)
    by_permission: dict[str, list[Endpoint]] = field(default_factory=dict)
    #: Types of the parts of the path, by permission; see `path_kinds`.
    kinds: dict[str, dict[str, str]] = field(default_factory=dict)

    def first(self, view: str) -> int:
        """The position of a view's first endpoint."""
        return self.position[self.by_view[view][0].id]

    def behind(self, permissions: Iterable[str]) -> list[Endpoint]:
        """The endpoints behind any of these permission classes, in order."""
        found = {e.id: e for path in permissions for e in self.by_permission.get(path, ())}
        return sorted(found.values(), key=lambda e: self.position[e.id])


class _Same:
    """Facts that are the same while they are the same object."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.facts is self.facts

    def __hash__(self) -> int:
        return id(self.facts)


def index_of(facts: Facts) -> EndpointIndex:
    """The index of these facts, made once."""
    return _index(_Same(facts))


@lru_cache(maxsize=2)
def _index(same: _Same) -> EndpointIndex:
    index = EndpointIndex()
    for position, endpoint in enumerate(same.facts.endpoints):
        index.position.setdefault(endpoint.id, position)
        index.by_view.setdefault(endpoint.view, []).append(endpoint)
        for path in {path for tree in endpoint.permissions for path in _paths(tree)}:
            index.by_permission.setdefault(path, []).append(endpoint)
    return index


def _paths(tree: Permission) -> Iterator[str]:
    if tree.path is not None:
        yield tree.path
    for part in tree.of:
        yield from _paths(part)
