"""A permission class reads the request and its view; both come with the context.

Before: return request.user.role == self.role and view.action == "list"
After:  return context.user.role == self.role and context.action == "list"
"""

from typing import cast

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.permission_facts import attribute_type
from strangler_codemods.rule import attribute, rewrites
from strangler_codemods.types import PermissionSelf, Plain


@rewrites(attribute(PermissionSelf, "*"))
def own(operation: Operation) -> Typed:
    kind = operation.on.type
    assert isinstance(kind, PermissionSelf)
    given = operation.body.owner.attributes.get("given")
    if isinstance(given, dict) and operation.name in given:
        typed, imports = given[operation.name]
        operation.body.imports |= imports
        return cast("Typed", typed)
    name = attribute_type(operation.body.world, kind.name, operation.name)
    if name is None:
        operation.refuse("B104", f"`.{operation.name}` of a permission class has no rule")
    return Typed(parse(f"{operation.on.code}.{operation.name}"), Plain(name))
