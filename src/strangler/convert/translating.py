"""Texts of the support modules in the language of the project, where that is not English."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from itertools import accumulate

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def translated(source: str, texts: Mapping[str, str]) -> str:
    """The source of a module with its messages as `texts` shows them.

    texts: by the English text. A message is what reads like a sentence, or is given to `gettext`;
    docstrings, f-strings and what is given to `ngettext` stay.
    """
    if not texts:
        return source
    written = source.encode()
    starts = [0, *accumulate(len(line) for line in written.splitlines(keepends=True))]
    for node in sorted(_messages(ast.parse(source), texts), key=_place, reverse=True):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[node.end_lineno - 1] + node.end_col_offset
        text = json.dumps(texts[str(node.value)], ensure_ascii=False)
        written = written[:first] + text.encode() + written[last:]
    return written.decode()


def _place(node: ast.Constant) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _messages(tree: ast.Module, texts: Mapping[str, str]) -> Iterator[ast.Constant]:
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
        if not isinstance(node, ast.Constant) or node in left_out or node.value not in texts:
            continue
        if node in marked or _is_message(str(node.value)):
            yield node


def _is_message(text: str) -> bool:
    """Whether it can be nothing else: several words that begin as a sentence does."""
    return " " in text.strip() and not text[0].islower()
