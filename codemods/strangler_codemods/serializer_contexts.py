"""The context that bodies make serializers with, and what serializers read of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import libcst as cst

from strangler.facts import SerializerField

from .annotations import widened
from .body import Body
from .lattice import join
from .operation import Operation, Typed, code_of, parse, string_value
from .types import Constant, Context, Given, Instance, OwnContext, Plain, Request, Rows, Type, View
from .view_contexts import MAKES, own_context
from .world import World

# Without a request, a file is shown by an address without a host.
_ASKING = ("FileField", "ImageField")
# Reading of it right away is no question: that fails without one.
_ASKED = re.compile(
    r"\bself\s*\.\s*context\s*\.\s*get\(\s*['\"]request['\"]\s*(,\s*None\s*)?\)(?!\s*\.)"
)
_READ = re.compile(r"\.\s*_?context\b")
_VIEW = re.compile(r"context\s*(\[|\.\s*get\()\s*['\"]view['\"]")
_SAVING = ("create", "update", "save")
_CURRENT_USER = "CurrentUserDefault"
Use = Literal["no", "asks", "needs"]


def literal_context(body: Body, node: cst.Dict) -> tuple[cst.Dict, Given] | None:
    """A dictionary with constant keys of which a value is a request, a view or a row; None otherwise.

    Where contexts are made, any with constant keys, and what `super()` gives among them.
    """
    found = _fields(body, node)
    if found is None:
        return None
    if MAKES not in body.owner.attributes and not any(
        isinstance(t.type, Request | View | Instance | Rows) for _, t in found
    ):
        return None
    return _written(body, found)


def _fields(body: Body, node: cst.Dict) -> list[tuple[str, Typed]] | None:
    """Keys and values; another context that is unpacked has the key of two stars."""
    fields = []
    for element in node.elements:
        key = string_value(element.key) if isinstance(element, cst.DictElement) else None
        if isinstance(element, cst.StarredDictElement) and MAKES in body.owner.attributes:
            key = "**"
        if key is None:
            return None
        fields.append((key, body.expr(element.value)))
    unpacked = [typed.type for key, typed in fields if key == "**"]
    return fields if all(isinstance(kind, Given) for kind in unpacked) else None


def _written(body: Body, found: list[tuple[str, Typed]]) -> tuple[cst.Dict, Given]:
    """The dictionary without the view, which nothing reads of it in the new app."""
    texts, fields, maybe = [], dict[str, Type](), frozenset[str]()
    for key, typed in found:
        if isinstance(typed.type, Given) and key == "**":
            parts = typed.node.elements if isinstance(typed.node, cst.Dict) else ()
            inner = [code_of(each.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for each in parts]
            texts += inner or [f"**{typed.code}"]
            fields |= dict(typed.type.fields)
            maybe |= typed.type.maybe
            continue
        if not isinstance(typed.type, View):
            asked = isinstance(typed.type, Request)
            texts.append(f"{key!r}: {body.request() if asked else typed.code}")
        if not isinstance(typed.type, View) or MAKES in body.owner.attributes:
            fields[key], maybe = _kept(typed.type), maybe - {key}
    node = parse(f"{{{', '.join(texts)}}}")
    assert isinstance(node, cst.Dict)
    return node, Given(tuple(fields.items()), maybe)


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
    made = own_context(body, operation.node) if own and node is None else None
    if node is None and own and made is None:
        return None, ()
    text, maybe = "{}", frozenset[str]()
    fields: tuple[tuple[str, Type], ...] = ()
    if made is not None and isinstance(made.type, Given):
        text, fields, maybe = made.code, made.type.fields, made.type.maybe
    elif node is not None:
        typed, fields = _context(operation, node)
        if isinstance(typed.type, OwnContext):
            return None, ()
        text = typed.code
    tells = "view" in dict(fields) or _tells_view(body, node)
    if not tells and reads_view(body.world, name):
        operation.refuse("B135", "the serializer reads a view that it is not given")
    fields = tuple((key, kind) for key, kind in fields if not isinstance(kind, View))
    _require_agreeing(operation, fields)
    use = reads_context(body.world, name)
    told = dict(fields)
    if "request" not in told and use == "needs":
        operation.refuse("B135", "the serializer reads a request that it is not given")
    others = [key for key in told if key != "request"]
    # what is there on one path only no saver knows; others ask for it
    fields = tuple((key, kind) for key, kind in fields if key not in maybe)
    hidden = made is None and node is not None and _shows_links(body.world, name)
    if not others and not hidden and (use == "no" or "request" in told):
        return None, fields
    return text, fields


def _require_agreeing(operation: Operation, fields: tuple[tuple[str, Type], ...]) -> None:
    """Refuse values of other types than views put under the same keys."""
    told = operation.body.world.told_by_views
    known = told() if told is not None else {}
    for key, kind in fields:
        if key in known and join(known[key], widened(kind)) != known[key]:
            operation.refuse("B135", f"`{key}` of this context is something else elsewhere")


def _tells_view(body: Body, node: cst.BaseExpression | None) -> bool:
    """Whether a context holds the view."""
    if not isinstance(node, cst.Dict):
        return node is not None and isinstance(body.expr(node).type, OwnContext | Context)
    return any(isinstance(typed.type, View) for _, typed in _fields(body, node) or ())


def reads_view(world: World, name: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a serializer, or one inside it, reads the view of its context."""
    serializer = next((s for s in world.facts.serializers if s.name == name), None)
    if serializer is None or name in seen:
        return False
    found = [world.sources.class_node(path) for path in world.class_and_bases(name)]
    if any(_VIEW.search(code_of(node[0])) for node in found if node is not None):
        return True
    inner = [item.serializer for item in serializer.fields if item.serializer is not None]
    return any(reads_view(world, each, seen | {name}) for each in inner)


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
    if isinstance(typed.type, Context):  # of a serializer that shows rows by another
        return replace(typed, type=OwnContext()), ()
    if isinstance(typed.type, OwnContext):
        return typed, ()
    if not isinstance(typed.type, Given):
        operation.refuse("B135", f"the context `{code_of(node)}` has no rule")
    if typed.type.maybe:
        operation.refuse("B135", f"the context `{code_of(node)}` holds more on another path")
    return typed, typed.type.fields


