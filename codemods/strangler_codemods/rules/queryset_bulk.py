"""`bulk_create` and `bulk_update` write many rows; no `save` of a model and no receiver runs.

Before: Tag.objects.bulk_create([Tag(name=name) for name in names])
After:  bulk_create(session, [Tag(name=name) for name in names])
"""

from strangler_codemods.evaluating import run
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import method, rewrites
from strangler_codemods.types import Constant, EmptyList, Manager, Plain, Rows
from strangler_codemods.writability import bulk_obstacle


def _rows(operation: Operation, name: str) -> tuple[str, str]:
    """The rows as text, their model."""
    kind, body = operation.on.type, operation.body
    assert isinstance(kind, Manager)
    if body.colour == "build":
        operation.refuse("Q107", f"`.{operation.name}()` writes where nothing may be written")
    given = (
        operation.take("objs", "batch_size", "ignore_conflicts")
        if name == "bulk_create"
        else (operation.take("objs", "fields", "batch_size"))
    )
    value = body.expr(given["objs"])
    if isinstance(value.type, EmptyList):
        return value.code, kind.model
    if not isinstance(value.type, Rows) or value.type.model != kind.model:
        operation.refuse("Q132", f"`{operation.name}` of these rows has no rule")
    reason = bulk_obstacle(body.world, kind.model)
    if reason is not None:
        operation.refuse("Q113", reason)
    return value.code, kind.model


@rewrites(method(Manager, "bulk_create"))
def create(operation: Operation) -> Typed:
    texts, model = _rows(operation, "bulk_create")
    flag = operation.take("objs", "batch_size", "ignore_conflicts").get("ignore_conflicts")
    rest = []
    if flag is not None:
        value = operation.body.expr(flag).type
        if not isinstance(value, Constant) or not isinstance(value.value, bool):
            operation.refuse("Q132", "`bulk_create` with these arguments has no rule")
        rest = ["ignore_conflicts=True"] if value.value else []
    return Typed(parse(run(operation.body, "bulk_create", texts, *rest)), Rows(model))


@rewrites(method(Manager, "bulk_update"))
def update(operation: Operation) -> Typed:
    texts, model = _rows(operation, "bulk_update")
    node = operation.take("objs", "fields", "batch_size")["fields"]
    value = operation.body.expr(node)
    names = value.type.value if isinstance(value.type, Constant) else None
    if not isinstance(names, tuple) or not all(
        isinstance(n, str) and operation.body.world.attribute_type(model, n) for n in names
    ):
        operation.refuse("Q132", "`bulk_update` of columns that are not in sight has no rule")
    return Typed(parse(run(operation.body, "bulk_update", texts, value.code)), Plain("int"))
