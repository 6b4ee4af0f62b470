"""`validate_<field>` of a nested serializer: it looks at what was validated, and leaves it as it is."""

from __future__ import annotations

import libcst as cst

from strangler.facts import SerializerField

from .body import Body
from .class_bodies import bound_names
from .functions import Rewritten, is_docstring
from .operation import Typed
from .refusal import RefusalError
from .sources import FunctionSource
from .walking import walk

GIVEN = "given"
# What changes a list or a dictionary in place.
_CHANGING = frozenset(
    [
        *("append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse"),
        *("setdefault", "sort", "update", "__setitem__", "__delitem__"),
    ]
)


def require_looking(source: FunctionSource, item: SerializerField) -> None:
    """Refuse a hook that may change what it is given, or be given None.

    Raises:
        RefusalError: it may.
    """
    name = source.node.name.value
    params = [param.name.value for param in source.node.params.params]
    changes = any(
        isinstance(node, cst.Del | cst.AugAssign | cst.Lambda)
        or (isinstance(node, cst.AssignTarget) and isinstance(node.target, cst.Subscript))
        or (isinstance(node, cst.Attribute) and node.attr.value in _CHANGING)
        for node in walk(source.node.body)
    )
    body = source.node.body
    bound = bound_names(list(body.body)) if isinstance(body, cst.IndentedBlock) else {params[-1]}
    if changes or {params[-1], GIVEN} & bound or GIVEN in params or item.allow_null:
        text = f"`{name}` of a nested serializer may change it, which has no rule"
        raise RefusalError("S110", text, source.source)


def finish_given(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression | None:
    """`return items`: what was given, whose form the schema knows."""
    if value is None or value.code != body.owner.attributes.get("given"):
        body.refuse("S110", "something else than what was given has no rule here", node)
    return cst.Name(GIVEN)


def with_dictionaries(rewritten: Rewritten, name: str, *, many: bool) -> Rewritten:
    """The hook with validated schemas as the dictionaries that it reads."""
    shown = f"[one.attrs() for one in {GIVEN}]" if many else f"{GIVEN}.attrs()"
    lines = [cst.parse_statement(f"{GIVEN} = {name}"), cst.parse_statement(f"{name} = {shown}")]
    place = 1 if rewritten.lines and is_docstring(rewritten.lines[0]) else 0
    rewritten.lines[place:place] = lines
    return rewritten
