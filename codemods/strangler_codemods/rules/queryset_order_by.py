"""`order_by` replaces the order of the model; `reverse` turns it round.

Before: queryset.order_by("-created_at", "author__name")
After:  statement.order_by(None).order_by(Post.created_at.desc(), Author.name), Author joined
"""

from dataclasses import replace

from strangler_codemods.computed_values import plain_order
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.ordering import order_parts, turned_parts
from strangler_codemods.queries import base
from strangler_codemods.reach import Reach
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Manager, Query


@rewrites(method(Manager, "order_by"), method(Query, "order_by"))
def rewrite(operation: Operation) -> Typed:
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    reach = Reach.of(operation.body, kind)
    many = set(reach.many)
    parts = order_parts(operation, reach, operation.positional())
    text = statement.code
    if kind.ordering not in ("default", "none", "grouped"):
        text += ".order_by(None)"
    statement = reach.applied(Typed(parse(text), kind))
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.distinct and any(part.foreign for part in parts):
        operation.refuse("Q124", "`distinct` in the order of another table has no rule")
    texts = tuple(part.text for part in parts)
    text, group = statement.code, kind.group
    if kind.grouped:
        extra = [
            p for part in parts if not part.aggregate and (p := plain_order(part.text)) not in group
        ]
        text += f".group_by({', '.join(extra)})" if extra else ""
        group = (*group, *extra)
    if parts:
        text += f".order_by({', '.join(texts)})"
    ordering = "explicit" if parts else "none"
    repeats = kind.repeats or bool(reach.many - many)
    changed = replace(
        kind, ordering=ordering, order=texts, repeats=repeats, related=None, group=group
    )
    return Typed(parse(text), changed)


@rewrites(method(Manager, "reverse"), method(Query, "reverse"))
def reverse(operation: Operation) -> Typed:
    statement = base(operation)
    kind = statement.type
    assert isinstance(kind, Query)
    if kind.ordering in ("none", "grouped"):
        return statement
    parts = turned_parts(operation, kind)
    text = statement.code + (".order_by(None)" if kind.ordering != "default" else "")
    text += f".order_by({', '.join(parts)})"
    changed = replace(kind, ordering="explicit", order=tuple(parts), related=None)
    return Typed(parse(text), changed)
