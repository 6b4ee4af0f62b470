"""`exclude` becomes a negated `where` that keeps rows whose column is NULL, as Django does.

Before: queryset.exclude(status="draft").exclude(reviews__stars=1)
After:  statement.where(Product.status != "draft").where(~Product.reviews.any(Review.stars == 1))
"""

from strangler_codemods.lookups import excluded
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "exclude"), method(Query, "exclude"))
def rewrite(operation: Operation) -> Typed:
    return excluded(operation, base(operation))
