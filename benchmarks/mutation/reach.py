"""Which endpoints a definition of the generated application serves, by the names it is used by."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

from mutation.operators import name_of

Node = tuple[str, str]


class Reach:
    """The graph of top-level definitions. Files are relative to the application's folder."""

    def __init__(self, out: Path, files: Iterable[str], endpoints: Mapping[str, str]) -> None:
        self._uses: dict[Node, set[Node]] = {}
        self._spans: dict[str, list[tuple[int, int, str]]] = {}
        for file in files:
            self._read(file, ast.parse((out / file).read_bytes()))
        self._near = {name: self._distances(source) for name, source in endpoints.items()}

    def endpoints(self, file: str, definition: str) -> list[str]:
        """Ids of endpoints that use it, those that do so most directly first."""
        node = (file, definition)
        found = [(near[node], name) for name, near in self._near.items() if node in near]
        return [name for _, name in sorted(found)]

    def _read(self, file: str, tree: ast.Module) -> None:
        known: dict[str, Node] = {}
        for top in tree.body:
            if isinstance(top, ast.ImportFrom) and (top.module or "").startswith("app."):
                module = str(top.module).replace(".", "/") + ".py"
                known |= {each.asname or each.name: (module, each.name) for each in top.names}
        named = [(name, top) for top in tree.body if (name := name_of(top))]
        known |= {name: (file, name) for name, _ in named}
        for name, top in named:
            words = {node.id for node in ast.walk(top) if isinstance(node, ast.Name)}
            uses = self._uses.setdefault((file, name), set())
            uses |= {known[word] for word in words if word in known}
            first = min((each.lineno for each in getattr(top, "decorator_list", ())),
                        default=top.lineno)  # fmt: skip
            self._spans.setdefault(file, []).append((first, top.end_lineno or first, name))

    def _distances(self, source: str) -> dict[Node, int]:
        """How far each definition is from an endpoint's function, at `file:line`."""
        file, _, line = source.rpartition(":")
        spans = self._spans[file]
        start = next(name for first, last, name in spans if first <= int(line) <= last)
        found: dict[Node, int] = {(file, start): 0}
        everywhere = [node for node in self._uses if node[0] in ("app/main.py", "app/registry.py")]
        self._spread(found, [(file, start)], 1)
        self._spread(found, everywhere, 100)
        return found

    def _spread(self, found: dict[Node, int], front: list[Node], distance: int) -> None:
        while front:
            after = {each for node in front for each in self._uses.get(node, ())}
            front = [each for each in after if each not in found]
            found |= dict.fromkeys(front, distance)
            distance += 1
