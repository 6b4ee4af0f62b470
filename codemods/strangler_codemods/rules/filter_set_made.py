"""A FilterSet that a handler makes of the request's parameters narrows its queryset.

What its form refuses narrows nothing: nobody asks whether it is valid. Checked data is taken
like parameters, where texts and numbers mean the same to the filters.

Before: books = BookFilter(request.GET, queryset=books).qs
After:  books = await narrowed_by(session, books, request, BookFilter)
"""

from typing import cast

from strangler.facts import release
from strangler_codemods.answer_types import FilterSetMade
from strangler_codemods.class_bodies import loaded_names
from strangler_codemods.default_order import ordered
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, call, rewrites
from strangler_codemods.types import Plain, Query, QueryParams, Request, Type, ValidData
from strangler_codemods.world import World

#: Filters to which a value and its text are the same, and the types of such values.
_ALIKE = frozenset({"BooleanFilter", "CharFilter", "NumberFilter"})
_TEXTS = frozenset({"bool", "int", "str"})
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
    over = kinds["data"].type
    if not isinstance(over, QueryParams | ValidData) or not isinstance(query.type, Query):
        operation.refuse("F104", f"`{operation.name}` over something else has no rule")
    if (
        query.type.sliced
        or query.type.shape
        or (asked and not isinstance(kinds["request"].type, Request))
    ):
        operation.refuse("F104", f"`{operation.name}` over these rows has no rule")
    _require_usual(operation, body.world, query.type.model, asked=asked)
    query = ordered(body, query)
    data = ""
    if isinstance(over, ValidData):
        _require_like_parameters(operation, over)
        data = f"{kinds['data'].code}.attrs()"
    return Typed(operation.node, FilterSetMade(operation.name, query.code, query.type, data))


def _require_like_parameters(operation: Operation, data: ValidData) -> None:
    """Refuse checked values of which a filter makes something else than of their text."""
    world = operation.body.world
    facts = next(each for each in world.facts.filtersets if each.name == operation.name)
    serializer = next((s for s in world.facts.serializers if s.name == data.name), None)
    if serializer is None or data.name in world.reshaped or world.valid_value is None:
        operation.refuse("F104", f"`{operation.name}` over this data has no rule")
    given = {field.source for field in serializer.fields}
    for one in facts.filters:
        parts = {one.name, *(name for name in given if name.startswith(f"{one.name}_"))}
        if not parts & given:
            continue
        found = world.valid_value(data.name, one.name)
        kind = found[1] if found is not None else None
        name = kind.name.removesuffix(" | None") if isinstance(kind, Plain) else ""
        if one.cls.rpartition(".")[2] not in _ALIKE or parts != {one.name} or name not in _TEXTS:
            operation.refuse("F104", f"the filter `{one.name}` over this data has no rule")


def _require_usual(operation: Operation, world: World, label: str, *, asked: bool) -> None:
    """Refuse releases that answer otherwise, models of others, methods that miss the request."""
    if release(world.facts.legacy.package("django-filter")) < _LENIENT:
        operation.refuse("F104", "FilterSets of this release made here have no rule")
    facts = next(each for each in world.facts.filtersets if each.name == operation.name)
    if facts.model not in (None, label):
        operation.refuse("F104", f"`{operation.name}` is made for {facts.model}")
    reading = (one.method.path for one in facts.filters if one.method is not None)
    if not asked and any(_reads_itself(world, path) for path in reading):
        operation.refuse("F104", f"`{operation.name}` reads a request, which it is not given")


def _reads_itself(world: World, path: str) -> bool:
    """Whether a method asks its filter set for anything, such as the request."""
    source = world.sources.function(path)
    params = source.node.params.params if source is not None else ()
    if source is None or not params:
        return True
    return any(each.value == params[0].name.value for each in loaded_names(source.node.body))


@rewrites(attribute(FilterSetMade, "qs"))
def narrowed(operation: Operation) -> Typed:
    body, tools, kind = operation.body, operation.body.owner.tools, operation.on.type
    assert isinstance(kind, FilterSetMade)
    if tools is None:
        operation.refuse("F104", f"`{kind.path}` has no rule here")
    query = cast("Query", kind.query)
    chosen = tools.filter_set(kind.path, query.model)
    function = body.compat("filtersets", "narrowed_by")
    data = f", {kind.data}" if kind.data else ""
    text = f"await {function}({body.session()}, {kind.text}, {body.request()}, {chosen}{data})"
    return Typed(parse(text), cast("Type", query))
