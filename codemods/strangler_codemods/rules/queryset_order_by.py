"""`order_by` replaces the order of the model.

Before: queryset.order_by("-created_at", "id")
After:  statement.order_by(None).order_by(Post.created_at.desc(), Post.id)
"""

from strangler_codemods.lookups import ordering
from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.queries import base
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "order_by"), method(Query, "order_by"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    names = [string_value(node) for node in operation.positional()]
    if not all(isinstance(name, str) for name in names):
        operation.refuse("Q111", "ordering by a computed name has no rule")
    wanted = [name for name in names if name is not None]
    columns = ordering(operation.body, kind.model, wanted, operation.node)
    text = statement.code
    if kind.ordering not in ("default", "none"):
        text += ".order_by(None)"
    if columns:
        text += f".order_by({', '.join(columns)})"
    return Typed(parse(text), Query(kind.model, "explicit" if columns else "none", kind.joins))
