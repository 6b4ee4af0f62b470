"""Texts that each request reads in a language of its own: looked up when they are shown."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from strangler_codemods.languages import MARK
from strangler_codemods.names import quoted

from .translating import messages, replaced

#: Asks the project how texts read, by the code of a language.
Reader = Callable[[Collection[str]], Mapping[str, Mapping[str, Any]]]
_FUNCTIONS = ("gettext", "gettext_lazy", "ngettext")
_FOLDER = "app/compat/locale"
_COMPAT = "app/compat/"
_LOOKUP = "app/compat/translations.py"


class UntranslatableError(Exception):
    """A text is made of one that is translated, or kept; the message says where that is written."""

    def __init__(self, path: str) -> None:
        super().__init__(f"a text that is translated is kept, or part of another, in `{path}`")


def speaking(files: Mapping[str, str], language: str, read: Reader) -> dict[str, str]:
    """The same files with texts that are translated when they are shown, and what they read as.

    language: the code of the usual one. What the facts mark is such a text, and so are the
    messages of the support modules that some language reads otherwise.

    Raises:
        UntranslatableError: a marked text stands where it cannot be looked up.
    """
    trees = {path: ast.parse(text) for path, text in files.items() if path.endswith(".py")}
    asked = {text for path, tree in trees.items() for text in _asked(path, tree)}
    spoken = read(asked)
    known = {text for each in spoken.values() for text in each["texts"]}
    found = dict(files)
    for path, tree in trees.items():
        if path == _LOOKUP:
            continue
        ours = path.startswith(_COMPAT)
        inner = _within_functions(tree)
        wrapped = {
            node: _call(str(node.value), lazy=ours or node not in inner)
            for node in (*_marked(tree), *(_unmarked(tree, known) if ours else ()))
        }
        if not ours:
            _require_shown(path, tree)
            wrapped |= {name: "gettext" for name in _lazy_calls(tree) if name in inner}
        text = replaced(files[path], wrapped) if wrapped else files[path]
        if MARK in text or "\\x02" in text or "\\u0002" in text:
            raise UntranslatableError(path)
        found[path] = _importing(text, ours) if wrapped else text
    for code, each in spoken.items():
        found[f"{_FOLDER}/{code}.json"] = _dumped(
            {**each, "plurals": _used(each["plurals"], asked)}
        )
    found[f"{_FOLDER}/default.json"] = _dumped({"as": language.lower()})
    return found


def _lazy_calls(tree: ast.Module) -> Iterator[ast.Name]:
    """The names of calls that look a text up when it is shown."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return (f for f in calls if isinstance(f, ast.Name) and f.id == "gettext_lazy")


def _require_shown(path: str, tree: ast.Module) -> None:
    """Refuse texts that would be written into rows: what columns and schemas hold by default."""
    marked = set(_marked(tree))
    for node in ast.walk(tree):
        defaults = [node.value] if isinstance(node, ast.AnnAssign) else []
        if isinstance(node, ast.keyword) and node.arg == "default":
            defaults = [node.value]
        if marked.intersection(defaults):
            raise UntranslatableError(path)


def _asked(path: str, tree: ast.Module) -> Iterator[str]:
    """The texts of a file that may be translated."""
    for node in _marked(tree):
        yield from _parts(str(node.value))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in _FUNCTIONS:
            given = (a.value for a in call.args if isinstance(a, ast.Constant))
            yield from (text for text in given if isinstance(text, str))
    if path.startswith(_COMPAT):
        yield from (str(node.value) for node in messages(tree))
        # singular and plural may be kept together elsewhere
        yield from (
            node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
        )  # fmt: skip


def _parts(text: str) -> Iterator[str]:
    """The marked texts that a text of the facts is made of."""
    if text.startswith(MARK):
        head, _, params = text[1:].partition("\x0f")
        yield head.replace("\x05", "\x04")
        for value in _given(params).values():
            yield from _parts(value)


def _given(params: str) -> dict[str, str]:
    """What a text of the facts is filled in with; nothing where it is no such text."""
    try:
        found: dict[str, str] = json.loads(params or "{}")
    except ValueError:
        return {}
    return found


def _within_functions(tree: ast.Module) -> set[ast.AST]:
    """What runs when a function is called."""
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return {each for f in functions for line in f.body for each in ast.walk(line)}


def _call(text: str, *, lazy: bool = True) -> str:
    """A text of the facts, or a message, as an expression: looked up, and filled in."""
    head, _, params = text.removeprefix(MARK).partition("\x0f")
    given = [quoted(head.replace("\x05", "\x04"))]
    if not lazy and not params:
        return f"gettext({given[0]})"
    for name, value in _given(params).items():
        if not name:
            given.append("capitalized=True")
            continue
        given.append(f"{name}={_call(value) if value.startswith(MARK) else quoted(value)}")
    return f"gettext_lazy({', '.join(given)})"


def _marked(tree: ast.Module) -> list[ast.Constant]:
    inner = {part for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for part in ast.walk(n)}
    return [
        node for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inner
        and node.value.startswith(MARK) and MARK not in node.value[1:].partition("\x0f")[0]
    ]  # fmt: skip


def _unmarked(tree: ast.Module, known: Collection[str]) -> Iterator[ast.Constant]:
    """Messages of a support module; what is given to `gettext` is looked up there."""
    given = {
        argument
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in _FUNCTIONS
        for argument in call.args
    }
    return (node for node in messages(tree) if node not in given and node.value in known)


def _importing(text: str, ours: bool) -> str:
    """The source with the import of what looks texts up; who formats it gives it its place."""
    place = ".translations" if ours else "app.compat.translations"
    line = f"from {place} import gettext, gettext_lazy"
    lines = text.split("\n")
    nodes: Iterable[ast.stmt] = ast.parse(text).body
    for node in nodes:
        before = isinstance(node, ast.Expr) or getattr(node, "module", "") == "__future__"
        if not before:
            return "\n".join([*lines[: node.lineno - 1], line, *lines[node.lineno - 1 :]])
    return f"{text}\n{line}\n"


def _used(plurals: Mapping[str, Any], asked: Collection[str]) -> dict[str, Any]:
    return {text: forms for text, forms in plurals.items() if text in asked}


def _dumped(each: Mapping[str, Any]) -> str:
    return json.dumps(each, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
