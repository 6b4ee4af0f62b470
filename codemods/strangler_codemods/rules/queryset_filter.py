"""`filter` becomes `where`; a lookup over a to-one relation becomes `has`, over a to-many one a join.

Before: queryset.filter(author__name=name, stars__gte=3)
After:  statement.where(Book.author.has(Author.name == name), Book.stars >= 3)
"""

from strangler_codemods.lookups import filtered
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "filter"), method(Query, "filter"))
def rewrite(operation: Operation) -> Typed:
    return filtered(operation, base(operation))
