"""The rows that a relation of a request may name, where its queryset is one of its own."""

from __future__ import annotations

import libcst as cst

from strangler.facts import ModelField, Serializer, SerializerField

from .body import Body, Import, Owner
from .class_bodies import class_value, require_lasting, require_outer_names
from .default_order import ordered
from .functions import Rewritten, finish_query, place_function, rewrite_function
from .modules import Tree
from .names import snake
from .operation import Typed, code_of, string_value
from .refusal import RefusalError
from .row_limits import limit_of
from .sources import FunctionSource, Module
from .types import ClassSelf, Context, Manager, Query, SerializerSelf, Type
from .world import World

#: What stands for the rows to choose from, while they are.
_ROWS = "rows_to_choose_from"
_EQUAL = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


def relation_rows(
    world: World, tree: Tree, serializer: Serializer, item: SerializerField, place: str
) -> Import:
    """Write the rows that a field takes as a function of `queries.py`.

    They are what its class says in `get_queryset`, or the `queryset=` that it was declared with.

    Raises:
        RefusalError: they have no rule, or cannot be read off the class body.
    """
    label = item.queryset.model if item.queryset is not None else ""
    if label not in world.models:
        raise RefusalError("S115", f"the queryset of `{item.name}` has no rule", place)
    stem = snake(serializer.name.rpartition(".")[2].removesuffix("Serializer")) or "serializer"
    limit = limit_of(world, serializer, item.name)
    if limit is not None:
        rewritten = _limited(world, serializer, item, limit, place)
        return _emit(tree, rewritten, label, f"{stem}_{snake(item.name)}_choices")
    if item.rows is not None:
        rewritten = _method(world, serializer, item, place)
        return _emit(tree, rewritten, label, f"{stem}_{snake(item.name)}_choices")
    typed, body, node = _statement(world, serializer, item, place)
    if body.parameters:
        body.refuse("S115", f"the queryset of `{item.name}` has no rule", node)
    body.use("sqlalchemy", "Select")
    shown = body.model(label)
    new = tree.module(f"app.{label.partition('.')[0]}.queries", "Statements of this app.")
    for constant, definition in body.definitions.items():
        new.add(constant, definition, (), (1, body.module.path, 0))
    wanted = f"{stem}_{snake(item.name)}_choices"
    text = f"def {wanted}() -> Select[{shown}]:\n    return {typed.code}\n"
    name = new.free_name(wanted, text)
    order = (5, body.module.path, body.module.line_of(node))
    new.add(name, text.replace(wanted, name), body.imports, order)
    return new.name, name


def _statement(
    world: World, serializer: Serializer, item: SerializerField, place: str
) -> tuple[Typed, Body, cst.BaseExpression]:
    """The `queryset=` of a field, written where the serializer's class body stands."""
    found = _declared(world, serializer, item)
    if found is None and not item.declared and world.manager_base is not None:
        return _every_row(world, serializer, item)
    if found is None:
        raise RefusalError("S115", f"the queryset of `{item.name}` has no rule", place)
    node, owner, module = found
    body = Body(world, module, Owner("serializer", serializer.name))
    require_outer_names(body, owner, node)
    require_lasting(body, node)
    typed = _query(body, node)
    _require_rows(body, item, typed, node)
    return typed, body, node


def _every_row(
    world: World, serializer: Serializer, item: SerializerField
) -> tuple[Typed, Body, cst.BaseExpression]:
    """The rows of the default manager, which fields that DRF makes from a model take."""
    label = item.queryset.model if item.queryset is not None else ""
    manager = next((m for m in world.models[label].managers if m.default), None)
    module = world.sources.class_node(serializer.name)
    source = next((f.source for f in serializer.fields if f.name == item.name), "")
    column = world.field_named(serializer.model or "", source)
    relation = column[1].relation if column is not None else None
    limited = relation is not None and relation.limit_choices_to
    every = item.queryset is not None and item.queryset.plain
    every = every or item.rows is not None or limit_of(world, serializer, item.name) is not None
    known = module is not None and (every or limited)
    if manager is None or module is None or world.manager_base is None or not known:
        raise RefusalError("S115", f"the queryset of `{item.name}` has no rule", item.line or "")
    if limited and column is not None:
        return _chosen_rows(world, serializer, item, column[1], Manager(label, manager.name))
    body = Body(world, module[1], Owner("serializer", serializer.name))
    typed = world.manager_base(body, label, manager.name)
    return ordered(body, typed), body, typed.node


