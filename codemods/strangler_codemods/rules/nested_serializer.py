"""A serializer that shows rows in a method of another is the other's read schema.

Before: return ImageSerializer(obj.images.all(), many=True).data
After:  return [ImageRead.represent(row, context) for row in rows(context.session, select(Image)...)]
"""

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import Key, method, rewrites
from strangler_codemods.types import Instance, Plain, Shown


@rewrites(Key("show", Shown, "*"))
def show(operation: Operation) -> Typed:
    shown, body = operation.on.type, operation.body
    assert isinstance(shown, Shown)
    find = body.world.read_schema
    if find is None or shown.paged or not shown.rows or not body.use_context:
        operation.refuse("B135", "`.data` has no rule here")
    if shown.many and body.world.require_lists is not None:
        body.world.require_lists(shown.name)
    schema = body.use(*find(shown.name, shown.model))
    context = _context(operation, shown)
    if not shown.many:
        text = f"{schema}.represent({shown.rows}, {context})"
        text += f" if {shown.rows} is not None else {shown.empty}" if shown.empty else ""
        return Typed(parse(text), Plain("dict[str, Any]"))
    function = body.compat("orm", "rows")
    found = f"{function}({body.session()}, {shown.rows})" if shown.statement else shown.rows
    text = f"[{schema}.represent(row, {context}) for row in {found}]"
    return Typed(parse(text), Plain("list[Any]"))


@rewrites(method(Shown, "to_representation"))
def represent(operation: Operation) -> Typed:
    """A serializer that was made over nothing is asked to show a row."""
    shown, body = operation.on.type, operation.body
    assert isinstance(shown, Shown)
    row = body.expr(operation.take("instance")["instance"])
    find = body.world.read_schema
    if find is None or shown.rows or not isinstance(row.type, Instance) or row.type.optional:
        operation.refuse("B135", "`.to_representation()` has no rule here")
    schema = body.use(*find(shown.name, row.type.model))
    text = f"{schema}.represent({row.code}, {_context(operation, shown)})"
    return Typed(parse(text), Plain("dict[str, Any]"))


def _context(operation: Operation, shown: Shown) -> str:
    """The context of the serializer that is made."""
    context = operation.body.context()
    return context if shown.given is None else f"{context}.telling({shown.given})"
