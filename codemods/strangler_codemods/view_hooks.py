"""What a view has of its own that an endpoint passes through, and whether a rule carries each."""

from __future__ import annotations

import ast
import re
import textwrap

import libcst as cst

from strangler.facts import Endpoint, Ref

from . import web_tokens
from .class_bodies import class_value
from .endpoint_index import index_of
from .operation import code_of, string_value
from .own_filtering import require_usual
from .permission_trees import ChosenPermission
from .refusal import RefusalError
from .world import World

# What Django, DRF and django-filter read of a view or call on it, and where a rule looks at it.
_FRAMEWORK = frozenset(
    [
        *("__call__", "__getattr__", "__getattribute__", "__init__", "__setattr__", "as_view"),
        *("allowed_methods", "_allowed_methods", "authentication_classes"),
        *(
            "content_negotiation_class",
            "csrf_exempt",
            "default_response_headers",
        ),
        *("determine_version", "dispatch", "filter_backends", "filter_class", "filter_fields"),
        *("filterset_base", "filterset_class", "filterset_fields"),
        *("get_authenticate_header", "get_content_negotiator", "get_exception_handler"),
        *("get_exception_handler_context", "get_filterset_class", "get_filterset_kwargs"),
        "get_renderers",  # what it gives is known, but `Vary` follows from `renderer_classes`
        *("get_parser_context", "get_renderer_context", "get_serializer"),
        *("handle_exception", "head", "http_method_names", "http_method_not_allowed"),
        *("initialize_request", "lookup_field", "lookup_url_kwarg", "lookup_value_converter"),
        *("lookup_value_regex", "ordering", "ordering_fields"),
        *("pagination_class", "parser_classes", "perform_authentication"),
        *("perform_content_negotiation", "permission_classes", "queryset", "renderer_classes"),
        *("raise_uncaught_exception", "search_fields", "serializer_class", "setup", "settings"),
        *("throttle_classes", "throttle_scope", "throttled", "versioning_class", "view_is_async"),
    ]
)
_STATIC = frozenset(
    [
        "get_permissions",
        "get_serializer_class",
        "get_throttles",
        "get_authenticators",
        "get_parsers",
        "get_format_suffix",
    ]
)
_DETAIL = ("check_object_permissions",)
_BY_ACTION = {
    "list": ("paginate_queryset", "get_paginated_response", "paginator"),
    "retrieve": _DETAIL,
    "create": ("get_success_headers",),
    "update": _DETAIL,
    "partial_update": ("update", *_DETAIL),
    "destroy": _DETAIL,
}  # fmt: skip
# What the running view was asked for, or what does not change answers.
_INITKWARGS = frozenset(
    [
        *(
            "authentication_classes",
            "basename",
            "content_negotiation_class",
            "description",
            "detail",
        ),
        *("filter_backends", "filterset_class", "filterset_fields", "http_method_names", "name"),
        *("lookup_field", "lookup_url_kwarg", "metadata_class", "ordering", "ordering_fields"),
        *("pagination_class", "parser_classes", "permission_classes", "renderer_classes", "schema"),
        *("search_fields", "serializer_class", "suffix", "throttle_classes", "throttle_scope"),
        *("versioning_class", "swagger_schema"),
    ]
)
#: How a handler comes to the serializer class of its view.
_ASKING = re.compile(r"\b(get_serializer|get_serializer_class|serializer_class)\b|\bsuper\(")
_METHOD_DECORATOR = "django.utils.decorators.method_decorator"
_CLASS_DECORATORS = frozenset(
    [
        # What they set on the class is known from the running project.
        "rest_framework.decorators.authentication_classes",
        "rest_framework.decorators.parser_classes",
        "rest_framework.decorators.permission_classes",
        "rest_framework.decorators.renderer_classes",
        "rest_framework.decorators.throttle_classes",
        "drf_spectacular.utils.extend_schema",
        "drf_spectacular.utils.extend_schema_view",
        "typing.final",
        "typing_extensions.final",
    ]
)
_ALLOWED_SELF = frozenset({"action", "request", "permission_classes", "serializer_class", "detail"})


def overridden(world: World, endpoint: Endpoint) -> None:
    """Refuse an endpoint that passes through an override without a rule.

    Raises:
        RefusalError: names the first such method and its line.
    """
    _require_plain_arguments(endpoint)
    _require_known_decorators(world, endpoint)
    for asked in endpoint.dynamic:
        if asked.startswith("HEAD:"):
            text = "the view decides otherwise for HEAD than for GET"
            raise RefusalError("E102", text, endpoint.source or "")
        alone = endpoint.action == "destroy" or _answers_alone(world, endpoint)
        unasked = ("get_serializer_class:",) if alone else ()
        if not asked.startswith(("get_queryset:", "get_view_name:", *unasked)):
            text = f"asked for its parts, the view raised: {asked}"
            raise RefusalError("E103", text, endpoint.source or "")
    _require_common_settings(world, endpoint)
    require_usual(world, endpoint)
    relevant = _relevant(world, endpoint)
    for name, ref in sorted(_methods(endpoint).items()):
        if name in relevant and not world.registry.knows("view method", ref.path, endpoint):
            place = ref.source or endpoint.source or ""
            raise RefusalError("E101", f"the view overrides `{name}`", place)
        if name in _STATIC and not _is_chosen(endpoint, name):
            for path in [c.path for c in endpoint.lineage if c.package is None]:
                if world.sources.function(f"{path}.{name}") is not None:
                    own = ref.model_copy(update={"path": f"{path}.{name}", "source": None})
                    require_static(world, endpoint, ref if ref.path == own.path else own)
            if world.sources.function(ref.path) is None:
                require_static(world, endpoint, ref)


