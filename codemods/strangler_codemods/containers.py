"""Lists, dictionaries and comprehensions: what they hold decides what is known of them."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import cast

import libcst as cst

from .annotations import widened
from .body import Body
from .lattice import describe, item_of, join
from .operation import Operation, Typed, string_value
from .plain_values import operate, plain, require_value
from .serializer_contexts import literal_context
from .surrounding_types import FunctionTable
from .token_types import WebToken
from .types import (
    Condition,
    Constant,
    EmptyList,
    Instance,
    ListOf,
    Plain,
    Query,
    Rows,
    TupleOf,
    Type,
)
from .view_contexts import MAKES
from .walking import has


def sequence(body: Body, node: cst.BaseExpression) -> Typed:
    """A list, tuple or set; one of rows knows their model."""
    elements = cast("list[cst.BaseElement]", getattr(node, "elements"))  # noqa: B009  # three classes
    typed = [body.expr(e.value) for e in elements]
    changed = [e.with_changes(value=t.node) for e, t in zip(elements, typed, strict=True)]
    new = node.with_changes(elements=changed)
    if isinstance(node, cst.List) and not typed:
        return Typed(new, EmptyList())
    if typed and all(isinstance(t.type, Condition) for t in typed) and isinstance(node, cst.List):
        return Typed(new, ListOf(_either_condition([t.type for t in typed])))
    model = _model_of_all(elements, typed)
    if model is not None and isinstance(node, cst.List):
        return Typed(new, Rows(model))
    if isinstance(node, cst.Tuple) and any(isinstance(t.type, Instance) for t in typed):
        return _tuple(body, new, typed)
    for element, value in zip(elements, typed, strict=True):
        require_value(body, value, element.value)
    starred = any(isinstance(e, cst.StarredElement) for e in elements)
    if typed and not starred and all(isinstance(t.type, Constant) for t in typed):
        values = tuple(t.type.value for t in typed if isinstance(t.type, Constant))
        return Typed(new, Constant(values))
    name = {cst.List: "list[Any]", cst.Tuple: "tuple[Any, ...]"}.get(type(node), "set[Any]")
    return Typed(new, Plain(name))


def _either_condition(kinds: Iterable[Type]) -> Type:
    """The type of conditions that are put in one list."""
    return functools.reduce(join, kinds)


def _tuple(body: Body, node: cst.BaseExpression, typed: list[Typed]) -> Typed:
    """A tuple of rows and plain values, each of which keeps its type."""
    kinds: list[Type] = []
    for value in typed:
        if not isinstance(value.type, Plain | Constant | Instance | Rows | WebToken):
            body.refuse("B102", f"`{value.code}`: {describe(value.type)} has no rule", node)
        constant = isinstance(value.type, Constant) and value.type.value is not None
        kinds.append(widened(value.type) if constant else value.type)
    return Typed(node, TupleOf(tuple(kinds)))


def _model_of_all(elements: list[cst.BaseElement], typed: list[Typed]) -> str | None:
    """The model whose rows a list holds, one by one or all of another list."""
    models: set[str | None] = set()
    for element, value in zip(elements, typed, strict=True):
        kind = value.type
        if isinstance(element, cst.StarredElement) and isinstance(kind, Rows):
            models.add(kind.model)
        elif not isinstance(element, cst.StarredElement) and isinstance(kind, Instance):
            models.add(None if kind.optional else kind.model)
        else:
            models.add(None)
    return models.pop() if len(models) == 1 else None


def dictionary(body: Body, node: cst.Dict) -> Typed:
    """A dictionary of plain values, or of functions by constant keys."""
    table = _functions(body, node)
    if table is not None:
        return Typed(node, table)
    holds = _may_hold_more(node) or MAKES in body.owner.attributes
    context = literal_context(body, node) if holds else None
    if context is not None:
        return Typed(*context)
    changed: list[cst.BaseDictElement] = []
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            key = plain(body, element.key)
            changed.append(element.with_changes(key=key, value=plain(body, element.value)))
        else:
            changed.append(element.with_changes(value=plain(body, element.value)))
    return Typed(node.with_changes(elements=changed), Plain("dict[str, Any]"))


def _may_hold_more(node: cst.Dict) -> bool:
    """Whether a value is a name or an attribute: the request, a row."""
    values = [e.value for e in node.elements if isinstance(e, cst.DictElement)]
    return any(isinstance(value, cst.Name | cst.Attribute) for value in values)


def _functions(body: Body, node: cst.Dict) -> FunctionTable | None:
    """The functions of the project that a dictionary holds, where it holds nothing else."""
    found: list[tuple[str, str]] = []
    for element in node.elements:
        key = string_value(element.key) if isinstance(element, cst.DictElement) else None
        name = element.value.value if isinstance(element.value, cst.Name) else None
        path = body.world.sources.resolve(body.module, name) if name is not None else None
        if key is None or name in body.env or path is None:
            return None
        if body.world.sources.function(path) is None:
            return None
        found.append((key, path))
    return FunctionTable(tuple(found)) if found else None


def comprehension(body: Body, node: cst.BaseExpression) -> Typed:
    """A list, set, dict or generator over a plain sequence; its variables live only inside."""
    before = dict(body.env)
    clause = _clause(body, cast("cst.CompFor", getattr(node, "for_in")))  # noqa: B009  # four classes
    if isinstance(node, cst.DictComp):
        key, value = plain(body, node.key), plain(body, node.value)
        changed: cst.BaseExpression = node.with_changes(key=key, value=value, for_in=clause)
    else:
        element = cast("cst.ListComp", node)
        inner = body.expr(element.elt)
        if isinstance(inner.type, Condition):
            body.env = before
            return Typed(element.with_changes(elt=inner.node, for_in=clause), ListOf(inner.type))
        listed = isinstance(node, cst.ListComp) and isinstance(inner.type, Instance)
        if listed and isinstance(inner.type, Instance) and not inner.type.optional:
            body.env = before
            rows = Rows(inner.type.model, inner.type.extras)
            return Typed(element.with_changes(elt=inner.node, for_in=clause), rows)
        require_value(body, inner, element.elt)
        changed = element.with_changes(elt=inner.node, for_in=clause)
        if isinstance(node, cst.GeneratorExp) and _waits(changed):
            changed = cst.ListComp(changed.elt, clause)  # it would be an asynchronous one
    body.env = before
    kinds = {cst.ListComp: "list[Any]", cst.SetComp: "set[Any]", cst.DictComp: "dict[Any, Any]"}
    return Typed(changed, Plain(kinds.get(type(node), "Any")))


def _waits(node: cst.BaseComp) -> bool:
    """Whether a generator would wait for something while it runs, past its first iterable."""
    first = node.for_in.with_changes(iter=cst.Name("_"))
    return has(node.with_changes(for_in=first), cst.Await)


def _clause(body: Body, clause: cst.CompFor) -> cst.CompFor:
    iterated = body.expr(clause.iter)
    if isinstance(iterated.type, Query):
        operation = Operation(clause.iter, body, "__iter__", iterated)
        iterated = operate(body, "method", Query, "__iter__", operation) or iterated
    whole = isinstance(clause.target, cst.Name)
    if not isinstance(iterated.type, Plain | Constant | Rows | ListOf) or (
        not whole and isinstance(iterated.type, Rows | ListOf)
    ):
        body.refuse("B204", f"looping over {describe(iterated.type)} has no rule", clause)
    targets = clause.target.elements if isinstance(clause.target, cst.Tuple) else None
    names = [e.value for e in targets] if targets is not None else [clause.target]
    for name in names:
        if not isinstance(name, cst.Name):
            body.refuse("B204", "this loop target has no rule", clause)
        body.env[name.value] = item_of(iterated.type) if whole else Plain()
    tests = [test.with_changes(test=plain(body, test.test)) for test in clause.ifs]
    inner = _clause(body, clause.inner_for_in) if clause.inner_for_in else None
    return clause.with_changes(iter=iterated.node, ifs=tests, inner_for_in=inner)


def is_empty(node: cst.BaseExpression) -> bool:
    """Whether an expression is `{}`."""
    return isinstance(node, cst.Dict) and not node.elements
