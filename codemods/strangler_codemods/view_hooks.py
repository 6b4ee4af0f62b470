"""Which overrides of a view an endpoint passes through, and whether a rule carries each."""

from __future__ import annotations

import ast
import textwrap

from strangler.facts import Endpoint, Ref

from .operation import code_of
from .refusal import RefusalError
from .world import World

_ALWAYS = frozenset(
    [
        "dispatch",
        "initial",
        "initialize_request",
        "finalize_response",
        "handle_exception",
        "permission_denied",
        "throttled",
        "check_permissions",
        "check_throttles",
        "perform_authentication",
        "perform_content_negotiation",
        "determine_version",
        "get_content_negotiator",
        "get_exception_handler",
        "get_exception_handler_context",
        "http_method_not_allowed",
        "setup",
        "get_parser_context",
        "get_renderer_context",
        "get_serializer_context",
        "get_serializer",
        "default_response_headers",
        "allowed_methods",
        "raise_uncaught_exception",
        "__init__",
        "as_view",
    ]
)
_STATIC = frozenset(
    [
        "get_permissions",
        "get_serializer_class",
        "get_throttles",
        "get_authenticators",
        "get_parsers",
        "get_renderers",
        "get_format_suffix",
    ]
)
_DETAIL = ("filter_queryset", "check_object_permissions")
_BY_ACTION = {
    "list": ("filter_queryset", "paginate_queryset", "get_paginated_response", "paginator"),
    "retrieve": _DETAIL,
    "create": ("get_success_headers",),
    "update": _DETAIL,
    "partial_update": ("update", *_DETAIL),
    "destroy": _DETAIL,
}  # fmt: skip
_ALLOWED_SELF = frozenset({"action", "request", "permission_classes", "serializer_class", "detail"})


def overridden(world: World, endpoint: Endpoint) -> None:
    """Refuse an endpoint that passes through an override without a rule.

    Raises:
        RefusalError: names the first such method and its line.
    """
    for asked in endpoint.dynamic:
        if not asked.startswith(("get_queryset:", "get_view_name:")):
            text = f"asked for its parts, the view raised: {asked}"
            raise RefusalError("E103", text, endpoint.source or "")
    relevant = _ALWAYS | frozenset(_BY_ACTION.get(endpoint.action or "", ()))
    for name, ref in sorted(endpoint.methods.items()):
        if name in relevant:
            place = ref.source or endpoint.source or ""
            raise RefusalError("E101", f"the view overrides `{name}`", place)
        if name in _STATIC:
            for path in [c.path for c in endpoint.lineage if c.package is None]:
                if world.sources.function(f"{path}.{name}") is not None:
                    own = ref.model_copy(update={"path": f"{path}.{name}", "source": None})
                    require_static(world, endpoint, ref if ref.path == own.path else own)
            if world.sources.function(ref.path) is None:
                require_static(world, endpoint, ref)


def require_static(world: World, endpoint: Endpoint, ref: Ref) -> None:
    """Refuse a `get_permissions`-like hook that looks at more than the action and the method.

    What such a hook gives for an action was asked from the running view, so it is enough to know that it gives
    nothing else at another time.
    """
    source = world.sources.function(ref.path)
    place = ref.source or (source.source if source is not None else endpoint.source or "")
    name = ref.path.rpartition(".")[2]
    if source is None:
        raise RefusalError("E102", f"`{ref.path}` has no source", place)
    tree = ast.parse(textwrap.dedent(code_of(source.node).strip("\n")))
    allowed = _ALLOWED_SELF | set(endpoint.attributes) | _class_attributes(world, endpoint)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        is_self = isinstance(node, ast.Name) and node.id == "self"
        if is_self and not isinstance(parents.get(node), ast.Attribute):
            raise RefusalError("E102", f"`{name}` hands the view on", place)
        if not isinstance(node, ast.Attribute):
            continue
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            if node.attr not in allowed:
                raise RefusalError("E102", f"`{name}` reads `self.{node.attr}`", place)
            above = parents.get(node)
            if node.attr == "request" and not (
                isinstance(above, ast.Attribute) and above.attr == "method"
            ):
                raise RefusalError("E102", f"`{name}` looks at the request", place)


def _class_attributes(world: World, endpoint: Endpoint) -> set[str]:
    """Names that the view's classes assign in their bodies: the same at any time."""
    found: set[str] = set()
    for ref in endpoint.lineage:
        place = world.sources.split(ref.path)
        if ref.package is not None or place is None:
            continue
        for node in ast.walk(place[0].tree):
            if isinstance(node, ast.ClassDef) and node.name == place[1].rpartition(".")[2]:
                targets = [s.targets for s in node.body if isinstance(s, ast.Assign)]
                found |= {t.id for many in targets for t in many if isinstance(t, ast.Name)}
    return found