def _require_common_settings(world: World, endpoint: Endpoint) -> None:
    """Refuse a view with other settings of DRF's than the rest: `settings = APISettings(...)`."""
    for ref in endpoint.lineage:
        found = world.sources.class_node(ref.path) if ref.package is None else None
        bound = class_value(found[0], "settings", found[1]) if found is not None else None
        if bound is not None:
            text = "the view has DRF's settings of its own"
            raise RefusalError("E101", text, ref.source or endpoint.source or "")


def _methods(endpoint: Endpoint) -> dict[str, Ref]:
    """The methods of the view, without SimpleJWT's own, which rules look at."""
    theirs = f"{web_tokens.PACKAGE}.views."
    return {n: ref for n, ref in endpoint.methods.items() if not ref.path.startswith(theirs)}


def _is_chosen(endpoint: Endpoint, name: str) -> bool:
    """Whether the hook is carried, and asked anew for each request."""
    trees = endpoint.permissions
    return name == "get_permissions" and any(isinstance(t, ChosenPermission) for t in trees)


def _relevant(world: World, endpoint: Endpoint) -> frozenset[str]:
    """The methods that the framework asks on the way to the answer, where no rule looks at them."""
    names = _FRAMEWORK | frozenset(_BY_ACTION.get(endpoint.action or "", ()))
    asked = endpoint.action != "destroy" and not _answers_alone(world, endpoint)
    return names if asked else names - {"get_serializer"}


def _answers_alone(world: World, endpoint: Endpoint) -> bool:
    """Whether the project wrote the handler, which asks its view for no serializer."""
    ref = endpoint.methods.get(endpoint.action or "")
    source = world.sources.function(ref.path) if ref is not None else None
    return source is not None and _ASKING.search(code_of(source.node)) is None


def _require_plain_arguments(endpoint: Endpoint) -> None:
    """Refuse `as_view(name=...)` and `@action(name=...)` that set what rules read of the class."""
    for name in sorted(endpoint.initkwargs):
        if name not in _INITKWARGS:
            text = f"`{name}` is set where the view is routed"
            raise RefusalError("E127", text, endpoint.source or "")
    for name in sorted(endpoint.url_arguments):
        text = f"the path hands `{name}` to the view"
        raise RefusalError("E127", text, endpoint.source or "")


def _require_known_decorators(world: World, endpoint: Endpoint) -> None:
    """Refuse decorators of the view's classes that may change what the classes hold."""
    routed = index_of(world.facts).by_view.get(endpoint.view, [])
    handlers = {each.action for each in routed} | {"dispatch"}
    for ref in endpoint.lineage:
        found = world.sources.class_node(ref.path) if ref.package is None else None
        for decorator in found[0].decorators if found is not None else ():
            assert found is not None
            inner = decorator.decorator
            name = code_of(inner.func if isinstance(inner, cst.Call) else inner)
            path = world.sources.resolve(found[1], name)
            if world.registry.knows("decorator", path):
                continue
            if path in _CLASS_DECORATORS or _is_made_of(world, path, _CLASS_DECORATORS):
                continue
            # What it puts around a handler was seen around the handler itself.
            if path == _METHOD_DECORATOR and _decorated_method(inner) in handlers:
                continue
            place = f"{found[1].path}:{found[1].line_of(decorator)}"
            raise RefusalError("E125", f"the class decorator `{name}` has no rule", place)


def _is_made_of(world: World, path: str | None, makers: frozenset[str]) -> bool:
    """Whether a name of the project is bound to what a call of one of `makers` gave."""
    found = world.sources.split(path) if path is not None else None
    value = found[0].constant(found[1]) if found is not None and "." not in found[1] else None
    if found is None or not isinstance(value, ast.Call):
        return False
    return world.sources.resolve(found[0], ast.unparse(value.func)) in makers


def _decorated_method(node: cst.BaseExpression) -> str | None:
    """`list`, of `method_decorator(..., name="list")`."""
    for argument in node.args if isinstance(node, cst.Call) else ():
        if argument.keyword is not None and argument.keyword.value == "name":
            return string_value(argument.value)
    return None


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
            is_there = isinstance(above, ast.BoolOp)  # `self.request and ...`: it always is
            if node.attr == "request" and not (
                is_there or (isinstance(above, ast.Attribute) and above.attr == "method")
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
