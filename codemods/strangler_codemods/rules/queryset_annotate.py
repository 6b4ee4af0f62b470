"""`annotate` computes a value for each row; aggregates over a relation are subqueries.

After `values` they are functions over groups. The mapped class declares what its rows may carry.

Before: Book.objects.annotate(review_count=Count("reviews"))
After:  select(Book).options(with_expression(Book.review_count, select(func.count(Review.id))...))
"""

from strangler_codemods.computed_values import annotated
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "annotate"), method(Query, "annotate"))
def annotate(operation: Operation) -> Typed:
    return annotated(operation, base(operation))


@rewrites(method(Manager, "alias"), method(Query, "alias"))
def alias(operation: Operation) -> Typed:
    return annotated(operation, base(operation), shown=False)
