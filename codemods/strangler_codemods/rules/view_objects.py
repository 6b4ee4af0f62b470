"""What a view's handler asks of DRF: its object, its serializers, its queryset.

Before: order = self.get_object(); return Response(self.get_serializer(order).data)
After:  async def ship(session: Session, order: FoundOrder) -> OrderRead: return await read(session, OrderRead, order)
"""

from strangler_codemods.making import make
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, method, rewrites
from strangler_codemods.types import Instance, Plain, Shown, View


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
