"""The legacy project's sources: names resolved with `ast`, functions handed out as LibCST nodes."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from .given_names import given_names, names_in_sight, said_by, sets_computed
from .supers import with_short_supers
from .walking import Lines

_DEPTH = 20
_TEST_NAME = re.compile(r"tests?|test_\w+|\w+_tests?")
_TEST_IMPORT = re.compile(
    r"^\s*(?:from|import) (?:unittest|pytest|django\.test|rest_framework\.test)\b", re.MULTILINE
)
#: Packages of classes that override nothing which the rules do not know; None: the project's own.
KNOWN_PACKAGES = frozenset({None, "abc", "builtins", "django", "rest_framework", "typing"})


@dataclass(frozen=True)
class FunctionSource:
    """One function of the legacy project: its node, its module and its first line."""

    node: cst.FunctionDef
    module: Module
    line: int
    owner: str | None
    #: Names that its module does not have, with the paths that they stand for.
    symbols: tuple[tuple[str, str], ...] = ()

    @property
    def source(self) -> str:
        """`file:line` of the `def`."""
        return f"{self.module.path}:{self.line}"

    @property
    def path(self) -> str:
        """The dotted path, `shop.views.Base.get_queryset`."""
        parts = (self.module.name, self.owner, self.node.name.value)
        return ".".join(part for part in parts if part)


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
            found.update(self._imported(node))
        for top in self.tree.body:
            for name in _defined(top):
                found[name] = f"{self.name}.{name}"
        return found

    def _imported(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.ImportFrom):
            base = self.absolute(node)
            for alias in node.names:
                yield alias.asname or alias.name, f"{base}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (root, root)

    def imports_as_elsewhere(self, statement: str) -> bool:
        """Whether an import inside a function means what its names mean in the whole module."""
        (node,) = ast.parse(statement).body
        return all(self.names.get(name) == path for name, path in self._imported(node))

    @cached_property
    def star_imports(self) -> list[tuple[str, int]]:
        """Modules whose names are imported with a star, and the lines."""
        return [
            (self.absolute(node), node.lineno)
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)
        ]

    @cached_property
    def public(self) -> frozenset[str] | None:
        """The names of `__all__`; None where every name without an underscore is public."""
        value = self.constant("__all__")
        try:
            return None if value is None else frozenset(ast.literal_eval(value))
        except (TypeError, ValueError):
            return None

    @cached_property
    def bound_at(self) -> dict[str, int]:
        """The last line where a statement of the module itself, in branches too, binds each name."""
        found: dict[str, int] = {}
        waiting = list(self.tree.body)
        while waiting:
            node = waiting.pop()
            names = [name for name, _ in self._imported(node)] + _defined(node)
            for name in names:
                found[name] = max(node.lineno, found.get(name, 0))
            if isinstance(node, ast.If | ast.Try | ast.With):
                inner = ast.iter_child_nodes(node)
                waiting += [each for each in inner if isinstance(each, ast.stmt)]
                handlers = getattr(node, "handlers", ())
                waiting += [each for handler in handlers for each in handler.body]
        return found

    def absolute(self, node: ast.ImportFrom) -> str:
        """The module that a `from` names."""
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        keep = len(parts) - node.level + (1 if self.is_package else 0)
        return ".".join([*parts[:keep], *([node.module] if node.module else [])])

    @cached_property
    def parsed(self) -> cst.Module:
        """The module as LibCST."""
        try:
            return with_short_supers(cst.parse_module(self.text), self.text)
        except cst.ParserSyntaxError:  # then nothing of it is found, and what needs it is refused
            return cst.Module(body=[])

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.parsed, self.tree)

    def line_of(self, node: cst.CSTNode) -> int:
        """First line of a node, 1-based; 0 for a node that was made here."""
        return self._lines.of(node)

    def line_of_function(self, qualname: str, node: cst.FunctionDef) -> int:
        """The line of a function's `def`."""
        lines = [line for name, _, line in self._functions if name == qualname]
        return lines[0] if len(lines) == 1 else self.line_of(node.name)

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

    @cached_property
    def given_names(self) -> frozenset[str]:
        """Names of attributes that its lines may give to objects."""
        return given_names(self.tree)

    @cached_property
    def said_names(self) -> frozenset[str]:
        """Names that its lines set by a computed name of which all values are known."""
        return said_by(self.tree)

    @cached_property
    def is_test(self) -> bool:
        """Whether only a test runner imports it."""
        name = self.name.rpartition(".")[2]
        return bool(_TEST_NAME.fullmatch(name) and _TEST_IMPORT.search(self.text))

    @cached_property
    def sets_computed(self) -> bool:
        """Whether its code sets attributes whose names come from somewhere."""
        return sets_computed(self.tree)

    @cached_property
    def names_in_sight(self) -> frozenset[str]:
        """What such names may be."""
        return names_in_sight(self.tree)

    @cached_property
    def functions(self) -> list[str]:
        """Qualified names of the functions and methods of the file."""
        return [name for name, _ in self.spans]

    @property
    def spans(self) -> list[tuple[str, range]]:
        """Functions and methods with their lines, decorators included."""
        return [(name, lines) for name, lines, _ in self._functions]

    @cached_property
    def _functions(self) -> list[tuple[str, range, int]]:
        found: list[tuple[str, range, int]] = []
        waiting: list[tuple[str, ast.AST]] = [("", self.tree)]
        while waiting:
            prefix, node = waiting.pop(0)
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.ClassDef):
                    waiting.append((f"{prefix}{child.name}.", child))
                elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                    first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
                    lines = range(first, (child.end_lineno or first) + 1)
                    found.append((f"{prefix}{child.name}", lines, child.lineno))
                elif isinstance(child, ast.If | ast.Try):
                    waiting.append((prefix, child))
        return found

    def constant(self, name: str) -> ast.expr | None:
        """The expression assigned once to a module-level name."""
        values = self._assigned.get(name, [])
        once = len(values) == 1 and self._stores[name] <= 1 and name not in self._globals
        return values[0] if once else None

    @cached_property
    def _assigned(self) -> dict[str, list[ast.expr]]:
        """What the module's own statements assign to each name."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for name in {t.id for t in _targets(node) if isinstance(t, ast.Name)}:
                    found.setdefault(name, []).append(node.value)
        return found

    @cached_property
    def _globals(self) -> frozenset[str]:
        """Names that some function may assign."""
        nodes = (node for node in ast.walk(self.tree) if isinstance(node, ast.Global))
        return frozenset(name for node in nodes for name in node.names)

    @cached_property
    def _stores(self) -> Counter[str]:
        """How often anything at module level, such as a branch, assigns each name."""
        waiting: list[ast.AST] = list(self.tree.body)
        found: Counter[str] = Counter()
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                continue
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found[node.id] += 1
            waiting.extend(ast.iter_child_nodes(node))
        return found


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

    def __init__(self, files: Mapping[str, str], ported: Iterable[str] = ()) -> None:
        self._modules: dict[str, Module] = {}
        #: Paths of functions that a person ported: what they do is not read from their sources.
        self.ported = frozenset(ported)
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

    def may_set(self, name: str) -> bool:
        """Whether a line of the project may give an object, or the rows of a query, an attribute."""
        modules = self.running()
        if any(name in module.given_names for module in modules):
            return True
        computed = any(module.sets_computed for module in modules)
        return computed and any(name in module.names_in_sight for module in modules)

    def sets_elsewhere(self, name: str) -> bool:
        """Whether a line may set the attribute of something other than `self`."""
        named = re.escape(name)
        sets = re.compile(rf"(?<!\bself)\.{named}\s*=(?!=)|\bsetattr\(.*\b{named}\b")
        modules = self.running()
        if any(name in module.said_names for module in modules):
            return True
        computed = any(m.sets_computed for m in modules)
        return any(sets.search(m.text) or (computed and name in m.names_in_sight) for m in modules)

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether the text of a module has what a pattern searches for."""
        return any(pattern.search(module.text) for module in self.running())

    def running(self) -> list[Module]:
        """The modules that run where requests are answered."""
        return [module for module in self._modules.values() if not module.is_test]

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
        return FunctionSource(node, module, module.line_of_function(qualname, node), owner)

    def around(self, place: str) -> str | None:
        """The dotted path of the function that stands at `file:line`."""
        path, _, line = place.rpartition(":")
        module = self._modules.get(module_name(path)) if path in self._paths else None
        for name, lines in module.spans if module is not None and line.isdigit() else ():
            if int(line) in lines:
                assert module is not None
                return f"{module.name}.{name}"
        return None

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
        path = self._bound(module, head, _DEPTH)
        if path is None:
            return None
        return self.canonical(f"{path}.{rest}" if rest else path)

    def _bound(self, module: Module, name: str, depth: int) -> str | None:
        """What a name of a module was bound to last: by itself, or by an import with a star."""
        path, line = module.names.get(name), module.bound_at.get(name, 0)
        for star, at in module.star_imports if depth else ():
            other = self._modules.get(star)
            public = other is not None and (
                name in other.public if other.public is not None else not name.startswith("_")
            )
            if other is not None and public and (path is None or at > line):
                found = self._bound(other, name, depth - 1)
                path, line = (found, at) if found is not None else (path, line)
        return path

    def canonical(self, path: str) -> str:
        """A path with the project's re-exports followed to the definition."""
        for _ in range(_DEPTH):
            found = self.split(path)
            if found is None or not found[1]:
                return path
            module, qualname = found
            head, _, rest = qualname.partition(".")
            target = self._bound(module, head, _DEPTH)
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
