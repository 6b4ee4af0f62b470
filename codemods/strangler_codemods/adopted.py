"""Sources of installed packages that are read as the project's own, with what their settings say.

    if settings.SEND_ACTIVATION_EMAIL and not user.is_active:   # False in this project: it goes
    return settings.SERIALIZERS.user_create                     # return UserCreateSerializer

A package asks an object for its settings where a project would write what it wants. The running project knows
what each of them is; once that stands in its place, the package's code says as much as a project's.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from strangler.facts import Facts

_MISSING = object()
#: Functions that say what a user's address is, or the name of its field.
_ASKING_USERS = {
    "djoser.compat.get_user_email": "value", "djoser.compat.get_user_email_field_name": "name",
}  # fmt: skip
_IDLE = (
    ast.Name, ast.Attribute, ast.Constant, ast.Dict, ast.List, ast.Tuple, ast.expr_context,
)  # fmt: skip


def adopted_files(facts: Facts) -> dict[str, str]:
    """Texts by path. A line stands where it stands in the package."""
    objects = {
        path: settings
        for path, settings in facts.adopted_settings.items()
        if isinstance(settings, dict)
    }
    email = _email_field(facts)
    return {
        path: _Folded(path, text, objects, email).text() for path, text in facts.adopted.items()
    }


def _email_field(facts: Facts) -> str:
    """The name of the users' field with their address."""
    label = str(facts.settings.get("AUTH_USER_MODEL") or "auth.User").lower()
    user = next((model for model in facts.models if model.name.lower() == label), None)
    told = user.attributes.get("EMAIL_FIELD") if user is not None else None
    return str(told.value) if told is not None and told.value else "email"


@dataclass
class _Folded:
    """One module."""

    path: str
    source: str
    objects: Mapping[str, Mapping[str, Any]]
    email: str
    needed: set[tuple[str, str]] = field(default_factory=set)

    def text(self) -> str:
        tree = ast.parse(self.source)
        names: dict[str, Mapping[str, Any]] = {}
        functions: dict[str, str] = {}
        place: ast.ImportFrom | None = None
        for node in tree.body:
            for alias in node.names if isinstance(node, ast.ImportFrom) and not node.level else ():
                assert isinstance(node, ast.ImportFrom)
                path = f"{node.module}.{alias.name}"
                if path in self.objects:
                    names[alias.asname or alias.name] = self.objects[path]
                    place = node
                if path in _ASKING_USERS:
                    functions[alias.asname or alias.name] = _ASKING_USERS[path]
        if place is None:
            return self.source
        lines = self.source.split("\n")
        fold = _Fold(names, functions, self.email, self._name_of)
        _rewrite(tree.body, lines, fold)
        if self.needed:
            imports = "; ".join(f"from {module} import {name}" for module, name in sorted(self.needed))
            lines[(place.end_lineno or 1) - 1] += f"; {imports}"
        return "\n".join(lines)

    def _name_of(self, path: str) -> str:
        """The name by which the module calls a class; it is imported where it stands elsewhere."""
        module, _, name = path.rpartition(".")
        if module != self.path.removesuffix(".py").replace("/", "."):
            self.needed.add((module, name))
        return name


def _rewrite(body: list[ast.stmt], lines: list[str], fold: _Fold) -> None:
    """Put what settings say into the lines of statements; as many lines stay."""
    changed: list[tuple[ast.stmt, list[ast.stmt]]] = []
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            _rewrite(node.body, lines, fold)
            continue
        before = ast.dump(node)
        after = fold.visit(copy.deepcopy(node))
        made = after if isinstance(after, list) else [after]
        if len(made) != 1 or ast.dump(made[0]) != before:
            changed.append((node, made))
    if not changed:
        return
    new = {id(node): made for node, made in changed}
    whole = [each for node in body for each in new.get(id(node), [node])]
    for node in body:
        if id(node) not in new and _is_idle(node, whole) and not _is_idle(node, body):
            changed.append((node, []))
    for node, made in changed:
        left = [each for each in made if not _is_idle(each, whole)]
        _replace(node, left, lines)


def _is_idle(node: ast.stmt, body: list[ast.stmt]) -> bool:
    """Whether a statement only gives something that is at hand a name that nothing reads."""
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return False
    if not all(isinstance(part, _IDLE) for part in ast.walk(node.value)):
        return False
    parts = (part for line in body for part in ast.walk(line))
    name = node.targets[0].id
    return not any(
        isinstance(p, ast.Name) and p.id == name and isinstance(p.ctx, ast.Load) for p in parts
    )


def _replace(node: ast.stmt, made: list[ast.stmt], lines: list[str]) -> None:
    """Write statements into the lines of another; as many lines stay."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    text = "\n".join(map(ast.unparse, made)) or "pass"
    new = [" " * node.col_offset + line for line in text.split("\n")]
    count = last - first
    if len(new) > count:
        new = [*new[: count - 1], "; ".join(line.strip() for line in new[count - 1 :])]
    lines[first:last] = [*new, *[""] * (count - len(new))]


class _Fold(ast.NodeTransformer):
    """Values in place of settings, and what follows of conditions."""

    def __init__(
        self,
        names: Mapping[str, Mapping[str, Any]],
        functions: Mapping[str, str],
        email: str,
        name_of: Callable[[str], str],
    ) -> None:
        self.names, self.functions, self.email, self.name_of = names, functions, email, name_of

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`get_user_email(user)` as `user.email`."""
        self.generic_visit(node)
        asked = self.functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if asked is None:
            return node
        name = ast.Constant(self.email)
        return name if asked == "name" else ast.Attribute(node.args[0], self.email, ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        value = self._value(node)
        if value is _MISSING:
            self.generic_visit(node)
            return node
        found = self._written(value)
        return found if found is not None else node

    def _value(self, node: ast.expr) -> Any:
        """What a chain such as `settings.SERIALIZERS.user` is."""
        if not isinstance(node, ast.Attribute):
            return _MISSING
        if isinstance(node.value, ast.Name):
            return self.names.get(node.value.id, {}).get(node.attr, _MISSING)
        above = self._value(node.value)
        items = above.get("items") if isinstance(above, dict) else None
        return items.get(node.attr, _MISSING) if isinstance(items, dict) else _MISSING

    def _written(self, value: Any) -> ast.expr | None:
        """The expression for a setting; None where it has none."""
        if isinstance(value, list):
            each = [self._written(item) for item in value]
            items = [item for item in each if item is not None]
            return ast.List(items, ast.Load()) if len(items) == len(each) else None
        if isinstance(value, dict):
            path = value.get("path")
            return ast.Name(self.name_of(path), ast.Load()) if path else None
        return ast.Constant(value)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        ends = isinstance(node.op, ast.Or)  # a value that is this decides all
        left: list[ast.expr] = []
        for index, value in enumerate(node.values):
            known = _truth(value)
            last = index == len(node.values) - 1
            if known is None or (known == ends) or last:
                left.append(value)
            if known is not None and known == ends:
                break
        return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        known = _truth(node.operand) if isinstance(node.op, ast.Not) else None
        return node if known is None else ast.Constant(not known)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        known = _truth(node.test)
        return node if known is None else node.body if known else node.orelse

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        known = _truth(node.test)
        if known is None:
            node.body = node.body or [ast.Pass()]
            return node
        return node.body if known else node.orelse


def _truth(node: ast.expr) -> bool | None:
    return bool(node.value) if isinstance(node, ast.Constant) else None
