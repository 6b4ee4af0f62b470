"""Texts of the support modules in the language of the project, where that is not English."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from itertools import accumulate

_Place = ast.Constant | ast.Name
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def translated(source: str, texts: Mapping[str, str]) -> str:
    """The source of a module with its messages as `texts` shows them, by the English text."""
    if not texts:
        return source
    found = [node for node in messages(ast.parse(source)) if node.value in texts]
    return replaced(source, {n: json.dumps(texts[str(n.value)], ensure_ascii=False) for n in found})


def replaced(source: str, texts: Mapping[_Place, str]) -> str:
    """The source with other expressions in place of constants or names."""
    written = source.encode()
    starts = [0, *accumulate(len(line) for line in written.splitlines(keepends=True))]
    for node in sorted(texts, key=_place, reverse=True):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[node.end_lineno - 1] + node.end_col_offset
        written = written[:first] + texts[node].encode() + written[last:]
    return written.decode()


def _place(node: _Place) -> tuple[int, int]:
    return node.lineno, node.col_offset


def messages(tree: ast.Module) -> Iterator[ast.Constant]:
    """What reads like a sentence, or is given to `gettext`.

    Docstrings, f-strings and what is given to `ngettext` stay.
    """
    left_out: set[ast.AST] = set()
    marked: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and node.body and isinstance(node.body[0], ast.Expr):
            left_out.add(node.body[0].value)
        elif isinstance(node, ast.JoinedStr):
            left_out.update(ast.walk(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "gettext":
                marked.update(node.args)
            elif node.func.id == "ngettext":
                left_out.update(node.args)
    for node in ast.walk(tree):
        if (
            not isinstance(node, ast.Constant)
            or not isinstance(node.value, str)
            or node in left_out
        ):
            continue
        if node in marked or _is_message(node.value):
            yield node


def _is_message(text: str) -> bool:
    """Whether it can be nothing else: several words that begin as a sentence does."""
    return " " in text.strip() and not text[0].islower()
