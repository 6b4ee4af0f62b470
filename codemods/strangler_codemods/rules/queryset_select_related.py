"""`select_related` becomes `joinedload`.

Before: queryset.select_related("author__profile")
After:  statement.options(joinedload(Book.author).joinedload(Author.profile))
"""

from strangler_codemods.loading import load_path
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "select_related"), method(Query, "select_related"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    assert isinstance(statement.type, Query)
    options = []
    for node in operation.positional():
        path = string_value(node)
        option = load_path(
            operation.body, statement.type.model, path or "", to_many=False, before=statement.code
        )
        if path is None or option is None:
            operation.refuse("Q123", "this `select_related` has no rule")
        options.append(option)
    if not options:
        operation.refuse("Q123", "`select_related()` without names has no rule")
    return Typed(parse(f"{statement.code}.options({', '.join(options)})"), statement.type)
