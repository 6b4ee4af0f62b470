"""Attributes of a row are set as they were; `save()` and `delete()` run on the session.

Before: order.status = "paid"; order.save()
After:  order.status = "paid"; await save(session, order)
"""

from dataclasses import replace

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import assign, method, rewrites
from strangler_codemods.types import Constant, Instance, Plain


@rewrites(assign(Instance, "*"))
def set_attribute(operation: Operation) -> Typed:
    row, value = operation.on, operation.other
    assert isinstance(row.type, Instance)
    assert value is not None
    if row.type.optional:
        operation.refuse("B121", f"`{row.code}` may be None here")
    kind = operation.body.world.attribute_type(row.type.model, operation.name)
    if kind is None and (done := _relate(operation, row, value)) is not None:
        return done
    if kind is None:
        operation.refuse("B120", f"setting `.{operation.name}` of {row.type.model} has no rule")
    if isinstance(kind, Instance) and _may_lack(kind, value):
        operation.refuse("B121", f"`{value.code}` may be None here")
    if not isinstance(value.type, Plain | Constant | Instance):
        operation.refuse("B203", "this value has no rule")
    operation.stores(row.type.model, operation.name, value.type)
    name = operation.body.world.attribute(operation.name)
    return Typed(parse(f"{code_of(operand(row))}.{name}"), kind)


def _may_lack(kind: Instance, value: Typed) -> bool:
    """Whether a relation that has to lead somewhere is set to None, or to somebody who is no row."""
    given = value.type
    return isinstance(given, Instance) and given.optional and (given.user or not kind.optional)


def _relate(operation: Operation, row: Typed, value: Typed) -> Typed | None:
    """Setting the other side of a one-to-one relation, which then points to this row."""
    body = operation.body
    assert isinstance(row.type, Instance)
    reverses = body.world.models[row.type.model].reverse
    found = next((r for r in reverses if r.accessor == operation.name and r.one_to_one), None)
    if found is None:
        return None
    if value.type != Instance(found.model) or body.colour != "sync":
        operation.refuse("B120", f"setting `.{operation.name}` to this has no rule")
    function = body.compat("relations", "relate")
    return Typed(parse(f"{function}({row.code}, {operation.name!r}, {value.code})"))


@rewrites(method(Instance, "save"))
def save(operation: Operation) -> Typed:
    arguments = operation.take("force_insert", "force_update", "using", "update_fields")
    extra = ""
    if "using" in arguments and operation.body.expr(arguments["using"]).type == Constant(None):
        del arguments["using"]  # the one database
    if arguments.keys() - {"update_fields"}:
        operation.refuse("B133", "`save` with these arguments has no rule")
    if "update_fields" in arguments:
        extra = f", update_fields={code_of(arguments['update_fields'])}"
    return _write(operation, "save", extra)


@rewrites(method(Instance, "delete"))
def delete(operation: Operation) -> Typed:
    if operation.args:
        operation.refuse("B133", "`delete` with arguments has no rule")
    done = _write(operation, "delete" if operation.body.colour == "sync" else "destroy", "")
    return replace(done, type=Plain("tuple[int, dict[str, int]]"))


def _write(operation: Operation, name: str, extra: str) -> Typed:
    row, body = operation.on, operation.body
    assert isinstance(row.type, Instance)
    if row.type.optional:
        operation.refuse("B121", f"`{row.code}` may be None here")
    body.world.require_writable(body, row.type.model, operation.node, operation.name)
    if body.colour == "build":
        operation.refuse("Q107", f"`.{operation.name}()` writes where nothing may be written")
    function = body.compat("actions" if body.colour == "async" else "orm", name)
    call = f"{function}({body.session()}, {row.code}{extra})"
    return Typed(parse(f"await {call}" if body.colour == "async" else call), Plain("None"))