def _chosen_rows(
    world: World, serializer: Serializer, item: SerializerField, column: ModelField, rows: Manager
) -> tuple[Typed, Body, cst.BaseExpression]:
    """The rows of a manager that the column's `limit_choices_to` leaves: a dictionary, or `Q`."""
    found = world.sources.class_node(column.declared_in or "")
    bound = class_value(found[0], column.name, found[1]) if found is not None else None
    given = bound[0].args if bound is not None and isinstance(bound[0], cst.Call) else ()
    named = {a.keyword.value: a.value for a in given if a.keyword is not None}
    conditions = named.get("limit_choices_to")
    if found is None or conditions is None:
        text = f"`limit_choices_to` of `{item.name}` was not found"
        raise RefusalError("S115", text, column.source or item.line or "")
    body = Body(world, found[1], Owner("serializer", serializer.name))
    require_outer_names(body, found[0], conditions)
    require_lasting(body, conditions)
    arguments = [cst.Arg(conditions)]
    if isinstance(conditions, cst.Dict):
        arguments = [_condition(body, each) for each in conditions.elements]
    body.env[_ROWS] = rows
    asked = cst.Call(cst.Attribute(cst.Name(_ROWS), cst.Name("filter")), arguments)
    typed = _query(body, asked)
    _require_rows(body, item, typed, conditions)
    return typed, body, conditions


def _condition(body: Body, element: cst.BaseDictElement) -> cst.Arg:
    """One item of a dictionary as the argument of `filter`."""
    key = string_value(element.key) if isinstance(element, cst.DictElement) else None
    if key is None or not key.isidentifier():
        body.refuse("S115", "these rows of a relation have no rule", element)
    return cst.Arg(element.value, keyword=cst.Name(key), equal=_EQUAL)


def _require_rows(
    body: Body, item: SerializerField, typed: Typed | None, node: cst.CSTNode
) -> None:
    """Refuse what is not a plain choice among the rows of the field's model."""
    kind = typed.type if typed is not None else None
    label = item.queryset.model if item.queryset is not None else ""
    if not isinstance(kind, Query) or kind.model != label or kind.sliced or kind.joins:
        body.refuse("S115", f"the queryset of `{item.name}` has no rule", node)


def _method(world: World, serializer: Serializer, item: SerializerField, place: str) -> Rewritten:
    """The `get_queryset` of the field's class."""
    source = world.sources.function(item.rows or "")
    if source is None or len(source.node.params.params) != 1:
        raise RefusalError("S115", f"`{item.rows}` was not found", place)
    owner = Owner("serializer", item.cls, read_self=_read)
    body = Body(world, source.module, owner, colour="sync", use_context=True)
    return _rewritten(body, source, serializer, item, ClassSelf(item.cls))


def _limited(
    world: World, serializer: Serializer, item: SerializerField, source: FunctionSource, place: str
) -> Rewritten:
    """What the serializer itself says when it is made."""
    if item.rows is not None:
        raise RefusalError("S115", f"the rows of `{item.name}` are limited twice", place)
    owner = Owner("serializer", serializer.name, attributes={"model": serializer.model})
    body = Body(world, source.module, owner, use_context=True)
    own = SerializerSelf(serializer.name)
    return _rewritten(body, source, serializer, item, own)


def _rewritten(
    body: Body, source: FunctionSource, serializer: Serializer, item: SerializerField, own: Type
) -> Rewritten:
    def declared(body: Body, name: str, node: cst.BaseExpression) -> Typed:
        if name != "get_queryset":
            body.refuse("B302", f"`super().{name}` has no rule here", node)
        typed, inner, _ = _statement(body.world, serializer, item, source.source)
        body.imports |= inner.imports
        body.definitions |= inner.definitions
        return typed

    body.owner.call_super = declared
    name = source.node.params.params[0].name.value
    rewritten = rewrite_function(source, body, {name: own}, finish_query)
    for typed in rewritten.returns:
        _require_rows(body, item, typed, source.node)
    if rewritten.falls_through or set(body.parameters) - {"context"}:
        body.refuse("S115", f"the queryset of `{item.name}` has no rule", source.node)
    return rewritten


def _read(name: str) -> Type | None:
    """What the method reads of its field."""
    return Context() if name == "context" else None


def _emit(tree: Tree, rewritten: Rewritten, label: str, wanted: str) -> Import:
    body = rewritten.body
    body.use("sqlalchemy", "Select")
    new = tree.module(f"app.{label.partition('.')[0]}.queries", "Statements of this app.")
    parameters = ", ".join(parameter.text for parameter in body.parameters.values())
    head = f"({parameters}) -> Select[{body.model(label)}]"
    return place_function(new, rewritten, wanted, head, rewritten.imports)


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