def reads_context(world: World, name: str, seen: frozenset[str] = frozenset()) -> Use:
    """Whether a serializer reads its context: `asks` for the request, or cannot do without."""
    serializer = next((s for s in world.facts.serializers if s.name == name), None)
    if serializer is None or name in seen:
        return "no"
    uses = {_of_field(world, item, seen | {name}) for item in serializer.fields}
    for path in world.class_and_bases(name):
        found = world.sources.class_node(path)
        for line in found[0].body.body if found is not None else ():
            if not (isinstance(line, cst.FunctionDef) and line.name.value in _SAVING):
                uses.add(_of_code(code_of(line)))
    return _most(uses)


def _shows_links(world: World, name: str) -> bool:
    """Whether what a serializer shows depends on the format behind the path of a request."""
    if not any(endpoint.suffix_variants for endpoint in world.facts.endpoints):
        return False
    return any(_kind(item).startswith("Hyperlinked") for item in _fields_within(world, name))


def _fields_within(
    world: World, name: str, seen: frozenset[str] = frozenset()
) -> Iterator[SerializerField]:
    """Every field of a serializer, those of lists and of serializers inside it among them."""
    serializer = next((s for s in world.facts.serializers if s.name == name), None)
    if serializer is None or name in seen:
        return
    waiting = list(serializer.fields)
    while waiting:
        item = waiting.pop()
        yield item
        waiting += [*item.nested_fields, *([item.child] if item.child is not None else [])]
        if item.serializer is not None:
            yield from _fields_within(world, item.serializer, seen | {name})


def _kind(item: SerializerField) -> str:
    return (item.drf_cls or item.cls).rpartition(".")[2]


def _of_code(text: str) -> Use:
    """What code reads of the context, wherever it stands in the class."""
    if not _READ.search(text):
        return "no"
    return "needs" if _READ.search(_ASKED.sub("", text)) else "asks"


def _of_field(world: World, item: SerializerField, seen: frozenset[str]) -> Use:
    kind = _kind(item)
    by_default = item.default is not None and (item.default.path or "").endswith(_CURRENT_USER)
    if kind.startswith("Hyperlinked") or by_default:
        return "needs"
    if kind in _ASKING:
        return "asks"
    if item.serializer is not None:
        return reads_context(world, item.serializer, seen)
    uses = {_of_field(world, each, seen) for each in item.nested_fields}
    if item.child is not None:
        uses.add(_of_field(world, item.child, seen))
    source = world.sources.class_node(item.cls) if item.cls != item.drf_cls else None
    uses.add(_of_code(code_of(source[0])) if source is not None else "no")
    return _most(uses)


def _most(uses: set[Use]) -> Use:
    return "needs" if "needs" in uses else "asks" if "asks" in uses else "no"
