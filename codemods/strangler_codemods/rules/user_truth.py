"""Django's request always has a user object, so its truth is no test; a row that may be None is tested for it.

Before: return bool(request.user and request.user.is_staff)
After:  return bool(context.user is not None and context.user.is_staff)
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, rewrites
from strangler_codemods.types import Instance, Plain


@rewrites(Key("truth", Instance, "*"))
def rewrite(operation: Operation) -> Typed:
    row = operation.on
    assert isinstance(row.type, Instance)
    if row.type.user or not row.type.optional:
        return operation.body.constant(True)
    return Typed(parse(f"{row.code} is not None"), Plain("bool"))
