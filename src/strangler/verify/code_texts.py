"""Texts by which a project's code tells users apart: names of groups, values of columns."""

import ast
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: Folders whose code is no part of the running project.
_APART = {"migrations", "tests", "node_modules", "site-packages", "__pycache__"}
_ASKING = {"filter", "exclude", "get", "get_or_create", "update_or_create", "create", "Q"}
_SAME = {"exact", "iexact", "in"}
_TEXTS, _LONGEST = 6, 60


@dataclass(frozen=True, slots=True)
class CodeTexts:
    """What the code compares names and columns with.

    groups: names of groups of users. columns: texts by the name of a column.
    """

    groups: Sequence[str] = ()
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path) -> "CodeTexts":
        """What stands in the Python files below a folder, the first texts of each name."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        groups: dict[str, None] = {}
        for tree in _trees(root):
            for in_group, name, text in _pairs(tree):
                if 0 < len(text) <= _LONGEST:
                    (groups if in_group else found[name])[text] = None
        columns = {name: list(texts)[:_TEXTS] for name, texts in sorted(found.items())}
        return cls(list(groups)[:_TEXTS], columns)


def _trees(root: Path) -> Iterator[ast.Module]:
    for path in _files(root):
        try:
            yield ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue


def _files(root: Path) -> Iterator[Path]:
    """The project's Python files; environments and what is no part of the running project left out."""
    for folder, inner, names in os.walk(root):
        place = Path(folder)
        inner[:] = sorted(
            name
            for name in inner
            if name not in _APART and name[0] != "." and not (place / name / "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            if name.endswith(".py") and not name.startswith("test"):
                yield place / name


def _pairs(tree: ast.Module) -> Iterator[tuple[bool, str, str]]:
    """Whether it names a group, the name of a column, and a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _asked(node)
        elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
            yield from _compared(node)


def _asked(call: ast.Call) -> Iterator[tuple[bool, str, str]]:
    """`groups.filter(name="Manager")`, `Q(state="paid")`, `filter(groups__name__in=["a", "b"])`."""
    called = call.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name not in _ASKING:
        return
    holder = ast.unparse(called).lower()
    of_groups = "group.objects" in holder or ".groups." in holder
    for keyword in call.keywords:
        parts = (keyword.arg or "").split("__")
        if parts[-1] in _SAME:
            parts.pop()
        if parts:
            in_group = parts[-1] == "name" and (of_groups or parts[-2:-1] == ["groups"])
            for text in _texts(keyword.value):
                yield in_group, parts[-1], text


def _compared(node: ast.Compare) -> Iterator[tuple[bool, str, str]]:
    """`order.state == "paid"`, `user.role in ("editor", "author")`."""
    if isinstance(node.left, ast.Attribute):
        for text in _texts(node.comparators[0]):
            yield False, node.left.attr, text


def _texts(node: ast.expr) -> Iterator[str]:
    for each in node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
