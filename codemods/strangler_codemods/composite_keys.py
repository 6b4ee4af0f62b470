"""Keys of several columns (`CompositePrimaryKey`): what names them is written column by column."""

from __future__ import annotations

import libcst as cst

from .body import Body
from .operands import operand
from .operation import Operation, Typed, code_of
from .steps import walk
from .types import Constant, Instance
from .world import World

# One lookup as name and value; all of a list hold, of the lists one.
Lookups = list[tuple[str, cst.BaseExpression]]


def key_text(operation: Operation, row: Typed) -> str:
    """`(row.tenant_id, row.id)`, the key of a row of a model that has such a key."""
    kind = row.type
    assert isinstance(kind, Instance)
    code = code_of(operand(row))
    if kind.optional or not is_path(row.node):
        operation.refuse("M113", f"the key of `{code}` has several columns, and no rule here")
    keys = operation.body.world.primary_keys(kind.model)
    return f"({', '.join(f'{code}.{key}' for key in keys)})"


def key_parts(world: World, label: str, name: str) -> list[str] | None:
    """The columns that `author__pk` stands for, as names; None where the key is one column."""
    *before, last = name.split("__")
    if last != "pk":
        return None
    found = walk(world, label, before) if before else None
    if before and (found is None or found.column is not None or found.rest):
        return None
    fields = world.key_fields(found.label if found is not None else label)
    return ["__".join([*before, one.attname]) for one in fields] or None


def key_lookups(
    body: Body, label: str, name: str, node: cst.BaseExpression
) -> list[Lookups] | None:
    """What `pk=(1, 2)` or `pk__in=[(1, 2), (3, 4)]` asks of each column; None for any other.

    Raises:
        RefusalError: the value is not written as a tuple.
    """
    bare = name.removesuffix("__exact").removesuffix("__in")
    columns = key_parts(body.world, label, bare)
    if columns is None:
        return None
    if not name.endswith("__in"):
        return [_pairs(body, columns, node)]
    if not isinstance(node, cst.List | cst.Tuple | cst.Set) or not node.elements:
        body.refuse("M113", f"`{name}` with a list that is not written out has no rule", node)
    return [_pairs(body, columns, one.value) for one in node.elements]


def _pairs(body: Body, columns: list[str], node: cst.BaseExpression) -> Lookups:
    parts = _parts(body, node)
    if parts is None or len(parts) != len(columns):
        text = f"a key of {len(columns)} columns is compared with `{code_of(node)}`"
        body.refuse("M113", text, node)
    for part in parts:
        kind = body.expr(part).type
        if isinstance(kind, Instance) or (isinstance(kind, Constant) and kind.value is None):
            body.refuse("M113", f"`{code_of(part)}` is no value of a column of a key", part)
    return list(zip(columns, parts, strict=True))


def _parts(body: Body, node: cst.BaseExpression) -> list[cst.BaseExpression] | None:
    """The values of a tuple that is written out, or of `row.pk`."""
    if isinstance(node, cst.Tuple | cst.List):
        starred = any(isinstance(one, cst.StarredElement) for one in node.elements)
        return None if starred else [one.value for one in node.elements]
    if not isinstance(node, cst.Attribute) or node.attr.value != "pk" or not is_path(node):
        return None
    row = body.row_type(node.value)
    fields = body.world.key_fields(row.model) if row is not None and not row.optional else ()
    return [node.with_changes(attr=cst.Name(one.attname)) for one in fields] or None


def is_path(node: cst.BaseExpression) -> bool:
    """Whether an expression is made of names alone, so that it may be read twice."""
    return code_of(node).replace(".", "").isidentifier()
