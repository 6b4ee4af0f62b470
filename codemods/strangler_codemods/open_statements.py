"""Statements of drafts: what has no rule stays as it is, behind a comment that says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from .class_bodies import bound_names
from .operation import code_of
from .overrides import OPEN
from .refusal import Reason, RefusalError
from .types import Unknown

if TYPE_CHECKING:
    from .statements import Block

#: What is said of a value that an open operation gives.
OPEN_VALUE = "something that is open"


def drafted(block: Block, statement: cst.BaseStatement) -> tuple[list[cst.BaseStatement], bool]:
    """A statement of a draft: what has no rule stays as it is, behind a comment."""
    body = block.body
    around, own = body.opened, list[Reason]()
    assert around is not None
    body.opened = own
    try:
        lines, ended = block.statement(statement)
    except RefusalError as refusal:
        if not own:
            own.append(refusal.reason(f"{body.module.path}:{body.module.line_of(statement)}"))
        for name in bound_names([statement]):
            body.env[name] = Unknown(OPEN_VALUE)
        lines, ended = [], False
    finally:
        body.opened = around
    around.extend(own)
    if not own:
        return lines, ended
    return marked(lines or [_with_blocks(block, statement)], own), ended


def _with_blocks(block: Block, node: cst.BaseStatement) -> cst.BaseStatement:
    """A statement whose head stays as it is, with what stands in its blocks."""
    if not isinstance(node, cst.If | cst.For | cst.While | cst.With):
        return node
    changed = node.with_changes(body=block.suite(node.body)[0])
    other = getattr(node, "orelse", None)
    if isinstance(other, cst.If):
        changed = changed.with_changes(orelse=_with_blocks(block, other))
    elif isinstance(other, cst.Else):
        rest = other.with_changes(body=block.suite(other.body)[0])
        changed = changed.with_changes(orelse=rest)
    return changed


def marked(lines: Sequence[cst.BaseStatement], opened: list[Reason]) -> list[cst.BaseStatement]:
    """Statements behind comments that say what is open in the first of them.

    What is said inside them is not said once more.
    """
    inside = "".join(map(code_of, lines))
    texts = dict.fromkeys(f"{OPEN}{r.code} {r.source}: {_one_line(r.message)}" for r in opened)
    comments = [cst.EmptyLine(comment=cst.Comment(text)) for text in texts if text not in inside]
    first = lines[0]
    leading = getattr(first, "leading_lines", ())
    return [first.with_changes(leading_lines=[*leading, *comments]), *lines[1:]]


def _one_line(text: str) -> str:
    return " ".join(text.split())
