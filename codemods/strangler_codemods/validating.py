"""Handlers that ask `is_valid()` and answer with the errors do what raising does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import libcst as cst

from .operation import code_of

_BAD_REQUEST = frozenset({"400", "status.HTTP_400_BAD_REQUEST", "HTTP_400_BAD_REQUEST"})


def raising(node: cst.FunctionDef) -> cst.FunctionDef:
    """The function with `is_valid(raise_exception=True)` in place of the two usual forms.

    `if not s.is_valid(): return Response(s.errors, status=400)`, and `if s.is_valid(): …` whose
    other way is that `return`. Everything else stays as it is.
    """
    body = node.body
    if not isinstance(body, cst.IndentedBlock):
        return node
    return node.with_changes(body=body.with_changes(body=_block(list(body.body))))


def _block(lines: list[cst.BaseStatement]) -> list[cst.BaseStatement]:
    found: list[cst.BaseStatement] = []
    for position, line in enumerate(lines):
        if not isinstance(line, cst.If):
            found.append(line)
            continue
        rest = lines[position + 1 :]
        if (name := _asked(line.test, negated=True)) and _answers(_lines(line.body), name):
            otherwise = _lines(line.orelse.body) if isinstance(line.orelse, cst.Else) else []
            if not isinstance(line.orelse, cst.If):
                return [*found, _raise(name, line), *_block([*otherwise, *rest])]
        if (name := _asked(line.test, negated=False)) and _ends(_lines(line.body)):
            otherwise = _lines(line.orelse.body) if isinstance(line.orelse, cst.Else) else rest
            if not isinstance(line.orelse, cst.If) and _answers(otherwise, name):
                return [*found, _raise(name, line), *_block(_lines(line.body))]
        found.append(line)
    return found


def _asked(test: cst.BaseExpression, *, negated: bool) -> str | None:
    """The serializer's name in `s.is_valid()`, or in `not s.is_valid()`."""
    if negated:
        if not isinstance(test, cst.UnaryOperation) or not isinstance(test.operator, cst.Not):
            return None
        test = test.expression
    if not isinstance(test, cst.Call) or test.args:
        return None
    name, _, method = code_of(test.func).rpartition(".")
    return name if method == "is_valid" and name.isidentifier() else None


def _answers(lines: Sequence[cst.BaseStatement], name: str) -> bool:
    """Whether the lines only return the serializer's errors with status 400."""
    if len(lines) != 1 or not isinstance(lines[0], cst.SimpleStatementLine):
        return False
    small = lines[0].body[0]
    call = small.value if isinstance(small, cst.Return) else None
    if len(lines[0].body) != 1 or not isinstance(call, cst.Call) or len(call.args) != 2:
        return False
    data, status = call.args
    return (
        code_of(call.func) == "Response"
        and data.keyword is None
        and code_of(data.value) == f"{name}.errors"
        and (status.keyword is None or status.keyword.value == "status")
        and code_of(status.value) in _BAD_REQUEST
    )


def _ends(lines: Sequence[cst.BaseStatement]) -> bool:
    last = lines[-1] if lines else None
    return isinstance(last, cst.SimpleStatementLine) and isinstance(
        last.body[-1], cst.Return | cst.Raise
    )


def _lines(block: cst.BaseSuite) -> list[cst.BaseStatement]:
    if isinstance(block, cst.IndentedBlock):
        return list(block.body)
    small = cast("cst.SimpleStatementSuite", block).body
    return [cst.SimpleStatementLine(list(small))]


def _raise(name: str, line: cst.If) -> cst.BaseStatement:
    call = cst.parse_expression(f"{name}.is_valid(raise_exception=True)")
    return cst.SimpleStatementLine([cst.Expr(call)], leading_lines=line.leading_lines)
