"""The context that bodies make serializers with, and what serializers read of it."""

from __future__ import annotations

import re
from typing import Literal

import libcst as cst

from .body import Body
from .operation import Operation, Typed, code_of, parse, string_value
from .types import Constant, Given, Instance, OwnContext, Plain, Request, Rows, Type, View
from .world import World

_NEEDING = ("Hyperlinked", "FileField", "ImageField", "HiddenField", "FilePathField")
_ASKED = re.compile(r"\bself\s*\.\s*context\s*\.\s*get\(\s*['\"]request['\"]")
_READ = re.compile(r"\bcontext\b")
Use = Literal["no", "asks", "needs"]


def literal_context(body: Body, node: cst.Dict) -> tuple[cst.Dict, Given] | None:
    """A dictionary with constant keys of which a value is a request, a view or a row; None otherwise."""
    found = _fields(body, node)
    if found is None or not any(
        isinstance(t.type, Request | View | Instance | Rows) for _, t in found
    ):
        return None
    return _written(body, found)


def _fields(body: Body, node: cst.Dict) -> list[tuple[str, Typed]] | None:
    fields = []
    for element in node.elements:
        key = string_value(element.key) if isinstance(element, cst.DictElement) else None
        if key is None:
            return None
        fields.append((key, body.expr(element.value)))
    return fields


def _written(body: Body, found: list[tuple[str, Typed]]) -> tuple[cst.Dict, Given]:
    """The dictionary without the view, which nothing reads of it in the new app."""
    kept = [(key, typed) for key, typed in found if not isinstance(typed.type, View)]
    texts = [
        f"{key!r}: {body.request() if isinstance(t.type, Request) else t.code}" for key, t in kept
    ]
    node = parse(f"{{{', '.join(texts)}}}")
    assert isinstance(node, cst.Dict)
    return node, Given(tuple((key, _kept(t.type)) for key, t in kept))


def _kept(kind: Type) -> Type:
    return Plain() if isinstance(kind, Constant) else kind


def made_with(
    operation: Operation, node: cst.BaseExpression | None, name: str, *, own: bool
) -> tuple[str | None, tuple[tuple[str, Type], ...]]:
    """The text of the context that a serializer is made with, and the types of its values.

    own: whether the view's `get_serializer` makes it, which hands it everything.

    Raises:
        RefusalError: it is something else than a dictionary, or lacks what the serializer reads.
    """
    body = operation.body
    if node is None and own:
        return None, ()
    text = "{}"
    fields: tuple[tuple[str, Type], ...] = ()
    if node is not None:
        typed, fields = _context(operation, node)
        if isinstance(typed.type, OwnContext):
            return None, ()
        text = typed.code
    use = reads_context(body.world, name)
    told = dict(fields)
    if "request" not in told and use == "needs":
        operation.refuse("B135", "the serializer reads a request that it is not given")
    others = [key for key in told if key != "request"]
    if not others and (use == "no" or "request" in told):
        return None, fields
    return text, fields


def _context(
    operation: Operation, node: cst.BaseExpression
) -> tuple[Typed, tuple[tuple[str, Type], ...]]:
    body = operation.body
    if isinstance(node, cst.Dict):
        found = _fields(body, node)
        if found is None:
            operation.refuse("B135", "the context of this serializer has no rule")
        written, given = _written(body, found)
        return Typed(written, given), given.fields
    typed = body.expr(node)
    if isinstance(typed.type, OwnContext):
        return typed, ()
    if not isinstance(typed.type, Given):
        operation.refuse("B135", f"the context `{code_of(node)}` has no rule")
    return typed, typed.type.fields


def reads_context(world: World, name: str, seen: frozenset[str] = frozenset()) -> Use:
    """Whether a serializer reads its context: `asks` for the request, or cannot do without."""
    serializer = next((s for s in world.facts.serializers if s.name == name), None)
    if serializer is None or name in seen:
        return "no"
    uses: set[Use] = set()
    for item in serializer.fields:
        kind = (item.drf_cls or "").rpartition(".")[2]
        if kind.startswith(_NEEDING) or (item.cls != item.drf_cls and item.serializer is None):
            uses.add("needs" if kind.startswith(_NEEDING) else "asks")
        if item.serializer is not None:
            uses.add(reads_context(world, item.serializer, seen | {name}))
    for method, ref in serializer.methods.items():
        source = world.sources.function(ref.path)
        if source is None or method in ("create", "update", "save"):
            continue
        text = code_of(source.node)
        if _READ.search(text):
            rest = _ASKED.sub("", text)
            uses.add("needs" if _READ.search(rest) else "asks")
    return "needs" if "needs" in uses else "asks" if "asks" in uses else "no"
