"""Lookups over relations that lead nowhere for some rows: there, None asks for these rows, too."""

from __future__ import annotations

import libcst as cst

from .body import Body
from .operation import code_of
from .steps import ManyStep, Walk
from .types import Instance, Plain

# Expressions whose value is never None, whatever their operands are.
_NEVER_NONE = (
    cst.BinaryOperation,
    cst.Comparison,
    cst.FormattedString,
    cst.UnaryOperation,
    cst.Tuple,
    cst.List,
    cst.Dict,
)
_CONVERSIONS = frozenset({"int", "str", "float", "len", "bool"})


def may_lead_nowhere(path: Walk, place: int, *, optional: bool) -> bool:
    """Whether a row may have no row at the end of the to-one steps from `place` on.

    optional: whether the row at `place` may be missing itself.
    """
    steps = [step for _, step in path.steps[place:]]
    return optional or any(isinstance(s, ManyStep) or s.nullable or s.reverse for s in steps)


def asks_for_none(body: Body, path: Walk, node: cst.BaseExpression) -> bool:
    """Whether a lookup is one that takes None, and its value may be None when the code runs."""
    if path.rest not in ((), ("exact",), ("iexact",)) or is_document(path):
        return False
    return _may_be_none(body, node)


def is_document(path: Walk) -> bool:
    """Whether a lookup ends at JSON, which has a null of its own."""
    return path.column is not None and path.column.internal_type == "JSONField"


def _may_be_none(body: Body, node: cst.BaseExpression) -> bool:
    if isinstance(node, (cst.SimpleString, cst.BaseNumber, *_NEVER_NONE)):
        return False
    if isinstance(node, cst.Call) and _is_made_by_library(body, node):
        return False
    typed = body.expr(node)
    kind = typed.type
    if isinstance(kind, Instance):
        return kind.optional and not kind.user
    if not isinstance(kind, Plain):
        return False
    if kind.name in ("", "Any") or "None" in kind.name:
        return True
    if isinstance(typed.node, cst.Name):
        parameter = body.parameters.get(typed.node.value)
        known = parameter is not None and "None" not in parameter.annotation
        return not known and typed.code not in body.narrowed
    if isinstance(node, cst.Attribute):
        return _of_row(body, node) and typed.code not in body.narrowed
    return not isinstance(typed.node, _NEVER_NONE)


def _is_made_by_library(body: Body, node: cst.Call) -> bool:
    """`int(...)`, and expressions of Django's, which the database works out."""
    text = code_of(node.func)
    if text.partition(".")[0] in body.env:
        return False
    path = body.world.sources.resolve(body.module, text) or text
    return path in _CONVERSIONS or path.startswith("django.db.models")


def _of_row(body: Body, node: cst.Attribute) -> bool:
    """Whether an attribute may be None: whether the column of a row is nullable, for those known."""
    owner = body.expr(node.value).type
    if not isinstance(owner, Instance):
        return True
    found = body.world.field_named(owner.model, node.attr.value)
    return found is None or found[1].null
