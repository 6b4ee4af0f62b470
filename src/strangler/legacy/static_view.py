"""What the sources alone tell about a project that does not boot: classes by their bases' names."""

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["model", "serializer", "view"]

_MODELS = {"Model", "AbstractUser", "AbstractBaseUser"}
_FOLDERS = {"migrations", "tests"}


@dataclass(frozen=True)
class Named:
    """A class or function by its name and `file:line`."""

    name: str
    source: str


@dataclass
class StaticView:
    """A guess at the inventory; `skipped` are (`file:line`, reason) of what does not parse."""

    models: list[Named] = field(default_factory=list)
    serializers: list[Named] = field(default_factory=list)
    views: list[Named] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def static_view(files: Mapping[str, str]) -> StaticView:
    """Sort the classes of these sources (path → text); inheritance is followed by class name."""
    found = StaticView()
    trees = {path: tree for path in sorted(files) if (tree := _parsed(path, files[path], found))}
    classes = [(path, node) for path, tree in trees.items() for node in _classes(tree)]
    bases = {node.name: [_last(base) for base in node.bases] for _, node in classes}
    lists = {"model": found.models, "serializer": found.serializers, "view": found.views}
    for path, node in classes:
        kind = _kind(node.name, bases, frozenset())
        if kind is not None and not (kind == "model" and _is_abstract(node)):
            lists[kind].append(Named(node.name, f"{path}:{node.lineno}"))
    for path, tree in trees.items():
        functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
        views = (node for node in functions if _is_api_view(node))
        found.views.extend(Named(node.name, f"{path}:{node.lineno}") for node in views)
    return found


def _parsed(path: str, text: str, found: StaticView) -> ast.Module | None:
    if _FOLDERS & set(path.split("/")[:-1]):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in old sources
            return ast.parse(text)
    except SyntaxError as error:
        found.skipped.append((f"{path}:{error.lineno or 1}", error.msg))
    except (ValueError, RecursionError, MemoryError) as error:
        found.skipped.append((f"{path}:1", str(error) or type(error).__name__))
    return None


def _classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in tree.body if isinstance(node, ast.ClassDef))


def _last(base: ast.expr) -> str:
    """The last part of a dotted base: `Model` of `models.Model`, `Generic` of `Generic[T]`."""
    if isinstance(base, ast.Subscript):
        base = base.value
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def _kind(name: str, bases: Mapping[str, Iterable[str]], seen: frozenset[str]) -> Kind | None:
    if name in seen:
        return None
    for base in bases.get(name, ()):
        if base not in bases or base == name:
            kind = _kind_of_base(base)
        else:
            kind = _kind(base, bases, seen | {name})
        if kind is not None:
            return kind
    return None


def _kind_of_base(base: str) -> Kind | None:
    if base in _MODELS:
        return "model"
    if base.endswith("Serializer"):
        return "serializer"
    return "view" if base.endswith(("View", "ViewSet")) else None


def _is_abstract(node: ast.ClassDef) -> bool:
    metas = (
        inner for inner in node.body if isinstance(inner, ast.ClassDef) and inner.name == "Meta"
    )
    lines = (ast.unparse(line) for meta in metas for line in meta.body)
    return "abstract = True" in lines


def _is_api_view(node: ast.FunctionDef) -> bool:
    calls = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return any(_last(call) == "api_view" for call in calls)
