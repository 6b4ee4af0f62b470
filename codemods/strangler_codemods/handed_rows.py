"""Of which model the rows are that a view hands to its permissions itself.

    def get_object(self, pk):
        order = get_object_or_404(Order.objects.select_related("customer"), pk=pk)
        self.check_object_permissions(self.request, order)
        return order

A view without a queryset has no other model that its permissions may be written for.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from strangler.facts import Endpoint

from .operation import code_of
from .sources import FunctionSource, Module
from .world import World

_CHECK = "check_object_permissions"
#: Functions whose first argument says where the row is looked for.
_GETTERS = ("django.shortcuts.get_object_or_404", "rest_framework.generics.get_object_or_404")
_ROW_METHODS = frozenset({"get", "first", "last", "earliest", "latest"})
_OF_VIEW = frozenset({"get_object", "get_queryset", "filter_queryset", "queryset"})


def permitted_model(world: World, endpoint: Endpoint) -> str | None:
    """The model of the rows that an endpoint's permissions are asked about; None where it is not known."""
    if endpoint.queryset is not None and endpoint.queryset.model is not None:
        return endpoint.queryset.model
    found = set(handed_models(world, endpoint))
    return found.pop() if len(found) == 1 else None


def handed_models(world: World, endpoint: Endpoint) -> list[str | None]:
    """The model of each row that the view's methods hand to its permissions.

    None for what is not plainly a row of the database.
    """
    found = []
    for path in sorted({ref.path for ref in endpoint.methods.values() if ref.package is None}):
        source = world.sources.function(path)
        if source is not None and _CHECK in code_of(source.node):
            found += [*_handed(world, endpoint, source)]
    return found


def _handed(world: World, endpoint: Endpoint, source: FunctionSource) -> Iterator[str | None]:
    tree = ast.parse(textwrap.dedent(code_of(source.node).strip("\n")))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"self.{_CHECK}":
            value = _bound(tree, node.args[1] if len(node.args) == 2 else None)
            known = _is_row(world, source.module, value)
            yield _model(world, endpoint, source.module, tree, value) if known else None


def _is_row(world: World, module: Module, value: ast.expr | None) -> bool:
    """Whether an expression gives one row of what it looks into."""
    if not isinstance(value, ast.Call):
        return False
    called = value.func
    if isinstance(called, ast.Attribute) and called.attr in _ROW_METHODS:
        return True
    return world.sources.resolve(module, ast.unparse(called)) in _GETTERS or _of_view(called)


def _of_view(value: ast.expr) -> bool:
    """Whether an expression is `self.get_object`, `self.queryset` or the like."""
    return (
        isinstance(value, ast.Attribute)
        and value.attr in _OF_VIEW
        and ast.unparse(value.value) in ("self", "super()")
    )


def _bound(tree: ast.AST, name: ast.expr | None) -> ast.expr | None:
    """What a method binds to a name, where it binds it once."""
    if not isinstance(name, ast.Name):
        return None
    stored = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == name.id and isinstance(node.ctx, ast.Store)
    ]
    values = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == name.id
    ]
    return values[0] if len(stored) == len(values) == 1 else None


def _model(
    world: World, endpoint: Endpoint, module: Module, tree: ast.AST, value: ast.expr | None
) -> str | None:
    """The model at the beginning of an expression: `Order` of `Order.objects.filter(...)`."""
    while value is not None:
        if _of_view(value):
            return endpoint.queryset.model if endpoint.queryset is not None else None
        path = world.sources.resolve(module, ast.unparse(value))
        if path is not None and path in world.model_paths:
            return world.model_paths[path]
        if isinstance(value, ast.Call):
            path = world.sources.resolve(module, ast.unparse(value.func))
            value = value.args[0] if path in _GETTERS and value.args else value.func
        elif isinstance(value, ast.Attribute):
            value = value.value
        else:
            value = _bound(tree, value)
    return None
