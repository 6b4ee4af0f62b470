"""A view's `filter_queryset` that narrows rows, then hands on to the filters or to nobody.

    def filter_queryset(self, queryset):                     def get_queryset(self):
        queryset = queryset.filter(owner=self.kwargs["pk"])      queryset = super().get_queryset()
        return super().filter_queryset(queryset)                 queryset = queryset.filter(...)
                                                                 return queryset

Where DRF asks for the filtered rows, the rows of the view are built as on the right, and filtered by its
backends afterwards; by none where the method hands on to nobody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import libcst as cst
from libcst import matchers

from strangler.facts import Endpoint, Facts

from .class_bodies import bindings
from .operation import code_of
from .refusal import RefusalError
from .sources import KNOWN_PACKAGES, FunctionSource, Sources
from .walking import walk

if TYPE_CHECKING:
    from .world import World

NAME = "filter_queryset"
#: The actions in which DRF asks for it; other handlers do so themselves.
_ASKING = ("list", "retrieve", "update", "partial_update", "destroy")
_ABOVE = matchers.Call(func=matchers.Attribute(matchers.Call(matchers.Name("super"), args=[])))


def own_filtering(world: World, endpoint: Endpoint) -> FunctionSource | None:
    """The view's own `filter_queryset` as a `get_queryset` above its own; None where it has no rule."""
    source = _written(endpoint, world.sources)
    if source is None or not isinstance(source.node.body, cst.IndentedBlock):
        return None
    node, filtered = source.node, bool(endpoint.filter_backends)
    params = [p.name.value for p in node.params.params]
    returns = [each for each in walk(node.body) if isinstance(each, cst.Return)]
    handing = all(r.value is not None and _handed(r.value) is not r.value for r in returns)
    body = cast("cst.IndentedBlock", node.body.visit(_HandedOn()))
    if len(params) != 2 or node.decorators or (filtered and not handing):
        return None
    if "super()" in code_of(node.body if filtered and not returns else body):
        return None
    first = cst.parse_statement(f"{params[1]} = super().get_queryset()")
    own = node.params.with_changes(params=node.params.params[:1])
    body = body.with_changes(body=[first, *body.body])
    return replace(
        source, node=node.with_changes(name=cst.Name("get_queryset"), params=own, body=body)
    )


def require_carried(world: World, endpoint: Endpoint) -> None:
    """Refuse a view's own `filter_queryset` that has no rule.

    Raises:
        RefusalError: it does not only narrow the rows before it hands on.
    """
    ref = endpoint.methods.get(NAME)
    if ref is not None and own_filtering(world, endpoint) is None:
        raise RefusalError("E101", f"the view overrides `{NAME}`", ref.source or "")


def require_usual(world: World, endpoint: Endpoint) -> None:
    """The same for actions in which DRF asks for it; other handlers may not."""
    if endpoint.action in _ASKING:
        require_carried(world, endpoint)


def with_backends_asked(facts: Facts, sources: Sources) -> Facts:
    """The facts, without filter backends of views whose `filter_queryset` never asks them."""
    # pages of cursors ask the view's backends for their order, whatever the view does
    cursors = {p.name for p in facts.paginators if p.kind == "cursor"}
    endpoints = tuple(_asked(each, sources, cursors) for each in facts.endpoints)
    return facts.model_copy(update={"endpoints": endpoints})


def _asked(endpoint: Endpoint, sources: Sources, cursors: set[str]) -> Endpoint:
    source = _written(endpoint, sources) if endpoint.filter_backends else None
    if source is None or "super()" in code_of(source.node.body) or endpoint.paginator in cursors:
        return endpoint
    none = {"filter_backends": (), "filterset": None, "search_fields": (), "ordering": ()}
    return endpoint.model_copy(update={**none, "ordering_fields": None})


def _written(endpoint: Endpoint, sources: Sources) -> FunctionSource | None:
    """The method, where one class of the project has it and no package's class does."""
    ref = endpoint.methods.get(NAME)
    found = []
    for each in endpoint.lineage:
        if each.package not in KNOWN_PACKAGES:
            return None
        known = sources.class_node(each.path) if each.package is None else None
        source = sources.function(f"{each.path}.{NAME}") if known is not None else None
        if known is not None and bindings(known[0], NAME) != (source is not None):
            return None
        found += [source] if source is not None else []
    return found[0] if ref is not None and [s.path for s in found] == [ref.path] else None


class _HandedOn(cst.CSTTransformer):
    """Takes `rows` for `super().filter_queryset(rows)`."""

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return _handed(updated_node)


def _handed(value: cst.BaseExpression) -> cst.BaseExpression:
    """What `super().filter_queryset(rows)` is given; other expressions as they are."""
    if not isinstance(value, cst.Call) or not matchers.matches(value, _ABOVE):
        return value
    name = cst.ensure_type(value.func, cst.Attribute).attr.value
    plain = len(value.args) == 1 and value.args[0].keyword is None and not value.args[0].star
    return value.args[0].value if name == NAME and plain else value
