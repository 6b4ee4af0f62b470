"""`getattr` with a literal name reads a column, of a row that may be None as well.

Before: start = attrs.get("start", getattr(self.instance, "start", None))
After:  start = attrs.get("start", getattr(context.instance, "start", None))
"""

from dataclasses import replace
from typing import cast

import libcst as cst

from strangler_codemods.answer_types import Response
from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.own_settings import is_unset
from strangler_codemods.plain_values import plain, plain_args
from strangler_codemods.polymorphic import column_below
from strangler_codemods.row_loading import has_attribute, loaded, other_side, row_or_none
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Constant, Instance, OneOf, Plain, Symbol, Type
from strangler_codemods.uploads import stored_file
from strangler_codemods.world import World

# What Django's anonymous user has, and None has not.
_OF_ANONYMOUS = frozenset(
    ["id", "pk", "username", "is_staff", "is_active", "is_superuser", "groups", "user_permissions"]
)


@rewrites(call("builtins.getattr"))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    arguments = operation.take("object", "name", "default")
    row, name = body.expr(arguments["object"]), string_value(arguments["name"])
    chosen = body.expr(arguments["name"]) if isinstance(row.type, Instance) else None
    if chosen is not None and isinstance(chosen.type, OneOf):
        return _one_of(operation, row, chosen)
    if not isinstance(row.type, Instance):
        return _of_other(operation, row, name)
    return _of_row(operation, row, name, arguments)


def _of_row(
    operation: Operation,
    row: Typed,
    name: str | None,
    arguments: dict[str, cst.BaseExpression],
) -> Typed:
    node, body = cast("cst.Call", operation.node), operation.body
    assert isinstance(row.type, Instance)
    if name == "pk" and not row.type.user:
        return _key(operation, row, arguments)
    row = _row_below(operation, row, name or "") if "default" in arguments else row
    assert isinstance(row.type, Instance)
    kind = _column(body.world, row.type.model, name) if name is not None else None
    other = other_side(body.world, row.type.model, name) if name is not None else None
    if other is not None and _is_none(operation, arguments):
        return row_or_none(operation, row, other)
    lacks = name is not None and has_attribute(body.world, row.type.model, name) is False
    if lacks and "default" in arguments:
        return body.expr(arguments["default"])
    if isinstance(kind, Instance):
        return _related(replace(operation, name=name or ""), row, kind, arguments)
    if name is None or not isinstance(kind, Plain) or body.world.attribute(name) != name:
        operation.refuse("B153", "`getattr` of a row reads something other than a column")
    optional = row.type.optional
    if name == "pk" or (optional and row.type.user and name in _OF_ANONYMOUS):
        operation.refuse("B153", f"`getattr` of `{name}` has no rule")
    if optional and "default" not in arguments:
        operation.refuse("B121", f"`{row.code}` may be None here")
    args = [node.args[0].with_changes(value=row.node), node.args[1]]
    for extra in node.args[2:]:
        args.append(extra.with_changes(value=plain(body, extra.value)))
    return Typed(node.with_changes(args=args), Plain() if optional else kind)


def _row_below(operation: Operation, row: Typed, name: str) -> Typed:
    """The row of the class that has the column, where rows are of several classes: None in the others."""
    assert isinstance(row.type, Instance)
    world = operation.body.world
    below = column_below(world, world.models[row.type.model], name)
    return row if below is None else row_or_none(operation, row, below)


def _column(world: World, label: str, name: str) -> Type | None:
    """The type of a column; None where code finds something else under its name."""
    is_file = stored_file(world, label, name) is not None
    return None if is_file else world.read_type(label, name)


def _related(
    operation: Operation, row: Typed, kind: Instance, arguments: dict[str, cst.BaseExpression]
) -> Typed:
    """The row that a row points to, which may be None."""
    body, node = operation.body, cast("cst.Call", operation.node)
    assert isinstance(row.type, Instance)
    if not row.type.optional:  # always there
        return body.expr(cst.Attribute(node.args[0].value, cst.Name(operation.name)))
    if row.type.user or not _is_none(operation, arguments):
        operation.refuse("B153", "`getattr` of a row reads something other than a column")
    attribute = body.world.attribute(operation.name)
    text = f"({row.code}.{attribute} if {row.code} is not None else None)"
    return loaded(operation, text, replace(kind, optional=True))


def _key(operation: Operation, row: Typed, arguments: dict[str, cst.BaseExpression]) -> Typed:
    """The primary key, and what stands for it where there is no row."""
    body, kind = operation.body, row.type
    assert isinstance(kind, Instance)
    key = body.world.field_named(kind.model, "pk")
    if key is None or body.world.key_fields(kind.model):
        operation.refuse("B153", "`getattr` of a key of several columns has no rule")
    held = body.world.attribute_type(kind.model, "pk") or Plain()
    text = f"{code_of(operand(row))}.{body.world.attribute(key[1].attname)}"
    if not kind.optional:
        return Typed(parse(text), held)
    if "default" not in arguments:
        operation.refuse("B121", f"`{row.code}` may be None here")
    other = code_of(plain(body, arguments["default"]))
    return Typed(parse(f"({text} if {row.code} is not None else {other})"), Plain())


def _is_none(operation: Operation, arguments: dict[str, cst.BaseExpression]) -> bool:
    """Whether None stands for what is missing."""
    given = arguments.get("default")
    return given is not None and operation.body.expr(given).type == Constant(None)


def _of_other(operation: Operation, value: Typed, name: str | None) -> Typed:
    """An attribute of something that is no row."""
    body, node = operation.body, cast("cst.Call", operation.node)
    if isinstance(value.type, Response) and not value.type.optional and name == "data":
        return Typed(parse(f"{code_of(operand(value))}.data"), Plain())
    if value.type == Symbol("django.conf.settings") and name is not None:
        given = operation.take("object", "name", "default")
        if "default" in given and is_unset(body.world, name):
            return body.expr(given["default"])
        return body.world.symbol(body, f"django.conf.settings.{name}", node)
    found = body.world.registry.find("getattr", type(value.type), "*")
    if found is not None:
        return cast("Typed", found(replace(operation, receiver=value)))
    return Typed(node.with_changes(args=plain_args(body, node.args)))


def _one_of(operation: Operation, row: Typed, name: Typed) -> Typed:
    """A column whose name a loop over a constant gives."""
    world, kind = operation.body.world, row.type
    assert isinstance(kind, Instance)
    assert isinstance(name.type, OneOf)
    for key in name.type.values:
        held = world.read_type(kind.model, key)
        if (
            kind.optional
            or key == "pk"
            or not isinstance(held, Plain)
            or world.attribute(key) != key
        ):
            operation.refuse("B153", f"`getattr` of `{key}` of {kind.model} has no rule")
    if len(operation.args) != 2:  # the row and the name; a default is never asked for
        operation.refuse("B153", "`getattr` with a default in a loop has no rule")
    return Typed(parse(f"getattr({row.code}, {name.code})"))
