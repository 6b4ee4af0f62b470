"""Columns and forward relations of a row are read as they were; its related managers are statements.

An anonymous user's flags are false, so they are read behind a test for None.

Before: request.user.is_staff
After:  user is not None and user.is_staff
"""

from dataclasses import replace

from strangler_codemods.composite_keys import key_text
from strangler_codemods.names import quoted
from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.related import related_rows
from strangler_codemods.row_loading import loaded
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import Instance, Plain, Symbol
from strangler_codemods.uploads import stored_file

_FALSE_FOR_ANONYMOUS = frozenset({"is_staff", "is_superuser", "is_active"})

# What Django's anonymous user has too.
_ANONYMOUS = _FALSE_FOR_ANONYMOUS | {
    *("id", "pk", "username", "password", "last_login", "groups", "user_permissions"),
    *("is_anonymous", "is_authenticated", "_groups", "_user_permissions"),
}


@rewrites(attribute(Instance, "*"))
def rewrite(operation: Operation) -> Typed:
    extra = dict(getattr(operation.on.type, "extras", ())).get(operation.name)
    if extra is not None:
        return _computed(operation, extra)
    row, instance = _known(operation)
    world = operation.body.world
    kind = world.read_type(instance.model, operation.name)
    if kind is None:
        enum = world.enums.get(f"{world.models[instance.model].path}.{operation.name}")
        if enum is not None:
            return Typed(
                parse(operation.body.use(*enum)),
                Symbol(f"{world.models[instance.model].path}.{operation.name}"),
            )
        related = related_rows(operation.body, row, operation.name)
        return related or _other_side(operation, row, instance) or _member(operation, row, instance)
    name = world.attribute(operation.name)
    if operation.name == "pk" and world.key_fields(instance.model):
        return Typed(parse(key_text(operation, row)), kind)
    if operation.name == "pk":
        found = world.field_named(instance.model, "pk")
        assert found is not None
        name = world.attribute(found[1].attname)
    text = f"{code_of(operand(row))}.{name}"
    if instance.optional:
        if instance.user and operation.name in _FALSE_FOR_ANONYMOUS:
            return Typed(parse(f"{row.code} is not None and {text}"), Plain("bool"))
        if instance.user and operation.name in ("id", "pk") and isinstance(kind, Plain):
            either = f"{text} if {row.code} is not None else None"
            return Typed(parse(either), Plain(f"{kind.name} | None"))
        operation.refuse("B121", f"`{row.code}` may be None at `.{operation.name}`")
    if isinstance(kind, Instance):
        return loaded(operation, text, kind)
    return Typed(parse(text), stored_file(world, instance.model, operation.name) or kind)


def _other_side(operation: Operation, row: Typed, instance: Instance) -> Typed | None:
    """The row at the other side of a one-to-one relation; there may be none."""
    body = operation.body
    reverses = body.world.models[instance.model].reverse
    found = next((r for r in reverses if r.accessor == operation.name and r.one_to_one), None)
    if found is None:
        return None
    if instance.optional:
        operation.refuse("B121", f"`{row.code}` may be None at `.{operation.name}`")
    function = body.compat("relations", "one")
    told = f"{body.world.models[instance.model].path.rpartition('.')[2]} has no {operation.name}."
    side = f"{code_of(operand(row))}.{operation.name}"
    text = f"{function}({body.model(found.model)}, {side}, {told!r})"
    return loaded(operation, text, Instance(found.model))


def _computed(operation: Operation, kind: str) -> Typed:
    """What the row's query computed beside its columns."""
    instance = operation.on.type
    assert isinstance(instance, Instance)
    if instance.optional:
        operation.refuse("B121", f"`{operation.on.code}` may be None at `.{operation.name}`")
    text = f"{code_of(operand(operation.on))}.{operation.name}"
    return Typed(parse(text), Plain(kind))


def _known(operation: Operation) -> tuple[Typed, Instance]:
    """The row, an AttributeError where it is None, as reading an attribute of None is one.

    Django's anonymous user has few attributes: reading another is an AttributeError there too.
    """
    row = operation.on
    kind = row.type
    assert isinstance(kind, Instance)
    if not kind.optional or (kind.user and operation.name in _ANONYMOUS):
        return row, kind
    function = operation.body.compat("context", "known")
    told = quoted(operation.name) + ("" if kind.user else ', "NoneType"')
    kind = replace(kind, optional=False)
    return Typed(parse(f"{function}({row.code}, {told})"), kind), kind


def _member(operation: Operation, row: Typed, kind: Instance) -> Typed:
    """A property of the project's model."""
    find = operation.body.world.model_member
    member = find(kind.model, operation.name) if find is not None else None
    if member is None or not member.is_property:
        operation.refuse("B120", f"`.{operation.name}` of {kind.model} has no rule")
    if kind.optional:
        operation.refuse("B121", f"`{row.code}` may be None at `.{operation.name}`")
    text = f"{code_of(operand(row))}.{operation.name}"
    return Typed(parse(member.awaited(operation.body, text)), member.returns)
