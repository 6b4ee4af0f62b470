"""Finds the first leaf, in Django's order, that matches a path."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from strangler_proxy.leaves import Leaf, Segment, shape_of

_NONE = 1 << 30


class _Node:
    """A place in the trie; `low` is the earliest leaf at it or below."""

    __slots__ = ("end", "literals", "low", "others", "parameters", "tests")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.tests: dict[str, _Node] = {}  # by the text of their expression
        self.parameters: tuple[tuple[Callable[[str], Any], _Node], ...] = ()
        self.others: list[int] = []  # leaves that are tried as Django does
        self.end = self.low = _NONE

    def child(self, segment: Segment) -> "_Node":
        if isinstance(segment, str):
            return self.literals.setdefault(segment, _Node())
        if segment.pattern not in self.tests:
            self.tests[segment.pattern] = node = _Node()
            self.parameters = (*self.parameters, (segment.fullmatch, node))
        return self.tests[segment.pattern]


class Trie:
    """Leaves in Django's order; `find` gives the one that Django resolves a path to."""

    def __init__(self, leaves: Iterable[Leaf]) -> None:
        self.leaves = tuple(leaves)
        self._root = _Node()
        for order, leaf in enumerate(self.leaves):
            shape = shape_of(leaf)
            for segments in shape.whole:
                node = self._walk(segments, order)
                node.end = min(node.end, order)
            if not shape.whole:
                self._walk(shape.prefix, order).others.append(order)

    def find(self, path: str) -> Leaf | None:
        """The leaf that answers; one that is not certain stands for itself and those after it.

        `path` is decoded and starts with a slash.
        """
        order = self._search(self._root, path.split("/"), 0, _NONE, path)
        return None if order == _NONE else self.leaves[order]

    def _walk(self, segments: Sequence[Segment], order: int) -> _Node:
        node = self._root
        node.low = min(node.low, order)
        for segment in segments:
            node = node.child(segment)
            node.low = min(node.low, order)
        return node

    def _search(self, node: _Node, parts: list[str], depth: int, best: int, path: str) -> int:
        """The earliest matching leaf below `node`, if earlier than `best`."""
        last = len(parts)
        while True:
            if node.others:
                best = self._tried(node.others, best, path)
            if depth == last:
                return node.end if node.end < best else best
            part = parts[depth]
            depth += 1
            if node.parameters:
                for test, child in node.parameters:
                    if child.low < best and test(part):
                        best = self._search(child, parts, depth, best, path)
            following = node.literals.get(part)
            if following is None or following.low >= best:
                return best
            node = following

    def _tried(self, others: list[int], best: int, path: str) -> int:
        for order in others:
            if order >= best:
                break
            if self.leaves[order].matches(path):
                return order
        return best
