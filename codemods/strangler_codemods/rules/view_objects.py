"""What a view's handler asks of DRF: its object, its serializers, its queryset.

Before: order = self.get_object(); return Response(self.get_serializer(order).data)
After:  async def ship(session: Session, order: FoundOrder) -> OrderRead: return await read(session, OrderRead, order)
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.types import Constant, Incoming, Instance, Plain, Query, Rows, Shown, View


@rewrites(method(View, "get_object"))
def get_object(operation: Operation) -> Typed:
    tools = operation.body.owner.tools
    if tools is None or operation.args:
        operation.refuse("B302", "`get_object` has no rule here")
    variable, label = tools.found()
    return Typed(parse(variable), Instance(label))


@rewrites(method(View, "get_queryset"))
def get_queryset(operation: Operation) -> Typed:
    tools = operation.body.owner.tools
    if tools is None or operation.args:
        operation.refuse("B302", "`get_queryset` has no rule here")
    return operation.body.call(tools.queryset(), operation.node)


@rewrites(method(View, "get_serializer"))
def get_serializer(operation: Operation) -> Typed:
    tools = operation.body.owner.tools
    if tools is None:
        operation.refuse("B302", "`get_serializer` has no rule here")
    return make(operation, tools.serializer)


def make(operation: Operation, name: str | None) -> Typed:
    """A serializer over rows, or over the request's data."""
    arguments = operation.take("instance", "data", "many", "partial", "context")
    tools, body = operation.body.owner.tools, operation.body
    if name is None or tools is None:
        operation.refuse("B302", "this serializer is not known")
    many = _flag(operation, arguments, "many")
    partial = _flag(operation, arguments, "partial")
    rows = body.expr(arguments["instance"]) if "instance" in arguments else None
    if "data" in arguments:
        if many or not tools.is_request_data(body, arguments["data"]):
            operation.refuse("B135", "this serializer over data has no rule")
        if rows is not None and not isinstance(rows.type, Instance):
            operation.refuse("B135", "this serializer over data has no rule")
        label = rows.type.model if rows is not None and isinstance(rows.type, Instance) else None
        model = label or tools.model_of(name)
        return Typed(operation.node, Incoming(name, model, rows.code if rows else None, partial))
    if rows is None:
        operation.refuse("B135", "a serializer of nothing has no rule")
    if isinstance(rows.type, Query | Rows) and many:
        return Typed(operation.node, Shown(name, rows.type.model, rows.code, many=True))
    if not isinstance(rows.type, Instance) or rows.type.optional or many:
        operation.refuse("B135", f"`{rows.code}` cannot be shown")
    return Typed(operation.node, Shown(name, rows.type.model, rows.code))


def _flag(operation: Operation, arguments: dict[str, cst.BaseExpression], name: str) -> bool:
    if name not in arguments:
        return False
    found = operation.body.expr(arguments[name]).type
    if not isinstance(found, Constant):
        operation.refuse("B135", f"a computed `{name}` has no rule")
    return bool(found.value)


@rewrites(attribute(Shown, "data"))
def data(operation: Operation) -> Typed:
    shown, tools, body = operation.on.type, operation.body.owner.tools, operation.body
    assert isinstance(shown, Shown)
    if tools is None or body.colour != "async":
        operation.refuse("B135", "`.data` has no rule here")
    schema = tools.read_schema(shown.name, shown.model)
    session = body.session()
    if shown.many:
        function = body.compat("actions", "read_all")
        text = f"await {function}({session}, {schema}, {shown.rows})"
        return Typed(parse(text), Plain(f"schema:list[{schema}]"))
    function = body.compat("actions", "read")
    return Typed(
        parse(f"await {function}({session}, {schema}, {shown.rows})"), Plain(f"schema:{schema}")
    )
