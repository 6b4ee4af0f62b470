"""A method of the project's model is called as before; it is carried into the mapped class.

One that runs queries or saves is handed the session; one of the class is a function of the app.

Before: order.is_late(); order.close(reason); Order.begin(user)
After:  order.is_late(); await session.run_sync(order.close, reason); await session.run_sync(begin, user=user)
"""

from dataclasses import replace

from strangler_codemods.names import quoted
from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Instance, ModelClass

# What Django's anonymous user answers too.
_ANONYMOUS = frozenset(
    [
        *("check_password", "delete", "get_all_permissions", "get_group_permissions"),
        *("get_user_permissions", "get_username", "has_module_perms", "has_perm", "has_perms"),
        *("is_active", "save", "set_password", "_get_groups", "_get_user_permissions"),
        *("aget_all_permissions", "aget_group_permissions", "aget_user_permissions"),
        *("ahas_module_perms", "ahas_perm", "ahas_perms"),
    ]
)


def _known(operation: Operation) -> Typed:
    """The row; calling a method of None, or one that an anonymous user lacks, is an AttributeError."""
    row, kind = operation.on, operation.on.type
    assert isinstance(kind, Instance)
    if not kind.optional or (kind.user and operation.name in _ANONYMOUS):
        return row
    function = operation.body.compat("context", "known")
    told = quoted(operation.name) + ("" if kind.user else ', "NoneType"')
    return Typed(parse(f"{function}({row.code}, {told})"), replace(kind, optional=False))


@rewrites(method(Instance, "*"))
def rewrite(operation: Operation) -> Typed:
    row, body = _known(operation), operation.body
    assert isinstance(row.type, Instance)
    find = body.world.call_member
    found = find(operation, row.type.model) if find is not None else None
    if found is None or found[0].is_property:
        operation.refuse("B106", f"`.{operation.name}()` of {row.type.model} has no rule")
    if row.type.optional:
        operation.refuse("B121", f"`{row.code}` may be None at `.{operation.name}()`")
    member, arguments = found
    name = f"{code_of(operand(row))}.{operation.name}"
    if not member.session:
        text = member.awaited(body, f"{name}({', '.join(arguments)})")
        return Typed(parse(text), member.returns)
    if body.colour == "build":
        operation.refuse("Q107", f"`.{operation.name}()` runs where nothing may be asked")
    if body.colour == "async":
        text = ", ".join([name, *arguments])
        return Typed(parse(f"await {body.session()}.run_sync({text})"), member.returns)
    text = ", ".join([body.session(), *arguments])
    return Typed(parse(f"{name}({text})"), member.returns)


@rewrites(method(ModelClass, "*"))
def of_class(operation: Operation) -> Typed:
    """A class method or a static one, which Python finds by the class."""
    kind, world = operation.on.type, operation.body.world
    assert isinstance(kind, ModelClass)
    ref = world.models[kind.model].methods.get(operation.name)
    own = f"{world.models[kind.model].path}.{operation.name}"
    if ref is None or ref.path != own or world.call_helper is None:
        operation.refuse("B106", f"`.{operation.name}()` of {kind.model} has no rule")
    return world.call_helper(operation, ref.path, None)
