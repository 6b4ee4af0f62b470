"""Hooks that a view overrides only to hand on to those above: `return super().dispatch(...)`."""

from __future__ import annotations

import ast
import textwrap

from strangler.facts import Endpoint, Facts

from .class_bodies import bindings
from .operation import code_of
from .sources import FunctionSource, Sources

#: What DRF calls these hooks with, after `self`; with a star, whatever the path gives.
_HOOKS = {
    "dispatch": "request, *args, **kwargs",
    "initial": "request, *args, **kwargs",
    "setup": "request, *args, **kwargs",
    "initialize_request": "request, *args, **kwargs",
    "finalize_response": "request, response, *args, **kwargs",
    "perform_authentication": "request",
    "check_permissions": "request",
    "check_throttles": "request",
    "check_object_permissions": "request, obj",
    "handle_exception": "exc",
    "filter_queryset": "queryset",
    "paginate_queryset": "queryset",
    "get_paginated_response": "data",
    "get_success_headers": "data",
    "get_renderers": "",
    "get_renderer_context": "",
    "get_exception_handler": "",
}
#: Those whose result nobody reads.
_SILENT = frozenset(
    [
        *("initial", "setup", "perform_authentication", "check_permissions", "check_throttles"),
        "check_object_permissions",
    ]
)
_FRAMEWORKS = ("rest_framework.", "django.", "builtins.", "typing.", "abc.")
_METHOD_DECORATOR = "django.utils.decorators.method_decorator"
#: Decorators of `dispatch` that change no answer.
_HARMLESS = frozenset(
    [
        "django.views.decorators.csrf.csrf_exempt",
        "django.views.decorators.debug.sensitive_post_parameters",
        "django.views.decorators.debug.sensitive_variables",
    ]
)


def without_idle_hooks(facts: Facts, sources: Sources) -> Facts:
    """The facts, without hooks of views that do nothing, and what stands around those."""
    endpoints = tuple(_without_idle(each, sources) for each in facts.endpoints)
    return facts.model_copy(update={"endpoints": endpoints})


def _without_idle(endpoint: Endpoint, sources: Sources) -> Endpoint:
    found = {name: _chain(endpoint, sources, name) for name in endpoint.methods if name in _HOOKS}
    idle = {name: chain for name, chain in found.items() if chain}
    if not idle:
        return endpoint
    decorators = list(endpoint.decorators)
    for source in idle.get("dispatch", ()):
        for path in _around(sources, source):
            if path in decorators:
                decorators.remove(path)
    methods = {name: ref for name, ref in endpoint.methods.items() if name not in idle}
    return endpoint.model_copy(update={"methods": methods, "decorators": tuple(decorators)})


def _chain(endpoint: Endpoint, sources: Sources, name: str) -> list[FunctionSource]:
    """The hook in each of the view's classes that has it; none unless all only hand on."""
    found = []
    for each in endpoint.lineage:
        if each.path.startswith(_FRAMEWORKS):
            continue
        known = sources.class_node(each.path) if each.package is None else None
        if known is None:
            return []
        source = sources.function(f"{each.path}.{name}")
        if bindings(known[0], name) != (source is not None):  # made in another way, or twice
            return []
        if source is None:
            continue
        harmless = name == "dispatch" and _HARMLESS.issuperset(_around(sources, source))
        if not (harmless or not source.node.decorators) or not _only_passes(source, name):
            return []
        found.append(source)
    paths = {source.path for source in found}
    return found if endpoint.methods[name].path in paths else []


def _around(sources: Sources, source: FunctionSource) -> list[str]:
    """The paths of a method's decorators, those within `method_decorator` for it."""
    found = []
    for decorator in source.node.decorators:
        module, node = source.module, ast.parse(code_of(decorator.decorator), mode="eval").body
        path = sources.resolve(module, ast.unparse(node))
        place = sources.split(path) if path is not None else None
        value = place[0].constant(place[1]) if place is not None and "." not in place[1] else None
        if place is not None and value is not None:  # a name for what was made once
            module, node = place[0], value
        if isinstance(node, ast.Call):
            path = sources.resolve(module, ast.unparse(node.func))
            if path == _METHOD_DECORATOR and len(node.args) == 1 and not node.keywords:
                node = node.args[0]
        node = node.func if isinstance(node, ast.Call) else node
        found.append(sources.resolve(module, ast.unparse(node)) or "")
    return found


def _only_passes(source: FunctionSource, name: str) -> bool:
    """Whether the body is one call of the same hook above, with the same arguments."""
    (function,) = ast.parse(textwrap.dedent(code_of(source.node).strip("\n"))).body
    if not isinstance(function, ast.FunctionDef):
        return False
    parameters = function.args
    given = [*parameters.posonlyargs, *parameters.args][1:]
    if parameters.defaults or parameters.kwonlyargs:
        return False
    names = [each.arg for each in given]
    names += [f"*{parameters.vararg.arg}"] if parameters.vararg else []
    names += [f"**{parameters.kwarg.arg}"] if parameters.kwarg else []
    if [_stars(each) for each in names] not in ([_stars(each) for each in _asked(name)], [1, 2]):
        return False
    body = [each for each in function.body if not _is_text(each)]
    value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return | ast.Expr) else None
    if value is None or (isinstance(body[0], ast.Expr) and name not in _SILENT):
        return False
    called = ast.unparse(value)
    owner = (source.owner or "").rpartition(".")[2]
    first = [*parameters.posonlyargs, *parameters.args][0].arg
    above = (f"super().{name}", f"super({owner}, {first}).{name}")
    return any(called == f"{each}({', '.join(names)})" for each in above)


def _asked(name: str) -> list[str]:
    return [each for each in _HOOKS[name].split(", ") if each]


def _stars(name: str) -> int:
    return len(name) - len(name.lstrip("*"))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
