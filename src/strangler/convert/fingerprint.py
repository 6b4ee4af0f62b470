"""What an endpoint's answer depends on in legacy's source, as one short text that changes with it.

Read from the sources alone, so that legacy's CI can ask without a database or a running Django: the
view's class with its bases in the project, and every definition of the project that these name,
directly or not. Comments, blanks and other actions of the view do not count. What is reached by a
text (`"app.Model"`), by settings or by urls is not seen.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from strangler.convert.project import parsed

#: Gives the text of a file by its path from the project's root; None where there is none.
Read = Callable[[str], str | None]

_VERSION = "1"
_ACTIONS = frozenset(
    [
        "list",
        "create",
        "retrieve",
        "update",
        "partial_update",
        "destroy",
        "get",
        "post",
        "put",
        "patch",
        "delete",
    ]
)
_NEEDS = {"partial_update": "update"}
#: Modules beside a model's in which receivers of its signals are usually written.
_LISTENING = ("signals", "receivers", "handlers")

Place = tuple[str, str]


@dataclass(slots=True)
class _Module:
    """Top-level definitions, and where imported names come from; no name: a module."""

    nodes: dict[str, ast.stmt] = field(default_factory=dict)
    imports: dict[str, Place] = field(default_factory=dict)


class Fingerprints:
    """Fingerprints of one project's endpoints; modules are read once."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._modules: dict[str, _Module | None] = {}
        #: Text of a definition, and what it names.
        self._known: dict[Place, tuple[str, list[Place]]] = {}

    def of(self, view: str, action: str) -> str:
        """The fingerprint of a view's action; empty where the view is not the project's own."""
        start = self._located(view)
        if start is None:
            return ""
        kept = {action, _NEEDS.get(action, action)}
        seen: dict[Place, str] = {}
        queue, chain = [start], {start}
        while queue:
            while queue:
                place = queue.pop()
                if place in seen:
                    continue
                node = self._node(place)
                if place in chain and isinstance(node, ast.ClassDef):
                    node = _for_action(node, kept)
                    chain.update(self._resolved(place[0], node.bases))
                    seen[place], reached = self._whole(place[0], node)
                else:
                    if place not in self._known:
                        self._known[place] = self._whole(place[0], node)
                    seen[place], reached = self._known[place]
                queue += reached
            queue = [each for each in self._receivers(seen) if each not in seen]
        text = "\n".join(f"{module}.{name}\n{seen[module, name]}" for module, name in sorted(seen))
        return f"{_VERSION}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def _whole(self, module: str, node: ast.stmt) -> tuple[str, list[Place]]:
        return ast.unparse(node), list(self._resolved(module, [node]))

    def _located(self, dotted: str) -> Place | None:
        """The top-level definition that a dotted name is, or lies in."""
        module, _, name = dotted.rpartition(".")
        while module:
            found = self._definition((module, name.partition(".")[0]))
            if found is not None:
                return found
            module, _, last = module.rpartition(".")
            name = f"{last}.{name}"
        return None

    def _node(self, place: Place) -> ast.stmt:
        module = self._module(place[0])
        assert module is not None  # a place is made of a definition that was found
        return module.nodes[place[1]]

    def _definition(self, place: Place, hops: int = 8) -> Place | None:
        """Where a name is defined, through modules that only import it."""
        module = self._module(place[0])
        if module is None or not hops:
            return None
        if place[1] in module.nodes:
            return place
        if place[1] in module.imports:
            return self._definition(module.imports[place[1]], hops - 1)
        return None

    def _resolved(self, module: str, nodes: Iterable[ast.AST]) -> Iterator[Place]:
        """Definitions of the project that some nodes of a module name."""
        for top in nodes:
            inside = list(ast.walk(top))
            own = dict(_imports(inside, module))
            for node in inside:
                found = None
                if isinstance(node, ast.Name):
                    found = self._definition(own.get(node.id, (module, node.id)))
                elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    found = self._member(module, own, node)
                if found is not None:
                    yield found

    def _member(self, module: str, own: dict[str, Place], node: ast.Attribute) -> Place | None:
        """`services.publish`, where `services` is a module of the project."""
        known = self._module(module)
        name = ast.unparse(node.value)
        target = own.get(name) or (known.imports.get(name) if known else None)
        if target is None:
            return None
        inner = f"{target[0]}.{target[1]}" if target[1] else target[0]
        return self._definition((inner, node.attr))

    def _receivers(self, seen: Iterable[Place]) -> list[Place]:
        """Functions that a decorator connects to a class that was seen."""
        places = set(seen)
        packages = {module.rpartition(".")[0] for module, _ in places}
        modules = {module for module, _ in places} | {
            f"{package}.{name}".lstrip(".") for package in packages for name in _LISTENING
        }
        return [
            (name, label)
            for name in sorted(modules)
            for label, decorators in self._listening(name)
            if places.intersection(self._resolved(name, decorators))
        ]

    def _listening(self, name: str) -> Iterator[tuple[str, list[ast.expr]]]:
        """The functions of a module that are receivers of signals, with their decorators."""
        module = self._module(name)
        for label, node in module.nodes.items() if module else ():
            decorators = getattr(node, "decorator_list", [])
            if "receiver" in map(_last, decorators):
                yield label, decorators

    def _module(self, name: str) -> _Module | None:
        if name not in self._modules:
            self._modules[name] = self._parsed(name)
        return self._modules[name]

    def _parsed(self, name: str) -> _Module | None:
        path = name.replace(".", "/")
        text, package = self._read(f"{path}.py"), name.rpartition(".")[0]
        if text is None:
            text, package = self._read(f"{path}/__init__.py"), name
        if not name or text is None:
            return None
        try:
            tree = parsed(text)
        except (SyntaxError, ValueError):
            return None
        module = _Module()
        statements = list(_top(tree.body))
        module.imports.update(_imports(statements, f"{package}.x"))
        for node in statements:
            for label in _defined(node):
                module.nodes[label] = node
        return module


def _top(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module, those under `if` and `try` too."""
    for node in body:
        if isinstance(node, ast.If | ast.Try | ast.With):
            for name in ("body", "orelse", "finalbody"):
                yield from _top(getattr(node, name, []))
            for handler in getattr(node, "handlers", []):
                yield from _top(handler.body)
        else:
            yield node


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (each.id for each in node.targets if isinstance(each, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _imports(nodes: Iterable[ast.AST], module: str) -> Iterator[tuple[str, Place]]:
    """Imported names; `module` is the one that imports, for relative ones."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for each in node.names:
                yield (
                    (each.asname or each.name.partition(".")[0]),
                    (
                        each.name if each.asname else each.name.partition(".")[0],
                        "",
                    ),
                )
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")[: -node.level] if node.level else []
            source = ".".join([*filter(None, parts), *([node.module] if node.module else [])])
            for each in node.names:
                yield each.asname or each.name, (source, each.name)


def _for_action(node: ast.ClassDef, kept: set[str]) -> ast.ClassDef:
    """The class without methods that are other actions."""
    body = [
        each
        for each in node.body
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        or each.name in kept
        or not (each.name in _ACTIONS or "action" in map(_last, each.decorator_list))
    ]
    return ast.ClassDef(
        name=node.name, bases=node.bases, keywords=node.keywords, body=body or [ast.Pass()],
        decorator_list=node.decorator_list,
    )  # fmt: skip


def _last(decorator: ast.expr) -> str:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(target).rpartition(".")[2]
