"""`prefetch_related` becomes `selectinload`.

Before: queryset.prefetch_related("tags", "reviews__author")
After:  statement.options(selectinload(Book.tags), selectinload(Book.reviews).selectinload(Review.author))
"""

from strangler_codemods.loading import load_path
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "prefetch_related"), method(Query, "prefetch_related"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    assert isinstance(statement.type, Query)
    options = []
    for node in operation.positional():
        path = string_value(node)
        option = load_path(operation.body, statement.type.model, path or "", to_many=True)
        if path is None or option is None:
            operation.refuse("Q123", "this `prefetch_related` has no rule")
        options.append(option)
    text = f"{statement.code}.options({', '.join(options)})" if options else statement.code
    return Typed(parse(text), statement.type)
