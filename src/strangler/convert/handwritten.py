"""Finds endpoints that a person wrote in the generated application, from its sources alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from strangler.convert.output import BASE
from strangler.convert.project import parsed, read_file
from strangler.facts import Facts

_METHODS = frozenset(["get", "post", "put", "patch", "delete", "head", "options", "trace"])
_COMPAT = "app/compat/"
Name = tuple[str, str]
#: Method and path with its parameters nameless.
Route = tuple[str, str]


def handwritten(out: Path, facts: Facts) -> dict[str, str]:
    """Where endpoints of legacy are served by a person's code: id to `path:line`.

    What was generated last is no person's, whatever became of its body since.
    """
    generated = _Routes(out / BASE).found()
    known = {(each.method, _nameless(each.path)): each.id for each in facts.endpoints}
    return {
        known[route]: place
        for route, place in _Routes(out).found().items()
        if route in known and route not in generated
    }


@dataclass
class _Module:
    """A file's routers by name with their prefixes, and where imported names come from."""

    tree: ast.Module
    prefixes: dict[str, str] = field(default_factory=dict)
    imports: dict[str, Name] = field(default_factory=dict)


class _Routes:
    """The routes that one tree's decorators declare."""

    def __init__(self, root: Path) -> None:
        self._modules: dict[str, _Module] = {}
        for path in sorted((root / "app").rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not name.startswith(_COMPAT):
                self._read(root, name)
        #: What `include_router` puts in front of a router's own prefix.
        self._outer: dict[Name, str] = {}
        for name, module in self._modules.items():
            self._included(name, module)

    def _read(self, root: Path, name: str) -> None:
        try:
            tree = parsed(read_file(root, name) or "")
        except (SyntaxError, ValueError):
            return
        dotted = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        module = self._modules[dotted] = _Module(tree)
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for each in node.names:
                    module.imports[each.asname or each.name] = (node.module, each.name)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                called = ast.unparse(node.value.func).rpartition(".")[2]
                if called.endswith(("Router", "FastAPI")):
                    prefix = _text(node.value, "prefix")
                    names = (each.id for each in node.targets if isinstance(each, ast.Name))
                    module.prefixes.update(dict.fromkeys(names, prefix))

    def _included(self, name: str, module: _Module) -> None:
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if (
                node.func.attr == "include_router"
                and node.args
                and (prefix := _text(node, "prefix"))
            ):
                self._outer[self._place(name, module, ast.unparse(node.args[0]))] = prefix

    def _place(self, name: str, module: _Module, text: str) -> Name:
        """Where a router that a module names is defined."""
        if text in module.prefixes:
            return name, text
        head, dot, rest = text.partition(".")
        source, label = module.imports.get(head, (name, head))
        return (f"{source}.{label}", rest) if dot else (source, label)

    def found(self) -> dict[Route, str]:
        """Routes with `path:line` of their functions."""
        routes: dict[Route, str] = {}
        for name, module in self._modules.items():
            file = f"{name.replace('.', '/')}.py"
            for node in module.tree.body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    for route in self._declared(name, module, node):
                        routes.setdefault(route, f"{file}:{node.lineno}")
        return routes

    def _declared(
        self, name: str, module: _Module, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> Iterator[Route]:
        for each in node.decorator_list:
            if not isinstance(each, ast.Call) or not isinstance(each.func, ast.Attribute):
                continue
            place = self._place(name, module, ast.unparse(each.func.value))
            owner = self._modules.get(place[0])
            if owner is None or place[1] not in owner.prefixes:
                continue
            path = next((_constant(arg) for arg in each.args[:1]), _text(each, "path"))
            whole = self._outer.get(place, "") + owner.prefixes[place[1]] + path
            for method in _methods(each):
                yield method, _nameless(whole)


def _methods(call: ast.Call) -> Iterator[str]:
    """`@router.post(...)`, or `@router.api_route(..., methods=["POST"])`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name in _METHODS:
        yield name.upper()
    elif name == "api_route":
        for each in call.keywords:
            if each.arg == "methods" and isinstance(each.value, ast.List | ast.Tuple | ast.Set):
                yield from (_constant(one).upper() for one in each.value.elts)


def _text(call: ast.Call, keyword: str) -> str:
    return next((_constant(each.value) for each in call.keywords if each.arg == keyword), "")


def _constant(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _nameless(path: str) -> str:
    return re.sub(r"\{[^{}]*(\{[^{}]*\}[^{}]*)*\}", "{}", path)
