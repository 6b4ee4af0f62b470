"""What a view's handler asks of DRF: its object, its serializers, its queryset.

Before: order = self.get_object(); return Response(self.get_serializer(order).data)
After:  async def ship(session: Session, order: FoundOrder) -> OrderRead: return await read(session, OrderRead, order)
"""

from typing import cast

import libcst as cst

from strangler.facts import Endpoint
from strangler_codemods.answer_types import PageData, PageOf, Response
from strangler_codemods.default_order import ordered
from strangler_codemods.making import make
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.rule import Key, attribute, compare, method, rewrites
from strangler_codemods.types import (
    Constant,
    Instance,
    OwnContext,
    Plain,
    Query,
    SchemaData,
    Shown,
    View,
)
from strangler_codemods.view_contexts import own_context


@rewrites(method(View, "get_object"))
def get_object(operation: Operation) -> Typed:
    body, tools = operation.body, operation.body.owner.tools
    endpoint = body.owner.attributes.get("endpoint")
    if isinstance(endpoint, Endpoint) and not _is_generic(endpoint):
        ref = endpoint.methods.get(operation.name)
        if ref is not None and body.world.call_helper is not None:  # a method like any other
            return body.world.call_helper(operation, ref.path, body.owner)
    if tools is None or operation.args:
        operation.refuse("B302", "`get_object` has no rule here")
    if body.late and body.colour == "async":
        return tools.found_here(body, operation.node)
    variable, label = tools.found()
    return Typed(parse(variable), Instance(label))


def _is_generic(endpoint: Endpoint) -> bool:
    return any(ref.path == "rest_framework.generics.GenericAPIView" for ref in endpoint.lineage)


@rewrites(method(View, "get_queryset"))
def get_queryset(operation: Operation) -> Typed:
    tools = operation.body.owner.tools
    if tools is None or operation.args:
        operation.refuse("B302", "`get_queryset` has no rule here")
    return operation.body.call(tools.queryset(), operation.node)


@rewrites(method(View, "get_serializer"))
def get_serializer(operation: Operation) -> Typed:
    tools = operation.body.owner.tools
    if tools is None or tools.overrides(operation.name):
        operation.refuse("B302", "`get_serializer` has no rule here")
    return make(operation, tools.serializer, own=True)


@rewrites(method(View, "get_serializer_context"))
def get_serializer_context(operation: Operation) -> Typed:
    tools = operation.body.owner.tools
    if tools is None or operation.args:
        operation.refuse("B302", "`get_serializer_context` has no rule here")
    made = own_context(operation.body, operation.node)
    return Typed(operation.node, OwnContext()) if made is None else made


@rewrites(method(View, "filter_queryset"))
def filter_queryset(operation: Operation) -> Typed:
    tools, body = operation.body.owner.tools, operation.body
    node = operation.take("queryset")["queryset"]
    narrowed = tools is not None and code_of(node) == "self.get_queryset()"
    if tools is not None and narrowed:
        statement = body.call(tools.queryset(narrowed=True), node)
    else:
        statement = body.expr(node)
    if tools is None or body.colour != "async" or not isinstance(statement.type, Query):
        operation.refuse("B302", "`filter_queryset` has no rule here")
    return tools.filtered(body, ordered(body, statement), narrowed=narrowed)


@rewrites(method(View, "paginate_queryset"))
def paginate_queryset(operation: Operation) -> Typed:
    tools, body = operation.body.owner.tools, operation.body
    statement = body.expr(operation.take("queryset")["queryset"])
    if tools is None or body.colour != "async" or not isinstance(statement.type, Query):
        operation.refuse("B302", "`paginate_queryset` has no rule here")
    if statement.type.sliced:
        operation.refuse("B302", "pages of some rows of a queryset have no rule")
    if tools.overrides(operation.name) or tools.overrides("get_paginated_response"):
        operation.refuse("B302", "the view cuts pages in its own way")
    if not tools.is_paged():
        return Typed(operation.node, PageOf(statement.type.model, ""))
    page = PageOf(statement.type.model, ordered(body, statement).code)
    return Typed(operation.node, page)


@rewrites(compare(PageOf))
def compare_page(operation: Operation) -> Typed:
    node = operation.node
    assert isinstance(node, cst.Comparison)
    if operation.other is None or operation.other.type != Constant(None):
        operation.refuse("B107", "this comparison of a page has no rule")
    same = isinstance(node.comparisons[0].operator, cst.Is | cst.Equal)
    return operation.body.constant(same != _is_page(operation))


@rewrites(Key("truth", PageOf, "*"))
def page_truth(operation: Operation) -> Typed:
    if not _is_page(operation):
        return operation.body.constant(False)
    operation.refuse("B107", "whether a page is empty has no rule")


def _is_page(operation: Operation) -> bool:
    kind = operation.on.type
    assert isinstance(kind, PageOf)
    return bool(kind.text)


@rewrites(method(View, "get_paginated_response"))
def get_paginated_response(operation: Operation) -> Typed:
    shown = operation.body.expr(operation.take("data")["data"])
    if not isinstance(shown.type, PageData) or shown.type.made is not None:
        operation.refuse("B302", "`get_paginated_response` of this has no rule")
    return Typed(operation.node, Response(False, 200, shown.type.text, shown.type.schema))


@rewrites(attribute(Shown, "data"))
def data(operation: Operation) -> Typed:
    shown, tools, body = operation.on.type, operation.body.owner.tools, operation.body
    assert isinstance(shown, Shown)
    nested = body.world.registry.find("show", Shown, "*") if tools is None else None
    if nested is not None:
        return cast("Typed", nested(operation))
    if tools is None or body.colour != "async":
        operation.refuse("B135", "`.data` has no rule here")
    if shown.statement or shown.paged:
        body.queries.shown(body, shown.rows, operation.node)
    if (shown.many or shown.paged) and body.world.require_lists is not None:
        body.world.require_lists(shown.name)
    schema = tools.read_schema(shown.name, shown.model)
    session = body.session()
    given = f", context={shown.given}" if shown.given else ""
    if shown.paged:
        return Typed(operation.node, PageData(*tools.page(body, shown, schema), shown.made))
    if shown.many:
        function = body.compat("actions", "read_all")
        text = f"await {function}({session}, {schema}, {shown.rows}{given})"
        return Typed(parse(text), SchemaData("list[dict[str, Any]]", schema, many=True))
    function = body.compat("actions", "read")
    text = f"await {function}({session}, {schema}, {shown.rows}{given})"
    if shown.empty:
        text += f" if {shown.rows} is not None else {shown.empty}"
        return Typed(parse(text), Plain("dict[str, Any]"))
    return Typed(parse(text), SchemaData(schema=schema))
