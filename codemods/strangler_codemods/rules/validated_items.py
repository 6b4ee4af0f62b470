"""A loop over validated data that sets each value on a row, as the fields' own names say.

Before: for key, value in validated_data.items(): setattr(instance, key, value)
After:  for key, value in validated_data.items(): setattr(instance, key, value)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.plain_values import operate, require_value
from strangler_codemods.rule import call, method, rewrites
from strangler_codemods.saving_options import require_storable
from strangler_codemods.types import Attrs, Instance, ItemsOf, KeyOf, Plain, Request


@rewrites(method(Attrs, "items"))
def items(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, Attrs)
    if operation.args:
        operation.refuse("B111", "`items` takes no arguments")
    return Typed(parse(f"{operation.on.code}.items()"), ItemsOf(kind))


@rewrites(call("builtins.setattr"))
def set_value(operation: Operation) -> Typed:
    arguments = operation.take("object", "name", "value")
    body = operation.body
    row, name, value = (body.expr(arguments[key]) for key in ("object", "name", "value"))
    if isinstance(row.type, Request):
        return _of_request(operation, row, string_value(arguments["name"]), value)
    if not isinstance(row.type, Instance) or not isinstance(name.type, KeyOf) or row.type.optional:
        operation.refuse("B105", "`setattr` of something else than validated data has no rule")
    for key, kind in name.type.attrs.fields:
        require_storable(operation, row.type.model, key, kind, key)
        if body.world.attribute(key) != key:
            operation.refuse("B133", f"`{key}` of {row.type.model} has another name here")
    require_value(body, value, operation.node)
    return Typed(parse(f"setattr({row.code}, {name.code}, {value.code})"), Plain("None"))


def _of_request(operation: Operation, request: Typed, name: str | None, value: Typed) -> Typed:
    """`setattr(request, "name", value)`, which is an assignment."""
    given = replace(operation, name=name or "", receiver=request, other=value)
    done = operate(operation.body, "assign", Request, name, given) if name is not None else None
    if done is None or not isinstance(done.node, cst.Attribute):
        operation.refuse("B105", "`setattr` of the request has no rule here")
    own, key = code_of(done.node.value), done.node.attr.value
    return Typed(parse(f"setattr({own}, {key!r}, {value.code})"), Plain("None"))
