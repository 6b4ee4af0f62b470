"""A paginator that a handler makes cuts pages as one that its view declares.

Before: paginator = PageNumberPagination(); page = paginator.paginate_queryset(notes, request)
        return paginator.get_paginated_response(NoteSerializer(page, many=True).data)
After:  return await paginate(session, DefaultPageNumberPagination, notes, NoteRead)
"""

from dataclasses import replace

import libcst as cst

from strangler_codemods.answer_types import PageData, PageOf, PaginatorMade, Response
from strangler_codemods.default_order import ordered
from strangler_codemods.operation import Operation, Typed
from strangler_codemods.rule import assign, call, method, rewrites
from strangler_codemods.types import Constant, Query, Request, View

_DRF = "rest_framework.pagination"


@rewrites(
    call(f"{_DRF}.PageNumberPagination"),
    call(f"{_DRF}.LimitOffsetPagination"),
    call(f"{_DRF}.BasePagination"),
)
def made(operation: Operation) -> Typed:
    if operation.args:
        operation.refuse("G101", "a paginator made with arguments has no rule")
    return Typed(operation.node, PaginatorMade(operation.name, id(operation.node)))


@rewrites(assign(PaginatorMade, "*"))
def option(operation: Operation) -> Typed:
    """`paginator.page_size = 5`: what is known now becomes the class's."""
    body, kind = operation.body, operation.on.type
    assert isinstance(kind, PaginatorMade)
    given = operation.other.type if operation.other is not None else None
    target = operation.node.value if isinstance(operation.node, cst.Attribute) else None
    others = [name for name, known in body.env.items() if known == kind]
    if not isinstance(given, Constant) or given.others or not isinstance(target, cst.Name):
        operation.refuse("G104", f"`{operation.name}` of a paginator is computed")
    if others != [target.value] or not isinstance(given.value, int | str | None):
        operation.refuse("G104", f"`{operation.name}` of a paginator has no rule")
    options = {**dict(kind.options), operation.name: given.value}
    body.env[target.value] = replace(kind, options=tuple(sorted(options.items())))
    return Typed(operation.node, Constant(None))


@rewrites(method(PaginatorMade, "paginate_queryset"))
def cut(operation: Operation) -> Typed:
    body, tools, kind = operation.body, operation.body.owner.tools, operation.on.type
    assert isinstance(kind, PaginatorMade)
    given = operation.take("queryset", "request", "view")
    if tools is None or body.colour != "async" or not {"queryset", "request"} <= given.keys():
        operation.refuse("B302", "`paginate_queryset` has no rule here")
    statement, asked = body.expr(given["queryset"]), body.expr(given["request"])
    view = body.expr(given["view"]).type if "view" in given else View()
    if not isinstance(asked.type, Request) or view not in (View(), Constant(None)):
        operation.refuse("B302", "`paginate_queryset` of another request has no rule")
    query = statement.type
    if not isinstance(query, Query) or query.sliced or query.values:
        operation.refuse("B302", "pages of this have no rule")
    if not tools.cuts(kind):
        operation.refuse("G103", "the page size is not known")
    return Typed(operation.node, PageOf(query.model, ordered(body, statement).code, kind))


@rewrites(method(PaginatorMade, "get_paginated_response"))
def answer(operation: Operation) -> Typed:
    shown = operation.body.expr(operation.take("data")["data"]).type
    if not isinstance(shown, PageData) or shown.made != operation.on.type:
        operation.refuse("B302", "`get_paginated_response` of this has no rule")
    return Typed(operation.node, Response(False, 200, shown.text, shown.schema))
