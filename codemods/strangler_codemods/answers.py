"""The statuses that a handler answers with: one for its route, the others with their data."""

from __future__ import annotations

from collections.abc import Container, Mapping

import libcst as cst

from .body import Body
from .functions import Rewritten
from .operation import parse

_NONE = "None"
#: What DRF raises where a handler returns nothing.
_NO_ANSWER = 'raise AssertionError("the handler gives no answer")'
#: DRF's class, by the places that it is imported from.
RESPONSES = frozenset({"rest_framework.response.Response", "rest_framework.views.Response"})


class Answers:
    """What the `return` statements of a handler give, by the expression that stands in each."""

    def __init__(self) -> None:
        self._statuses: dict[int, int] = {}
        self._kept: list[cst.BaseExpression] = []
        self._objects: set[int] = set()

    def note(self, data: str | None, status: int) -> cst.BaseExpression:
        """The expression of one answer; None for one without data."""
        node = parse(data if data is not None else _NONE)
        self._kept.append(node)  # so that no other expression gets its identity
        self._statuses[id(node)] = status
        return node

    def note_object(self, node: cst.BaseExpression, usual: int) -> cst.BaseExpression:
        """The expression of a response that has its status itself."""
        self._kept.append(node)
        self._objects.add(id(node))
        self._statuses[id(node)] = usual
        return node

    def settle(self, rewritten: Rewritten, body: Body) -> tuple[int, bool]:
        """The route's status, and whether it is the only one; others go beside their data.

        Raises:
            RefusalError: the function answers nothing at all.
        """
        found = _Found(self._statuses, self._objects)
        for line in rewritten.lines:
            line.visit(found)
        if rewritten.falls_through:
            if not found.statuses:
                body.refuse("B138", "the handler does not answer", rewritten.source.node)
            rewritten.lines.append(cst.parse_statement(_NO_ANSWER))
        if not found.statuses:
            return 200, True  # it always raises
        good = [s for told in (found.alone, found.statuses) for s in told if 200 <= s < 300]
        usual = (good or found.alone or found.statuses)[-1]
        others = any(status != usual for status in found.alone)
        name = body.compat("responses", "Response") if others else ""
        data = {key: s for key, s in self._statuses.items() if key not in self._objects}
        written = _Written(data, usual, name)
        rewritten.lines = [line.visit(written) for line in rewritten.lines]  # type: ignore[misc]  # no statement is removed
        return usual, not others


class _Found(cst.CSTVisitor):
    """Collects the statuses in the order of the text."""

    def __init__(self, known: Mapping[int, int], objects: Container[int]) -> None:
        super().__init__()
        self.known, self.objects = known, objects
        self.statuses = list[int]()
        self.alone = list[int]()  # those that stand for themselves, beside no object

    def visit_Return(self, node: cst.Return) -> None:
        status = self.known[id(node.value)]
        self.statuses.append(status)
        if id(node.value) not in self.objects:
            self.alone.append(status)


class _Written(cst.CSTTransformer):
    """Gives answers with another status than the usual one their own."""

    def __init__(self, known: Mapping[int, int], usual: int, name: str) -> None:
        super().__init__()
        self.known, self.usual, self.name = known, usual, name

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        assert original_node.value is not None
        status, data = self.known.get(id(original_node.value)), original_node.value
        if status is None:
            return updated_node
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
