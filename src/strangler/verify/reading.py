"""Finds the names that handler code reads from a request: parameters, and keys of the body."""

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from strangler.facts import Endpoint, Model

_QUERY = {"query_params", "GET"}
_DATA = {"data", "POST"}


def names_read(
    root: Path, endpoint: Endpoint, others: Iterable[str]
) -> tuple[list[str], list[str]]:
    """Query parameters and body keys that the endpoint's own code names, sorted.

    `others` are the actions of the view's other endpoints: their methods are not looked at.
    """
    skipped = set(others) - {endpoint.action or ""}
    places = [ref.source for name, ref in endpoint.methods.items() if name not in skipped]
    places.append(endpoint.source)
    query: set[str] = set()
    data: set[str] = set()
    for place in places:
        for kind, name in _names(root, place):
            (query if kind in _QUERY else data).add(name)
    return sorted(query), sorted(data)


def classes_named(root: Path, endpoint: Endpoint) -> tuple[list[str], list[str]]:
    """Names that the endpoint's handler calls, those with `data=` first: serializers among them."""
    handler = endpoint.methods.get(endpoint.action or "")
    place = handler.source if handler is not None else endpoint.source
    with_data: list[str] = []
    others: list[str] = []
    for function in _functions(root, place):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else called.id
                takes = any(keyword.arg == "data" for keyword in node.keywords)
                (with_data if takes else others).append(name)
    return with_data, others


def models_named(root: Path, endpoint: Endpoint, models: Iterable[Model]) -> list[str]:
    """Labels of the project's models that the endpoint's handler names, in order."""
    labels = {each.name.rpartition(".")[2]: each.name for each in models if not each.package}
    handler = endpoint.methods.get(endpoint.action or "")
    place = handler.source if handler is not None else endpoint.source
    nodes = [node for function in _functions(root, place) for node in ast.walk(function)]
    names = [(n.lineno, n.col_offset, n.id) for n in nodes if isinstance(n, ast.Name)]
    return list(dict.fromkeys(labels[name] for _, _, name in sorted(names) if name in labels))


def _names(root: Path, place: str | None) -> Iterator[tuple[str, str]]:
    for function in _functions(root, place):
        yield from _accesses(function)


def _functions(root: Path, place: str | None) -> Iterator[ast.AST]:
    """The function that starts at `file:line`."""
    file, _, line = (place or "").rpartition(":")
    tree = _tree(root / file) if file and line.isdigit() else None
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if _first(node) <= int(line) <= node.body[0].lineno:
            yield node


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


@lru_cache(maxsize=256)
def _tree(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def _accesses(function: ast.AST) -> Iterator[tuple[str, str]]:
    """`request.data["a"]`, `self.request.query_params.get("b")`, `"c" in request.GET`."""
    for node in ast.walk(function):
        holder, key = None, None
        if isinstance(node, ast.Subscript):
            holder, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr in {"get", "getlist", "pop"}:
                holder, key = node.func.value, node.args[0]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
            holder, key = node.comparators[0], node.left
        name = holder.attr if isinstance(holder, ast.Attribute) else None
        known = name in _QUERY | _DATA
        if known and name and isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield name, key.value
