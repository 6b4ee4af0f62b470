"""The statuses that a handler answers with: one for its route, the others with their data."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from .body import Body
from .functions import Rewritten
from .operation import parse

_NONE = "None"


class Answers:
    """What the `return` statements of a handler give, by the expression that stands in each."""

    def __init__(self) -> None:
        self._statuses: dict[int, int] = {}
        self._kept: list[cst.BaseExpression] = []

    def note(self, data: str | None, status: int) -> cst.BaseExpression:
        """The expression of one answer; None for one without data."""
        node = parse(data if data is not None else _NONE)
        self._kept.append(node)  # so that no other expression gets its identity
        self._statuses[id(node)] = status
        return node

    def settle(self, rewritten: Rewritten, body: Body) -> tuple[int, bool]:
        """The route's status, and whether it is the only one; others go beside their data.

        Raises:
            RefusalError: nothing is answered on some way through the function.
        """
        found = _Found(self._statuses)
        for line in rewritten.lines:
            line.visit(found)
        if rewritten.falls_through or not found.statuses:
            body.refuse("B138", "the handler does not always answer", rewritten.source.node)
        good = [status for status in found.statuses if 200 <= status < 300]
        usual = (good or found.statuses)[-1]
        others = len(set(found.statuses)) > 1
        name = body.compat("responses", "Response") if others else ""
        written = _Written(self._statuses, usual, name)
        rewritten.lines = [line.visit(written) for line in rewritten.lines]  # type: ignore[misc]  # no statement is removed
        return usual, not others


class _Found(cst.CSTVisitor):
    """Collects the statuses in the order of the text."""

    def __init__(self, known: Mapping[int, int]) -> None:
        super().__init__()
        self.known, self.statuses = known, list[int]()

    def visit_Return(self, node: cst.Return) -> None:
        self.statuses.append(self.known[id(node.value)])


class _Written(cst.CSTTransformer):
    """Gives answers with another status than the usual one their own."""

    def __init__(self, known: Mapping[int, int], usual: int, name: str) -> None:
        super().__init__()
        self.known, self.usual, self.name = known, usual, name

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        assert original_node.value is not None
        status, data = self.known[id(original_node.value)], original_node.value
        empty = isinstance(data, cst.Name) and data.value == _NONE
        if status != self.usual:
            given = [] if empty else [cst.Arg(data)]
            named = cst.Arg(
                cst.Integer(str(status)),
                keyword=cst.Name("status"),
                equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
            )
            call = cst.Call(cst.Name(self.name), args=[*given, named])
            return updated_node.with_changes(value=call)
        if empty:
            space = cst.SimpleWhitespace("")
            return updated_node.with_changes(value=None, whitespace_after_return=space)
        return updated_node
