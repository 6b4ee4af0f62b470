"""A loop over validated data that sets each value on a row, as the fields' own names say.

Before: for key, value in validated_data.items(): setattr(instance, key, value)
After:  for key, value in validated_data.items(): setattr(instance, key, value)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.plain_values import require_value
from strangler_codemods.rule import call, method, rewrites
from strangler_codemods.saving_options import require_storable
from strangler_codemods.types import Attrs, Instance, ItemsOf, KeyOf, Plain


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
    if not isinstance(row.type, Instance) or not isinstance(name.type, KeyOf) or row.type.optional:
        operation.refuse("B105", "`setattr` of something else than validated data has no rule")
    for key, kind in name.type.attrs.fields:
        require_storable(operation, row.type.model, key, kind, key)
        if body.world.attribute(key) != key:
            operation.refuse("B133", f"`{key}` of {row.type.model} has another name here")
    require_value(body, value, operation.node)
    return Typed(parse(f"setattr({row.code}, {name.code}, {value.code})"), Plain("None"))
