"""What is known of statements, and of values that are written where they are used."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

import libcst as cst

from .answer_types import FilterSetMade, PageData, PageOf, PaginatorMade, SuccessHeaders
from .body import Body
from .operation import parse
from .surrounding_types import (
    FunctionTable,
    Outgoing,
    ParserContext,
    RendererView,
    ServiceObject,
    SessionEngine,
)
from .types import (
    Incoming,
    Kwargs,
    Manager,
    ModelClass,
    OwnContext,
    Plain,
    QueryParams,
    Request,
    SerializerClass,
    Shown,
    Symbol,
    Type,
    Unknown,
    View,
    VisitorSession,
)
from .walking import has

Statement = cst.BaseStatement


def stored(node: cst.BaseExpression, value: cst.BaseExpression) -> cst.BaseSmallStatement:
    """What an assignment becomes: a call, `target := another value`, or a target of the same value."""
    if isinstance(node, cst.Call | cst.Await):
        return cst.Expr(node)
    if isinstance(node, cst.NamedExpr):
        value, node = node.value, node.target
    target = cst.AssignTarget(cast("cst.Attribute | cst.Subscript", node))
    return cst.Assign(targets=[target], value=value)


def context_first(body: Body, name: str, kind: Type) -> cst.Assign | None:
    """The context of a serializer in a variable, where it asks the database: once, when that is made."""
    if not isinstance(kind, Incoming) or kind.given is None or "await " not in kind.given:
        return None
    number, chosen = 1, "context"
    while chosen in body.assigned or chosen in body.bound:
        number += 1
        chosen = f"context_{number}"
    body.env[name] = replace(kind, given=body.local(chosen))
    target = cst.AssignTarget(cst.Name(chosen))
    return cst.Assign(targets=[target], value=parse(kind.given))


#: What `del` may take something out of.
WITH_ITEMS = (Plain, VisitorSession, Outgoing)
# What is written where it is used, not where it gets its name.
LATER = (
    *(Shown, Incoming, SuccessHeaders, FunctionTable, OwnContext, PageOf, PageData, SessionEngine),
    *(FilterSetMade, PaginatorMade, RendererView, ServiceObject),
    *(Request, View, Kwargs, QueryParams, ParserContext, ModelClass, Manager),
    *(SerializerClass, Symbol),
)


def rename_saved(body: Body, name: str) -> None:
    """What a serializer saved has another name than the one that was meant for it."""
    for key, kind in body.env.items():
        if isinstance(kind, Incoming) and kind.saved is not None and kind.saved == body.saved_as:
            body.env[key] = replace(kind, saved=name)
    body.saved_as = name


def forget(body: Body, name: str) -> None:
    """What was to be written later with a variable cannot be once that has another value."""
    body.queries.bound(name)
    for key, kind in body.env.items():
        used = f"{kind.rows} {kind.given}" if isinstance(kind, Shown) else ""
        used = kind.text if isinstance(kind, PageOf | PageData | FilterSetMade) else used
        if isinstance(kind, ServiceObject):
            used = " ".join(one.text for one in kind.fields)
        if isinstance(kind, Incoming):
            used = f"{kind.instance} {kind.data} {kind.given}"
        if re.search(rf"\b{re.escape(body.renames.get(name, name))}\b", used):
            body.env[key] = Unknown(f"`{name}` was set after it was made")


def unpacked(body: Body, target: cst.Tuple) -> cst.AssignTarget:
    """What a tuple is unpacked into, as the new function spells it."""
    return cst.AssignTarget(cast("cst.Tuple", local_target(body, target)))


def local_target(
    body: Body, target: cst.BaseAssignTargetExpression
) -> cst.BaseAssignTargetExpression:
    """A name, or a tuple of names, as the new function spells them."""
    if isinstance(target, cst.Name):
        return target.with_changes(value=body.local(target.value))
    if isinstance(target, cst.Tuple):
        elements = [
            e.with_changes(value=local_target(body, cast("cst.Name", e.value)))
            for e in target.elements
        ]
        return target.with_changes(elements=elements)
    return target


def acts(line: Statement) -> bool:
    """Whether a statement may do more than give a name to what is there."""
    smalls = line.body if isinstance(line, cst.SimpleStatementLine) else [line]
    return any(
        isinstance(small, cst.Raise | cst.Return | cst.BaseCompoundStatement)
        or has(small, cst.Call, cst.Await)
        for small in smalls
    )


def statements(block: cst.BaseSuite) -> list[Statement]:
    if isinstance(block, cst.IndentedBlock):
        return list(block.body)
    return [cst.SimpleStatementLine(list(cast("cst.SimpleStatementSuite", block).body))]


def as_else(lines: list[Statement], original: cst.If) -> cst.If | cst.Else | None:
    if not lines:
        return None
    if len(lines) == 1 and isinstance(lines[0], cst.If):
        return lines[0]
    return cst.Else(body=cst.IndentedBlock(body=lines), leading_lines=original.leading_lines)
