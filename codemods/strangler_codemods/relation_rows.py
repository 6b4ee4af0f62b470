"""The rows that a relation of a request may name, where its queryset is one of its own."""

from __future__ import annotations

import libcst as cst

from strangler.facts import Serializer, SerializerField

from .body import Body, Import, Owner
from .class_bodies import class_value, require_lasting, require_outer_names
from .default_order import ordered
from .modules import Tree
from .names import snake
from .operation import Typed, code_of
from .refusal import RefusalError
from .sources import Module
from .types import Manager, Query
from .world import World


def relation_rows(
    world: World, tree: Tree, serializer: Serializer, item: SerializerField, place: str
) -> Import:
    """Write the `queryset=` of a declared field as a function of `queries.py`.

    Raises:
        RefusalError: the field or its queryset cannot be read off the class body.
    """
    label = item.queryset.model if item.queryset is not None else ""
    found = _declared(world, serializer, item)
    if found is None or label not in world.models:
        raise RefusalError("S115", f"the queryset of `{item.name}` has no rule", place)
    node, owner, module = found
    body = Body(world, module, Owner("serializer", serializer.name))
    require_outer_names(body, owner, node)
    require_lasting(body, node)
    typed = _query(body, node)
    if not isinstance(typed.type, Query) or typed.type.model != label or body.parameters:
        body.refuse("S115", f"the queryset of `{item.name}` has no rule", node)
    if typed.type.sliced or typed.type.joins:
        body.refuse("S115", f"the queryset of `{item.name}` has no rule", node)
    body.use("sqlalchemy", "Select")
    shown = body.model(label)
    stem = snake(serializer.name.rpartition(".")[2].removesuffix("Serializer")) or "serializer"
    new = tree.module(f"app.{label.partition('.')[0]}.queries", "Statements of this app.")
    wanted = f"{stem}_{snake(item.name)}_choices"
    text = f"def {wanted}() -> Select[{shown}]:\n    return {typed.code}\n"
    name = new.free_name(wanted, text)
    order = (5, module.path, module.line_of(node))
    new.add(name, text.replace(wanted, name), body.imports, order)
    return new.name, name


def _declared(
    world: World, serializer: Serializer, item: SerializerField
) -> tuple[cst.BaseExpression, cst.ClassDef, Module] | None:
    """The `queryset` argument of the field where the serializer's classes declare it."""
    for ref in serializer.lineage:
        found = world.sources.class_node(ref.path) if ref.package is None else None
        bound = class_value(found[0], item.name, found[1]) if found is not None else None
        if found is None or bound is None:
            continue
        call = bound[0]
        for argument in call.args if isinstance(call, cst.Call) else ():
            if argument.keyword is not None and argument.keyword.value == "queryset":
                return argument.value, found[0], found[1]
        return None
    return None


def _query(body: Body, node: cst.BaseExpression) -> Typed:
    typed = body.expr(node)
    if isinstance(typed.type, Manager):
        if body.world.manager_base is None:
            body.refuse("S115", f"`{code_of(node)}` has no rule", node)
        typed = body.world.manager_base(body, typed.type.model, typed.type.name)
    return ordered(body, typed)
