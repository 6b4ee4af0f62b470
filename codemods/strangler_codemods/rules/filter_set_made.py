"""A FilterSet that a handler makes of the request's parameters narrows its queryset.

What its form refuses narrows nothing: nobody asks whether it is valid.

Before: books = BookFilter(request.GET, queryset=books).qs
After:  books = await narrowed_by(session, books, request, BookFilter)
"""

from typing import cast

from strangler.facts import release
from strangler_codemods.answer_types import FilterSetMade
from strangler_codemods.default_order import ordered
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, call, rewrites
from strangler_codemods.types import Query, QueryParams, Request, Type
from strangler_codemods.world import World

_LENIENT = (2, 0)  # the release since which what is wrong is left out


@rewrites(call("django_filters.FilterSet"))
def made(operation: Operation) -> Typed:
    body, tools = operation.body, operation.body.owner.tools
    given = operation.take("data", "queryset", "request")
    kinds = {name: body.expr(node) for name, node in given.items()}
    query = kinds.get("queryset")
    if tools is None or body.colour != "async" or query is None or "data" not in kinds:
        operation.refuse("F104", f"`{operation.name}` made here has no rule")
    asked = "request" in kinds
    if not isinstance(kinds["data"].type, QueryParams) or not isinstance(query.type, Query):
        operation.refuse("F104", f"`{operation.name}` over something else has no rule")
    if (
        query.type.sliced
        or query.type.shape
        or (asked and not isinstance(kinds["request"].type, Request))
    ):
        operation.refuse("F104", f"`{operation.name}` over these rows has no rule")
    _require_usual(operation, body.world, query.type.model, asked=asked)
    query = ordered(body, query)
    return Typed(operation.node, FilterSetMade(operation.name, query.code, query.type))


def _require_usual(operation: Operation, world: World, label: str, *, asked: bool) -> None:
    """Refuse releases that answer otherwise, models of others, methods that miss the request."""
    if release(world.facts.legacy.package("django-filter")) < _LENIENT:
        operation.refuse("F104", "FilterSets of this release made here have no rule")
    facts = next(each for each in world.facts.filtersets if each.name == operation.name)
    if facts.model not in (None, label):
        operation.refuse("F104", f"`{operation.name}` is made for {facts.model}")
    if not asked and any(one.method is not None for one in facts.filters):
        operation.refuse("F104", f"`{operation.name}` has methods, and is not given the request")


@rewrites(attribute(FilterSetMade, "qs"))
def narrowed(operation: Operation) -> Typed:
    body, tools, kind = operation.body, operation.body.owner.tools, operation.on.type
    assert isinstance(kind, FilterSetMade)
    if tools is None:
        operation.refuse("F104", f"`{kind.path}` has no rule here")
    query = cast("Query", kind.query)
    chosen = tools.filter_set(kind.path, query.model)
    function = body.compat("filtersets", "narrowed_by")
    text = f"await {function}({body.session()}, {kind.text}, {body.request()}, {chosen})"
    return Typed(parse(text), cast("Type", query))
