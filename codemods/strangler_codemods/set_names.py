"""Names that `setattr(row, name, value)` may set, where a function inside a function says them all.

def copied(rows, changes=None):
    for name, value in (changes or {}).items():
        setattr(rows, name, value)

copied(self.pages, changes={"number": 1})
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

Functions = ast.FunctionDef | ast.AsyncFunctionDef


def said_names(tree: ast.Module, setting: ast.Call) -> frozenset[str] | None:
    """The names of one `setattr`; None where they come from anywhere else."""
    for outer in ast.walk(tree):
        inner = (
            [n for n in ast.walk(outer) if isinstance(n, Functions)] if _is_function(outer) else []
        )
        for function in inner:
            if function is not outer and _holds(function, setting):
                return _said(outer, function, setting)
    return None


def _said(outer: ast.AST, function: Functions, setting: ast.Call) -> frozenset[str] | None:
    given = _looped(function, setting.args[1])
    names = [a.arg for a in (*function.args.args, *function.args.kwonlyargs)]
    if given not in names:
        return None
    values = list(_assigned(function, given))
    calls = {id(n.func): n for n in ast.walk(outer) if isinstance(n, ast.Call)}
    for node in ast.walk(outer):
        if isinstance(node, ast.Name) and node.id == function.name:
            if id(node) not in calls:
                return None  # handed on to somebody
            values.append(_argument(calls[id(node)], function, given))
    found = [
        _keys(value) for value in (*values, *function.args.defaults, *function.args.kw_defaults)
    ]
    keys = [each for each in found if each is not None]
    return frozenset().union(*keys) if len(keys) == len(found) else None


def _looped(function: Functions, name: ast.expr) -> str:
    """`changes`, of `for name, value in changes.items()`; empty for a name with another origin."""
    if not isinstance(name, ast.Name):
        return ""
    bound = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name.id]
    stored = [n for n in bound if isinstance(n.ctx, ast.Store)]
    for loop in ast.walk(function):
        target = loop.target if isinstance(loop, ast.For) else None
        first = target.elts[0] if isinstance(target, ast.Tuple) else None
        if isinstance(loop, ast.For) and [first] == stored:
            source = loop.iter.func if isinstance(loop.iter, ast.Call) else None
            if isinstance(source, ast.Attribute) and source.attr == "items":
                return source.value.id if isinstance(source.value, ast.Name) else ""
    return ""


def _assigned(function: Functions, name: str) -> Iterator[ast.expr | None]:
    """Everything else that the function gives a name or adds to what it holds."""
    loops = [n.iter for n in ast.walk(function) if isinstance(n, ast.For)]
    asked = {id(n) for loop in loops for n in ast.walk(loop)}
    tests = [n for n in ast.walk(function) if isinstance(n, ast.Compare)]
    asked |= {id(n) for test in tests for n in ast.walk(test)}
    for node in ast.walk(function):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and target.id == name:
            asked.add(id(target))
            yield node.value
    others = (n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name)
    if any(id(each) not in asked for each in others):
        yield None


def _argument(call: ast.Call, function: Functions, name: str) -> ast.expr | None:
    """What a call hands to a parameter; None where that is not known."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(not k.arg for k in call.keywords):
        return None
    positions = [a.arg for a in function.args.args]
    place = positions.index(name) if name in positions else len(call.args)
    given = [k.value for k in call.keywords if k.arg == name] + call.args[place : place + 1]
    return given[0] if given else ast.Constant(None)


def _keys(value: ast.expr | None) -> frozenset[str] | None:
    """The keys of a dictionary that is written down; of no other constant any."""
    if isinstance(value, ast.Constant):
        return frozenset()
    if not isinstance(value, ast.Dict):
        return None
    keys = [k.value if isinstance(k, ast.Constant) else None for k in value.keys]
    return frozenset(map(str, keys)) if None not in keys else None


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, Functions)


def _holds(function: Functions, node: ast.AST) -> bool:
    return any(each is node for each in ast.walk(function))
