"""Where a difference comes from: a line of legacy, a line of the new app, the rules that wrote it.

Read from both sources and what the converter left in `.strangler/origins.json`; a guess where
several lines could be meant, the nearest one to the endpoint.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(".strangler") / "origins.json"
#: Where an endpoint is defined: in legacy, in the new application; `path:line`.
Places = Mapping[str, tuple[str, str]]
_Node = tuple[str, str]
_Column = re.compile(r"row:([^/]+)/[^/]*(?:/(.+))?")


@dataclass(frozen=True, slots=True)
class Origin:
    """`path:line` in both sources, empty where unknown; names of rules, the first wrote the whole."""

    source: str = ""
    new_source: str = ""
    rules: tuple[str, ...] = ()


@dataclass(slots=True)
class Tree:
    """Modules of one side, parsed when they are asked for."""

    root: Path
    _modules: dict[str, ast.Module | None] = field(default_factory=dict)

    def module(self, file: str) -> ast.Module | None:
        """The module; None where it cannot be read."""
        if file not in self._modules:
            try:
                self._modules[file] = ast.parse((self.root / file).read_bytes())
            except (OSError, SyntaxError, ValueError):
                self._modules[file] = None
        return self._modules[file]

    def at(self, place: str) -> ast.stmt | None:
        """The innermost definition that a line is in."""
        file, _, line = place.rpartition(":")
        module = self.module(file) if line.isdigit() else None
        found = None
        for node in ast.walk(module) if module is not None else ():
            if isinstance(node, _DEFINED) and _first(node) <= int(line) <= (node.end_lineno or 0):
                found = node
        return found


_DEFINED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


class Origins:
    """Of the differences of one application."""

    def __init__(self, legacy: Path, out: Path, places: Places) -> None:
        self._legacy, self._new, self._places = Tree(legacy), Tree(out), places
        try:
            known: Any = json.loads((out / FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = {}
        self._definitions: Mapping[str, Any] = known.get("definitions", {})
        self._operations: Mapping[str, Any] = known.get("operations", {})
        self._near: dict[str, list[_Node]] = {}

    def of(self, endpoint: str, category: str, pointer: str) -> Origin:
        """Of a difference at a pointer: a field's line where the pointer names one."""
        source, new_source = self._places.get(endpoint, ("", ""))
        found = self._field(new_source, category, pointer)
        if found is None:
            return Origin(source, new_source, self._rules(new_source, source))
        file, definition, line, name = found
        told = self._definitions.get(file, {}).get(definition, {})
        legacy = self._legacy_line(told.get("source", ""), name) or source
        return Origin(legacy, f"{file}:{line}", (told["rule"],) if "rule" in told else ())

    def _rules(self, new_source: str, source: str) -> tuple[str, ...]:
        """The rule of the endpoint's function, and those of the legacy function's lines."""
        node = self._new.at(new_source)
        told = self._definitions.get(new_source.rpartition(":")[0], {})
        whole = told.get(getattr(node, "name", ""), {}).get("rule")
        rules = [whole] if whole else []
        function = self._legacy.at(source)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = self._operations.get(source.rpartition(":")[0], {})
            last = function.end_lineno or function.lineno
            for line in range(function.lineno, last + 1):
                rules += lines.get(str(line), ())
        return tuple(dict.fromkeys(rules))

    def _field(
        self, new_source: str, category: str, pointer: str
    ) -> tuple[str, str, int, str] | None:
        """File, class, line and name of what the pointer names: a field, or a column."""
        row = _Column.fullmatch(pointer)
        if row is None and not pointer.startswith("/"):
            return None
        words = [each for each in pointer.split("/") if each and not each.isdigit()]
        names = [row[2]] if row is not None and row[2] else words[::-1] if row is None else []
        kind = "Write" if category.startswith("error") else "Read"
        for name in names:
            for file, definition, node in self._classes(new_source):
                meant = _table(node) == row[1] if row is not None else _is_schema(node, kind)
                line = _line_of(node, name) if meant else None
                if line is not None:
                    return file, definition, line, name
        return None

    def _classes(self, new_source: str) -> Iterator[tuple[str, str, ast.ClassDef]]:
        """Classes that the endpoint's function uses, the nearest first."""
        if new_source not in self._near:
            self._near[new_source] = list(self._reached(new_source))
        for file, name in self._near[new_source]:
            node = self._top(file).get(name)
            if isinstance(node, ast.ClassDef):
                yield file, name, node

    def _reached(self, new_source: str) -> Iterator[_Node]:
        start = self._new.at(new_source)
        file = new_source.rpartition(":")[0]
        front: list[_Node] = [(file, getattr(start, "name", ""))]
        seen = set(front)
        while front:
            yield from front
            after = [use for each in front for use in self._uses(*each)]
            front = [each for each in dict.fromkeys(after) if each not in seen]
            seen.update(front)

    def _uses(self, file: str, name: str) -> Iterator[_Node]:
        node = self._top(file).get(name)
        if node is None:
            return
        own, imported = self._top(file), self._imports(file)
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and each.id in imported:
                yield imported[each.id]
            elif isinstance(each, ast.Name) and each.id in own:
                yield file, each.id

    def _top(self, file: str) -> dict[str, ast.stmt]:
        module = self._new.module(file)
        found: dict[str, ast.stmt] = {}
        for node in module.body if module is not None else ():
            if isinstance(node, _DEFINED):
                found[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node
        return found

    def _imports(self, file: str) -> dict[str, _Node]:
        module = self._new.module(file)
        found: dict[str, _Node] = {}
        for node in module.body if module is not None else ():
            name = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if name.startswith("app.") and not name.startswith("app.compat"):
                place = name.replace(".", "/") + ".py"
                found |= {each.asname or each.name: (place, each.name) for each in node.names}  # type: ignore[attr-defined]
        return found

    def _legacy_line(self, source: str, name: str) -> str:
        """The line of a name in a legacy class: where it is assigned, else where it is listed."""
        file = source.rpartition(":")[0]
        node = self._legacy.at(source)
        if not isinstance(node, ast.ClassDef):
            return source
        line = _line_of(node, name) or _line_of(node, name.removesuffix("_id"))
        if line is None:
            texts = (each for each in ast.walk(node) if isinstance(each, ast.Constant))
            line = next((each.lineno for each in texts if each.value == name), None)
        return f"{file}:{line}" if line else source


def _line_of(node: ast.ClassDef, name: str) -> int | None:
    """The line on which a class assigns or annotates a name."""
    for each in node.body:
        targets = [each.target] if isinstance(each, ast.AnnAssign) else getattr(each, "targets", ())
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            return each.lineno
    return None


def _is_schema(node: ast.ClassDef, kind: str) -> bool:
    """Whether it is a schema of the kind, `Read` or `Write`, or is built on one."""
    return any(re.search(rf"{kind}(Schema)?\b", ast.unparse(each)) for each in node.bases)


def _table(node: ast.ClassDef) -> str:
    for each in node.body:
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__tablename__":
            return str(getattr(each.value, "value", ""))
    return ""
