"""Branches of which it is known while converting whether they are taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias, cast

import libcst as cst

from .blocks import statements
from .class_bodies import bound_names, loaded_names
from .operation import code_of

_Statement: TypeAlias = cst.BaseStatement
_Expressing: TypeAlias = Callable[[cst.BaseExpression], cst.BaseExpression]
_Writing: TypeAlias = Callable[[cst.BaseSuite], cst.BaseSuite]


def constant(value: bool) -> cst.Name:
    """`True` or `False`."""
    return cst.Name(str(value))


def assigned(line: cst.CSTNode) -> tuple[str, cst.BaseExpression | None]:
    """The one name that a line assigns to, and the value; "" and None for other lines."""
    small = (
        line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    )
    target: cst.BaseExpression | None = None
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        target = small.targets[0].target
    elif isinstance(small, cst.AnnAssign):
        target = small.target
    if not isinstance(target, cst.Name) or not isinstance(small, cst.Assign | cst.AnnAssign):
        return "", None
    return target.value, small.value


def without_settled(lines: Sequence[_Statement]) -> list[_Statement]:
    """Statements without branches on variables that are only ever True or False, or unread ones."""
    left = list(lines)
    while True:
        flags, unread = _known(left)
        changed = _lines([line for line in left if assigned(line)[0] not in unread], flags)
        if len(unread) == 0 and "".join(map(code_of, changed)) == "".join(map(code_of, left)):
            return left
        left = changed


def _lines(lines: Sequence[_Statement], flags: Mapping[str, bool]) -> list[_Statement]:
    def suite(block: cst.BaseSuite) -> cst.BaseSuite:
        if not isinstance(block, cst.IndentedBlock):
            return block
        return block.with_changes(body=_lines(block.body, flags))

    done: list[_Statement] = []
    for line in lines:
        if isinstance(line, cst.If):
            done.extend(settled_if(line, partial(_flagged, flags), suite))
        elif isinstance(line, cst.For | cst.While | cst.With):
            done.append(line.with_changes(body=suite(line.body)))
        else:
            done.append(line)
    return done


def _flagged(flags: Mapping[str, bool], node: cst.BaseExpression) -> cst.BaseExpression:
    """A condition with constants for flags."""
    if isinstance(node, cst.Name):
        return constant(flags[node.value]) if node.value in flags else node
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        return node.with_changes(expression=_flagged(flags, node.expression))
    if isinstance(node, cst.BooleanOperation):
        sides = (_flagged(flags, node.left), _flagged(flags, node.right))
        return node.with_changes(left=sides[0], right=sides[1])
    return node


def _known(lines: Sequence[_Statement]) -> tuple[dict[str, bool], set[str]]:
    """Variables bound once, to True or False, and those bound to a literal that nobody reads."""
    flags, unread = {}, set()
    read = Counter(name.value for line in lines for name in loaded_names(line))
    for place, line in enumerate(lines):
        target, value = assigned(line)
        if value is None or target in bound_names([*lines[:place], *lines[place + 1 :]]):
            continue
        text = code_of(value)
        if text in ("True", "False"):
            flags[target] = text == "True"
        if text in ("True", "False", "None", "[]", "{}") and read[target] == 1:
            unread.add(target)
    return flags, unread


def settled_if(line: cst.If, expression: _Expressing, suite: _Writing) -> list[_Statement]:
    """What is left of an `if` whose conditions and branches are written anew."""
    test = simplified(expression(line.test))
    if _is(test, "True"):
        return _above(line, statements(suite(line.body)))
    otherwise = _otherwise(line.orelse, expression, suite)
    if _is(test, "False"):
        return _above(line, otherwise)
    orelse: cst.If | cst.Else | None = None
    if len(otherwise) == 1 and isinstance(otherwise[0], cst.If) and isinstance(line.orelse, cst.If):
        orelse = otherwise[0]
    elif otherwise:
        orelse = cst.Else(body=cst.IndentedBlock(body=otherwise))
    body = suite(line.body)
    if isinstance(test, cst.Name) and orelse is None and not statements(body):
        return []
    return [line.with_changes(test=test, body=body, orelse=orelse)]


def _otherwise(
    node: cst.If | cst.Else | None, expression: _Expressing, suite: _Writing
) -> list[_Statement]:
    if isinstance(node, cst.If):
        return settled_if(node, expression, suite)
    return statements(suite(node.body)) if node is not None else []


def _above(line: cst.If, lines: Sequence[_Statement]) -> list[_Statement]:
    """The comments above an `if`, which speak of what is left of it."""
    if not lines:
        return []
    first = lines[0]
    above = [
        *line.leading_lines,
        *cast("Sequence[cst.EmptyLine]", getattr(first, "leading_lines", ())),
    ]
    return [first.with_changes(leading_lines=above), *lines[1:]]


def simplified(node: cst.BaseExpression) -> cst.BaseExpression:
    """A condition without the constants in it."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        inner = simplified(node.expression)
        known = _is(inner, "True") or _is(inner, "False")
        return constant(_is(inner, "False")) if known else node.with_changes(expression=inner)
    if not isinstance(node, cst.BooleanOperation):
        return node
    left, right = simplified(node.left), simplified(node.right)
    idle, deciding = ("True", "False") if isinstance(node.operator, cst.And) else ("False", "True")
    if _is(left, deciding) or _is(right, idle):
        return left
    if _is(left, idle):
        return right
    return node.with_changes(left=left, right=right)


def _is(node: cst.BaseExpression, text: str) -> bool:
    return isinstance(node, cst.Name) and node.value == text
