"""What is left of a function that is given an empty list: no loop over it runs.

    names = []                                           user, changed = updated(user, [], data)
    user, changed = updated(user, names, data)

and in `updated` the loops over that parameter are left out, then branches that only they could lead
to, then what nobody reads any more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

import libcst as cst
from libcst import matchers

from .operation import code_of
from .sources import FunctionSource

#: What stays of a statement: itself, or nothing.
_Left: TypeAlias = cst.BaseStatement | cst.RemovalSentinel


def is_empty_list(node: cst.BaseExpression) -> bool:
    """Whether an expression is `[]`."""
    return isinstance(node, cst.List) and not node.elements


def with_empty_arguments(source: FunctionSource) -> FunctionSource:
    """The function that hands on `[]` itself, where a name for it is used for nothing else."""
    names = _Names(source.node)
    calls = matchers.findall(source.node.body, matchers.Call())
    given = [a.value for call in calls if isinstance(call, cst.Call) for a in call.args]
    handed = {value.value for value in given if isinstance(value, cst.Name)}
    found = {
        name
        for name, value in names.values.items()
        if is_empty_list(value) and names.loaded[name] == 1 and name in handed
    }
    if not found:
        return source
    node = source.node.visit(_Handing(found))
    assert isinstance(node, cst.FunctionDef)
    return replace(source, node=node)


def without_loops(
    source: FunctionSource, empty: Iterable[str], rows: frozenset[str]
) -> FunctionSource:
    """The function as it is where these parameters are `[]`; unchanged where it changes them.

    rows: parameters that are rows for certain.
    """
    node = source.node
    given = frozenset(empty)
    if not given:
        return source
    while True:
        names = _Names(node)
        known = {name for name in given if names.bound[name] == 1 and _only_looped(node, name)}
        known |= {
            name
            for name, value in names.values.items()
            if _is_empty(value) and _only_looped(node, name)
        }
        false = {n for n, value in names.values.items() if code_of(value) == "False"}
        unread = {
            n for n, v in names.values.items() if not names.loaded[n] and _is_harmless(v, rows)
        }
        changed = node.visit(_Pruned(known, false, unread))
        assert isinstance(changed, cst.FunctionDef)
        if code_of(changed.body) == code_of(node.body):
            return replace(source, node=node) if node is not source.node else source
        node = changed


class _Names(cst.CSTVisitor):
    """How often a function binds and reads names, and the values of those that are bound once."""

    def __init__(self, node: cst.FunctionDef) -> None:
        super().__init__()
        self.bound: Counter[str] = Counter()
        self.loaded: Counter[str] = Counter()
        self.given: dict[str, cst.BaseExpression] = {}
        node.params.visit(self)
        node.body.visit(self)
        top = [
            small
            for line in _lines(node.body)
            if isinstance(line, cst.SimpleStatementLine)
            for small in line.body
        ]
        for small in top:
            target = _target(small)
            if target is not None:
                self.given[target[0]] = target[1]
        #: Bound once, by a statement of the function itself.
        self.values = {n: v for n, v in self.given.items() if self.bound[n] == 1}

    def visit_Param(self, node: cst.Param) -> bool:
        self.bound[node.name.value] += 1
        if node.default is not None:
            node.default.visit(self)
        return False

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_Annotation(self, node: cst.Annotation) -> bool:
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:
        return self._bind(node.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> bool:
        self._bind(node.target)
        if node.value is not None:
            node.value.visit(self)
        return False

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self._bind(node.target)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self._bind(node.target)

    def visit_For(self, node: cst.For) -> None:
        self._bind(node.target)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self._bind(node.target)

    def visit_AsName(self, node: cst.AsName) -> None:
        self._bind(node.name)

    def visit_Del(self, node: cst.Del) -> None:
        self._bind(node.target)

    def visit_Global(self, node: cst.Global) -> None:
        self.bound.update(item.name.value for item in node.names)

    def visit_Nonlocal(self, node: cst.Nonlocal) -> None:
        self.bound.update(item.name.value for item in node.names)

    def visit_Name(self, node: cst.Name) -> None:
        self.loaded[node.value] += 1

    def _bind(self, target: cst.CSTNode) -> bool:
        """Count names that are bound, twice what else changes one: `x[0] = 1`."""
        if isinstance(target, cst.Name):
            self.bound[target.value] += 1
            return False
        for name in matchers.findall(target, matchers.Name()):
            assert isinstance(name, cst.Name)
            self.bound[name.value] += 2
        return True


def _target(small: cst.BaseSmallStatement) -> tuple[str, cst.BaseExpression] | None:
    """The name and the value of a simple assignment."""
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        target: cst.BaseExpression = small.targets[0].target
    elif isinstance(small, cst.AnnAssign) and small.value is not None:
        target = small.target
    else:
        return None
    assert small.value is not None
    return (target.value, small.value) if isinstance(target, cst.Name) else None


def _is_empty(value: cst.BaseExpression) -> bool:
    return is_empty_list(value) or (isinstance(value, cst.Dict) and not value.elements)


def _is_harmless(value: cst.BaseExpression, rows: frozenset[str]) -> bool:
    """Whether nothing happens when the value is made: literals, and what a row's model says of itself."""
    if isinstance(value, cst.SimpleString | cst.Integer | cst.Name) or _is_empty(value):
        return True
    called = re.fullmatch(
        r"\{(\w+)\.name: \1 for \1 in (\w+)\._meta\.get_fields\(\)\}", code_of(value)
    )
    return called is not None and called[2] in rows


