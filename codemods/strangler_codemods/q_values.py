"""Conditions in variables: `q = Q(); q |= Q(title=x); queryset.filter(q)`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst

from .body import Body
from .operation import Typed
from .reach import Reach
from .refusal import ControlError
from .types import Condition


class AgainError(ControlError):
    """The function must be written once more, since it is known now of what its variables are."""

    def __init__(self, hints: dict[str, str]) -> None:
        super().__init__("once more")
        self.hints = hints


@contextmanager
def within(body: Body, reach: Reach) -> Iterator[None]:
    """While a query inside another is written."""
    body.around.append(reach)
    try:
        yield
    finally:
        body.around.pop()


@contextmanager
def asking(body: Body, label: str) -> Iterator[None]:
    """While conditions on rows of a model are written."""
    before = body.asked
    body.asked = label
    try:
        yield
    finally:
        body.asked = before


def unknown(body: Body, names: frozenset[str], node: cst.BaseExpression, label: str = "") -> Typed:
    """A condition whose model is not known yet; it will be when the function is written again.

    Raises:
        AgainError: it is known now, which is `label`.
    """
    missing = {name: label for name in names if name not in body.hints}
    if label and missing:
        raise AgainError(missing)
    if label or not names:
        body.refuse("Q101", "it is not known on which rows this condition is", node)
    return Typed(cst.Name("None"), Condition("", names=names))


def settle(body: Body, typed: Typed, label: str, node: cst.CSTNode) -> Condition:
    """The condition of a variable, which is on rows of `label`.

    Raises:
        AgainError: that was not known when it was written.
    """
    kind = typed.type
    assert isinstance(kind, Condition)
    if not kind.model:
        unknown = [name for name in kind.names if name not in body.hints]
        if not unknown:
            body.refuse("Q101", "it is not known on which rows this condition is", node)
        raise AgainError(dict.fromkeys(unknown, label))
    if kind.model != label:
        body.refuse("Q101", f"a condition on {kind.model} is asked of {label}", node)
    return kind
