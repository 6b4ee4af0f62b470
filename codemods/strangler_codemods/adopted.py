"""Sources of installed packages that are read as the project's own, with what their settings say.

    if settings.SEND_ACTIVATION_EMAIL and not user.is_active:   # False in this project: it goes
    return settings.SERIALIZERS.user_create                     # return UserCreateSerializer

A package asks an object for its settings where a project would write what it wants. The running project knows
what each of them is; once that stands in its place, the package's code says as much as a project's.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from strangler.facts import Facts

_MISSING = object()
_DJANGO, _KNOWN = "django.conf.settings", ("INSTALLED_APPS",)
#: What these packages call the class of users.
_USERS = "User"
#: Functions that say what a user's address is, or the name of its field.
_ASKING_USERS = {
    "djoser.compat.get_user_email": "value", "djoser.compat.get_user_email_field_name": "name",
}  # fmt: skip
_IDLE = (
    ast.Name, ast.Attribute, ast.Constant, ast.Dict, ast.List, ast.Tuple, ast.expr_context,
)  # fmt: skip


def adopted_files(facts: Facts, files: Mapping[str, str]) -> dict[str, str]:
    """Texts by path. A line stands where it stands in the package.

    files: the project's own, which may read what the package sets.
    """
    known = {name: facts.settings[name] for name in _KNOWN if name in facts.settings}
    objects = {**facts.adopted_settings, _DJANGO: known}
    users = _of_users(facts)
    settled = {path.rpartition(".")[0].replace(".", "/") + ".py" for path in objects}
    found = {
        path: _Folded(path, text, objects, users).text()
        for path, text in facts.adopted.items()
        if path not in settled
    }
    every = [*found.values(), *files.values()]
    columns = {column.name for model in facts.models for column in model.fields}
    return {path: _without_unread(text, every, columns) for path, text in found.items()}


def _of_users(facts: Facts) -> dict[str, str]:
    """What the class of users says of its fields."""
    label = str(facts.settings.get("AUTH_USER_MODEL") or "auth.User").lower()
    user = next((model for model in facts.models if model.name.lower() == label), None)
    told = user.attributes if user is not None else {}
    usual = {"USERNAME_FIELD": "username", "EMAIL_FIELD": "email"}
    return {name: str((told[name].value if name in told else "") or usual[name]) for name in usual}


_SET = re.compile(r"^( *)((?!self\b)\w+\.(\w+) = (?:None|True|False|\d+))$", re.MULTILINE)


def _without_unread(text: str, every: list[str], columns: set[str]) -> str:
    """The text without attributes of rows that are set to a literal and named nowhere else."""

    def left(match: re.Match[str]) -> str:
        name = re.compile(rf"\b{match[3]}\b")
        sets = re.compile(rf"\w\.{match[3]} = (?:None|True|False|\d+)$", re.MULTILINE)
        read = any(len(name.findall(each)) > len(sets.findall(each)) for each in every)
        return match[0] if read or match[3] in columns else f"{match[1]}pass"

    return _SET.sub(left, text)


@dataclass
class _Folded:
    """One module."""

    path: str
    source: str
    objects: Mapping[str, Mapping[str, Any]]
    users: Mapping[str, str]
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
        fold = _Fold(names, functions, self.users, self._name_of)
        _rewrite(tree.body, lines, fold)
        if self.needed:
            imports = "; ".join(
                f"from {module} import {name}" for module, name in sorted(self.needed)
            )
            lines[(place.end_lineno or 1) - 1] += f"; {imports}"
        return "\n".join(lines)

    def _name_of(self, path: str) -> str:
        """The name by which the module calls a class; it is imported where it stands elsewhere."""
        module, _, name = path.rpartition(".")
        if module != self.path.removesuffix(".py").replace("/", "."):
            self.needed.add((module, name))
        return name


def _rewrite(body: list[ast.stmt], lines: list[str], fold: _Fold, *, runs: bool = False) -> None:
    """Put what settings say into the lines of statements; as many lines stay.

    runs: whether they are those of a function.
    """
    made: dict[ast.stmt, list[ast.stmt]] = {}
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            _rewrite(node.body, lines, fold, runs=isinstance(node, ast.FunctionDef))
            continue
        after = fold.visit(copy.deepcopy(node))
        new = after if isinstance(after, list) else [after]
        if len(new) != 1 or ast.dump(new[0]) != ast.dump(node):
            made[node] = new
    if not made:
        return
    whole = [each for node in body for each in made.get(node, [node])]
    if runs:
        ends = next((i for i, each in enumerate(whole) if isinstance(each, ast.Return)), len(whole))
        whole = whole[: ends + 1]
        whole = [each for each in whole if not _is_idle(each, whole)] or [ast.Pass()]
    for node in body:
        left = [each for each in made.get(node, [node]) if each in whole]
        if node in made or not left:
            _replace(node, left, lines)
    if isinstance(whole[0], ast.Pass):
        _replace(body[0], whole, lines)


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
    text = "\n".join(map(ast.unparse, made))
    new = [" " * node.col_offset + line for line in text.split("\n")] if made else []
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
        users: Mapping[str, str],
        name_of: Callable[[str], str],
    ) -> None:
        self.names, self.functions, self.users, self.name_of = names, functions, users, name_of
        self.classes = set[ast.expr]()

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`get_user_email(user)` as `user.email`."""
        self.generic_visit(node)
        asked = self.functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if asked is None:
            return node
        email = self.users["EMAIL_FIELD"]
        if asked == "name":
            return ast.Constant(email)
        return ast.Attribute(node.args[0], email, ast.Load())

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """`setattr(user, "name", value)` as an assignment."""
        self.generic_visit(node)
        call = node.value
        if not isinstance(call, ast.Call) or ast.unparse(call.func) != "setattr":
            return node
        row, name, value = call.args
        if not isinstance(name, ast.Constant) or not str(name.value).isidentifier():
            return node
        target = ast.Attribute(row, str(name.value), ast.Store())
        return ast.fix_missing_locations(ast.Assign([target], value, lineno=node.lineno))

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Two texts as one."""
        self.generic_visit(node)
        one, other = (_text(each) for each in (node.left, node.right))
        if one is None or other is None or not isinstance(node.op, ast.Add):
            return node
        return ast.Constant(one + other)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        self.generic_visit(node)
        parts = [
            _text(each.value) if isinstance(each, ast.FormattedValue) else _text(each)
            for each in node.values
        ]
        plain = all(getattr(each, "format_spec", None) is None for each in node.values)
        known = [part for part in parts if part is not None]
        return ast.Constant("".join(known)) if plain and len(known) == len(parts) else node

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
            if node.value.id == _USERS and node.attr in self.users:
                return self.users[node.attr]
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
            if not value.get("path"):
                return None
            name = ast.Name(self.name_of(value["path"]), ast.Load())
            self.classes.add(name)
            return name
        return ast.Constant(value)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """`"some.app" in settings.INSTALLED_APPS`."""
        self.generic_visit(node)
        items, name, asked = node.comparators[0], _text(node.left), node.ops[0]
        known = isinstance(items, ast.List) and all(_text(each) for each in items.elts)
        if name is None or not known or not isinstance(asked, ast.In | ast.NotIn):
            return node
        assert isinstance(items, ast.List)
        inside = name in {_text(each) for each in items.elts}
        return ast.Constant(inside == isinstance(asked, ast.In))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        ends = isinstance(node.op, ast.Or)  # a value that is this decides all
        left: list[ast.expr] = []
        for index, value in enumerate(node.values):
            known = self._truth(value)
            last = index == len(node.values) - 1
            if known is None or (known == ends) or last:
                left.append(value)
            if known is not None and known == ends:
                break
        return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        known = self._truth(node.operand) if isinstance(node.op, ast.Not) else None
        return node if known is None else ast.Constant(not known)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        known = self._truth(node.test)
        return node if known is None else node.body if known else node.orelse

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        known = self._truth(node.test)
        if known is None:
            node.body = node.body or [ast.Pass()]
            return node
        return node.body if known else node.orelse

    def _truth(self, node: ast.expr) -> bool | None:
        """Whether a condition holds, where that is known: classes do."""
        if node in self.classes:
            return True
        return bool(node.value) if isinstance(node, ast.Constant) else None


def _text(node: ast.expr) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None