def _only_looped(node: cst.FunctionDef, name: str) -> bool:
    """Whether the function does nothing with a name but loop over it or over its `items()`."""
    loops = [each for each in matchers.findall(node.body, matchers.For()) if _is_loop(each)]
    asked = sum(isinstance(each, cst.For) and _looped(each.iter) == name for each in loops)
    return asked > 0 and _Names(node).loaded[name] == asked


def _is_loop(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.For) and node.orelse is None and node.asynchronous is None


def _looped(iterated: cst.BaseExpression) -> str | None:
    if isinstance(iterated, cst.Call) and not iterated.args:
        func = iterated.func
        if isinstance(func, cst.Attribute) and func.attr.value in ("items", "keys", "values"):
            iterated = func.value
    return iterated.value if isinstance(iterated, cst.Name) else None


def _lines(body: cst.BaseSuite) -> Sequence[cst.BaseStatement]:
    return body.body if isinstance(body, cst.IndentedBlock) else ()


class _Pruned(cst.CSTTransformer):
    """Leaves out loops over what is empty, branches of what is false and values nobody reads."""

    def __init__(self, empty: set[str], false: set[str], unread: set[str]) -> None:
        super().__init__()
        self.empty, self.false, self.unread = empty, false, unread

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> _Left:
        gone = _is_loop(original_node) and _looped(original_node.iter) in self.empty
        return cst.RemoveFromParent() if gone else updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> _Left:
        target = _target(original_node.body[0]) if len(original_node.body) == 1 else None
        gone = target is not None and target[0] in self.unread
        return cst.RemoveFromParent() if gone else updated_node

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        lines: list[cst.BaseStatement] = []
        for line in updated_node.body:
            lines.extend(self._taken(line))
        return updated_node.with_changes(body=lines or [cst.SimpleStatementLine([cst.Pass()])])

    def _taken(self, line: cst.BaseStatement) -> Sequence[cst.BaseStatement]:
        """What runs of an `if` whose condition is false; other statements as they are."""
        test = line.test if isinstance(line, cst.If) else None
        if not isinstance(line, cst.If) or not isinstance(test, cst.Name):
            return [line]
        if test.value not in self.false:
            return [line]
        if isinstance(line.orelse, cst.Else):
            return _lines(line.orelse.body)
        return [line.orelse] if line.orelse is not None else []


class _Handing(cst.CSTTransformer):
    """Puts `[]` in place of names, and leaves their assignments out."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> _Left:
        target = _target(original_node.body[0]) if len(original_node.body) == 1 else None
        gone = target is not None and target[0] in self.names
        return cst.RemoveFromParent() if gone else updated_node

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        value = original_node.value
        if isinstance(value, cst.Name) and value.value in self.names:
            return updated_node.with_changes(value=cst.List([]))
        return updated_node
