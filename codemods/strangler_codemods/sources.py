"""The legacy project's sources: names resolved with `ast`, functions handed out as LibCST nodes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

_DEPTH = 20


@dataclass(frozen=True)
class FunctionSource:
    """One function of the legacy project: its node, its module and its first line."""

    node: cst.FunctionDef
    module: Module
    line: int
    owner: str | None

    @property
    def source(self) -> str:
        """`file:line` of the `def`."""
        return f"{self.module.path}:{self.line}"


class Module:
    """One source file; parsed only when something of it is rewritten."""

    def __init__(self, path: str, name: str, text: str) -> None:
        self.path = path
        self.name = name
        self.text = text
        self.is_package = path.endswith("__init__.py")

    @cached_property
    def tree(self) -> ast.Module:
        """The module as `ast`; an unparsable one is empty: whoever reads sources leaves it out."""
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError):
            return ast.Module(body=[], type_ignores=[])

    @cached_property
    def names(self) -> dict[str, str]:
        """Module-level names and the dotted path each stands for."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{base}.{alias.name}"
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname:
                        found[alias.asname] = alias.name
                    else:
                        root = alias.name.partition(".")[0]
                        found[root] = root
        for top in self.tree.body:
            for name in _defined(top):
                found[name] = f"{self.name}.{name}"
        return found

    @property
    def star_imports(self) -> list[str]:
        """Modules whose names are imported with a star."""
        return [
            self._absolute(node)
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)
        ]

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        keep = len(parts) - node.level + (1 if self.is_package else 0)
        return ".".join([*parts[:keep], *([node.module] if node.module else [])])

    @cached_property
    def _parsed(self) -> tuple[cst.Module, Mapping[cst.CSTNode, CodeRange]]:
        try:
            module = cst.parse_module(self.text)
        except cst.ParserSyntaxError:  # then nothing of it is found, and what needs it is refused
            module = cst.Module(body=[])
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        return wrapper.module, wrapper.resolve(PositionProvider)

    @property
    def parsed(self) -> cst.Module:
        """The module as LibCST."""
        return self._parsed[0]

    def line_of(self, node: cst.CSTNode) -> int:
        """First line of a node, 1-based; 0 for a node that was made here."""
        position = self._parsed[1].get(node)
        return position.start.line if position else 0

    def definition(self, qualname: str) -> cst.FunctionDef | cst.ClassDef | None:
        """The function or class called `Class.method`, `Class` or `function`; the last one wins."""
        body: list[cst.CSTNode] = list(self.parsed.body)
        found: cst.FunctionDef | cst.ClassDef | None = None
        for part in qualname.split("."):
            found = None
            for node in _definitions(body):
                if node.name.value == part:
                    found = node
            if found is None:
                return None
            body = list(found.body.body)
        return found

    def constant(self, name: str) -> ast.expr | None:
        """The expression assigned once to a module-level name."""
        values = [
            node.value
            for node in self.tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
            and any(isinstance(t, ast.Name) and t.id == name for t in _targets(node))
        ]
        changed = any(name in n.names for n in ast.walk(self.tree) if isinstance(n, ast.Global))
        once = len(values) == 1 and not self._rebound(name) and not changed
        return values[0] if once else None

    def _rebound(self, name: str) -> bool:
        """Whether something else at module level, such as a branch, assigns the name too."""
        waiting: list[ast.AST] = list(self.tree.body)
        found = 0
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                continue
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
                found += 1
            waiting.extend(ast.iter_child_nodes(node))
        return found > 1


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return [t.id for t in _targets(node) if isinstance(t, ast.Name)]
    return []


def _definitions(body: list[cst.CSTNode]) -> list[cst.FunctionDef | cst.ClassDef]:
    found: list[cst.FunctionDef | cst.ClassDef] = []
    for node in body:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            found.append(node)
        elif isinstance(node, cst.If | cst.Try):
            found.extend(_definitions(list(node.body.body)))
    return found


class Sources:
    """All modules of the legacy project, by dotted name."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._modules: dict[str, Module] = {}
        for path in sorted(files):
            name = module_name(path)
            self._modules[name] = Module(path, name, files[path])
        self._paths = frozenset(files)

    def has_file(self, path: str) -> bool:
        """Whether a file of the project was read: it is there, and it parses."""
        return path in self._paths

    def module(self, name: str) -> Module | None:
        """The module called `name`, None outside the project."""
        return self._modules.get(name)

    def split(self, path: str) -> tuple[Module, str] | None:
        """The project module that a dotted path lies in, and the rest of the path."""
        parts = path.split(".")
        for cut in range(len(parts), 0, -1):
            module = self._modules.get(".".join(parts[:cut]))
            if module is not None:
                return module, ".".join(parts[cut:])
        return None

    def function(self, path: str) -> FunctionSource | None:
        """The function at a dotted path such as `shop.views.Base.get_queryset`."""
        found = self.split(path)
        if found is None or not found[1]:
            return None
        module, qualname = found
        node = module.definition(qualname)
        if not isinstance(node, cst.FunctionDef):
            return None
        owner = qualname.rpartition(".")[0] or None
        return FunctionSource(node, module, module.line_of(node.name), owner)

    def class_node(self, path: str) -> tuple[cst.ClassDef, Module] | None:
        """The class at a dotted path, with its module."""
        found = self.split(path)
        if found is None or not found[1]:
            return None
        node = found[0].definition(found[1])
        return (node, found[0]) if isinstance(node, cst.ClassDef) else None

    def resolve(self, module: Module, name: str) -> str | None:
        """The dotted path that a name of a module stands for, re-exports followed."""
        head, _, rest = name.partition(".")
        path = module.names.get(head)
        if path is None:
            for star in module.star_imports:
                other = self._modules.get(star)
                if other is not None and head in other.names:
                    path = other.names[head]
        if path is None:
            return None
        return self.canonical(f"{path}.{rest}" if rest else path)

    def canonical(self, path: str) -> str:
        """A path with the project's re-exports followed to the definition."""
        for _ in range(_DEPTH):
            found = self.split(path)
            if found is None or not found[1]:
                return path
            module, qualname = found
            head, _, rest = qualname.partition(".")
            target = module.names.get(head)
            if target is None or target == f"{module.name}.{head}":
                return path
            path = f"{target}.{rest}" if rest else target
        return path


def module_name(path: str) -> str:
    """`catalog/views.py` is `catalog.views`; `catalog/__init__.py` is `catalog`."""
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)
