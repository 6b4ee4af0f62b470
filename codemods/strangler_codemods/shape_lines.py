"""What an override such as a serializer's `__init__` does beside shaping its fields.

fields = kwargs.pop("fields", None)                       # nobody gives it: None
self.fields["shelf"].queryset = Shelf.objects.filter(…)   # which rows, not which fields
self.key = "name"                                         # "name" wherever the override reads it
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .serializer_names import is_free


def shaping_lines(tree: ast.FunctionDef, *, given: bool = False) -> ast.FunctionDef:
    """The function without these lines, and without what is there for them alone.

    given: whether an instance is meant that was given such arguments; they are constants of its field.
    """
    before = ast.dump(tree)
    tree = _with_constants(tree)
    unasked = {name for line in tree.body for name in _unasked(line)}
    stored = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not _is_loaded(n)]
    left = _Shaping({n for n in unasked if stored.count(n) == 1}, given=given).visit(tree)
    assert isinstance(left, ast.FunctionDef)
    while ast.dump(left) != before:
        before = ast.dump(left)
        names = {n.id for n in ast.walk(left) if isinstance(n, ast.Name) and _is_loaded(n)}
        left.body = [line for line in left.body if not _is_idle(line, names)]
    return left


def _with_constants(tree: ast.FunctionDef) -> ast.FunctionDef:
    """The function with what it sets itself to a literal once, under names that DRF does not read."""
    own = tree.args.args[0].arg if tree.args.args else ""
    set_here: dict[str, list[ast.expr | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            set_here.setdefault(node.attr, []).append(None)
    for line in tree.body:
        name = _own_name(line, own)
        if isinstance(line, ast.Assign) and set_here.get(name) == [None] and is_free(name):
            set_here[name] = [line.value]
    known = {n: v[0] for n, v in set_here.items() if isinstance(v[0], ast.Constant)}
    tree.body = [line for line in tree.body if _own_name(line, own) not in known]
    folded = _Constants(own, known).visit(tree)
    assert isinstance(folded, ast.FunctionDef)
    return folded


def _own_name(line: ast.stmt, own: str) -> str:
    """`name` in `self.name = ...`."""
    match line:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr=name)]) if (
            owner == own
        ):
            return name
    return ""


class _Constants(ast.NodeTransformer):
    """Writes what attributes stand for, and joins texts."""

    def __init__(self, own: str, known: Mapping[str, ast.expr | None]) -> None:
        self.own, self.known = own, known

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        is_own = isinstance(node.value, ast.Name) and node.value.id == self.own
        value = self.known.get(node.attr) if is_own and isinstance(node.ctx, ast.Load) else None
        return value or node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        self.generic_visit(node)
        parts = [
            each.value if isinstance(each, ast.FormattedValue) else each for each in node.values
        ]
        plain = not any(
            isinstance(each, ast.FormattedValue) and (each.format_spec or each.conversion != -1)
            for each in node.values
        )
        texts = [str(each.value) for each in parts if isinstance(each, ast.Constant)]
        return ast.Constant("".join(texts)) if plain and len(texts) == len(parts) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.BinOp(
                left=ast.Constant(value=str(a)), op=ast.Add(), right=ast.Constant(value=str(b))
            ):
                return ast.Constant(a + b)
        return node


def field_of(node: ast.expr) -> str | None:
    """The name in `self.fields["name"]`, `fields["name"]`, or its `.child_relation`."""
    if isinstance(node, ast.Attribute) and node.attr == "child_relation":
        node = node.value
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
        return None
    held = isinstance(node.value, ast.Name) or (
        isinstance(node.value, ast.Attribute) and node.value.attr == "fields"
    )
    return node.slice.value if held and isinstance(node.slice.value, str) else None


def _unasked(line: ast.stmt) -> list[str]:
    """The variable that holds an argument of the project's own: None, where nobody gives it."""
    if not isinstance(line, ast.Assign) or not isinstance(line.value, ast.Call):
        return []
    target, call = line.targets[0], line.value
    taken = ast.unparse(call.func) == "kwargs.pop" and len(call.args) == 2
    if len(line.targets) != 1 or not isinstance(target, ast.Name) or not taken:
        return []
    name, default = call.args
    named = isinstance(name, ast.Constant) and name.value not in _OF_DRF
    return [target.id] if named and ast.unparse(default) == "None" else []


#: What serializers are given otherwise.
_OF_DRF = frozenset(
    [
        *("instance", "data", "partial", "context", "many", "read_only", "write_only", "required"),
        *("default", "initial", "source", "label", "help_text", "style", "error_messages"),
        *("validators", "allow_null", "allow_empty", "min_length", "max_length"),
    ]
)


class _Shaping(ast.NodeTransformer):
    def __init__(self, unasked: set[str], *, given: bool) -> None:
        self.unasked, self.given = unasked, given

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        match node.targets:
            case [ast.Attribute(value=held, attr="queryset")] if field_of(held) is not None:
                return None
        return None if self.unasked.intersection(_unasked(node)) else node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt] | None:
        self.generic_visit(node)
        known = self._known(node.test)
        if known is not None:
            return node.body if known else node.orelse
        if not node.body and not node.orelse:
            return None
        node.body = node.body or [ast.Pass()]
        return node

    def _known(self, test: ast.expr) -> bool | None:
        """Whether a test of an argument that nobody gives holds; None for another test."""
        if self.given:
            return None
        match test:
            case ast.Name(id=name) if name in self.unasked:
                return False
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)) if name in self.unasked:
                return True
            case ast.Compare(
                left=ast.Name(id=name), ops=[op], comparators=[ast.Constant(value=None)]
            ) if name in self.unasked and isinstance(op, ast.Is | ast.IsNot):
                return isinstance(op, ast.Is)
        return None


def _is_loaded(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _is_idle(line: ast.stmt, names: set[str]) -> bool:
    """Whether a line only sets variables that nothing reads."""
    if not isinstance(line, ast.Assign):
        return False
    return all(isinstance(t, ast.Name) and t.id not in names for t in line.targets)
