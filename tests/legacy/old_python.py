"""What an interpreter of 2016 makes of a file: its grammar, and annotations that it can evaluate."""

import ast
from collections.abc import Iterator

_LATER = {"dict", "frozenset", "list", "set", "tuple", "type"}


def require_python_3_6(source: str) -> None:
    """Fail unless Python 3.6 parses the file and can define its functions."""
    tree = ast.parse(source, feature_version=(3, 6))
    later = [
        f"line {each.lineno}: {ast.unparse(each)}" for each in _annotations(tree) if _is_later(each)
    ]
    assert later == [], "annotations that older interpreters cannot evaluate"


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.returns


def _is_later(annotation: ast.expr) -> bool:
    """`X | None`, of Python 3.10, or `list[X]`, of 3.9; a text is not evaluated."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return True
        named = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
        if named and node.value.id in _LATER:  # type: ignore[attr-defined]  # as just asked
            return True
    return False
