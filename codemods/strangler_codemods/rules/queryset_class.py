"""A QuerySet class that a manager makes of its model is the statement over all rows.

Before: PostQuerySet(self.model, using=self._db).filter(draft=False)
After:  select(Post).where(Post.draft == false())
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import Constant, ModelClass, Query

_DJANGO = ("django.db.models.QuerySet", "django.db.models.query.QuerySet")


@rewrites(call(_DJANGO[0]), call(_DJANGO[1]))
def rewrite(operation: Operation) -> Typed:
    body = operation.body
    given = operation.take("model", "query", "using", "hints")
    kinds = {name: body.expr(node).type for name, node in given.items()}
    model = kinds.pop("model", None)
    if not isinstance(model, ModelClass) or any(k != Constant(None) for k in kinds.values()):
        operation.refuse("Q106", f"this `{operation.name}` has no rule")
    # What a class of the project does otherwise is known of those that managers were seen to give.
    managers = body.world.models[model.model].managers
    seen = {m.queryset.path for m in managers if m.queryset is not None}
    if operation.name not in (*_DJANGO, *seen):
        operation.refuse("Q106", f"no manager of {model.model} gives a `{operation.name}`")
    body.use("sqlalchemy", "select")
    return Typed(parse(f"select({body.model(model.model)})"), Query(model.model))
