"""`only` and `defer` say what is loaded at once; here all columns are, which reads the same.

Before: Book.objects.only("title")
After:  select(Book)
"""

from strangler_codemods.operation import Operation, Typed, string_value
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(
    method(Manager, "only"), method(Query, "only"), method(Manager, "defer"), method(Query, "defer")
)
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    assert isinstance(statement.type, Query)
    for node in operation.positional():
        name = string_value(node) or ""
        first = name.split("__")[0]
        if operation.body.world.field_named(statement.type.model, first) is None:
            operation.refuse("Q123", f"`{operation.name}` of these columns has no rule")
    return statement
