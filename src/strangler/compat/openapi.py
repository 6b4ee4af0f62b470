"""The OpenAPI document: what clients may send and FastAPI cannot see by itself."""

import inspect
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from fastapi import FastAPI
from fastapi.dependencies.utils import get_typed_return_annotation, get_typed_signature
from fastapi.params import Depends
from fastapi.routing import iter_route_contexts
from pydantic import TypeAdapter
from starlette.responses import Response

from . import settings
from .credentials import Challenge
from .permissions import SAFE_METHODS, AllowAny, IsAuthenticatedOrReadOnly
from .views import View

_REFS = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Documentation:
    """What a route has beyond its signature: the body, query parameters with texts, policies.

    name: of the function. about: what OPTIONS tells of the view, shown where no docstring is.
    """

    view: View
    body: Any
    query: Mapping[str, str]
    name: str = ""
    about: str = ""


def body_schema(endpoint: Callable[..., Any]) -> Any:
    """Return the write schema of a `Valid[...]` parameter, or None."""
    for parameter in get_typed_signature(endpoint).parameters.values():
        for mark in get_args(parameter.annotation)[1:]:
            schema = getattr(mark.dependency, "schema", None) if isinstance(mark, Depends) else None
            if schema is not None:
                return schema
    return None


def response_model(endpoint: Callable[..., Any]) -> Any:
    """Return what the annotation of the result documents: ready-made responses tell nothing."""
    annotation = get_typed_return_annotation(endpoint)
    if get_origin(annotation) not in (Union, UnionType):
        return None if _is_response(annotation) else annotation
    shown = tuple(member for member in get_args(annotation) if not _is_response(member))
    return Union[shown] if shown else None  # noqa: UP007  # built from a tuple


def _is_response(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, Response)


def query_parameters(sources: Iterable[Any]) -> dict[str, str]:
    """Join the parameters of paginators and filters, with their descriptions."""
    return {name: text for source in sources for name, text in source.parameters().items()}


def describe(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Return the `openapi` method of the application: FastAPI's document, completed once."""
    build = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(app, build())
        return app.openapi_schema or {}

    return complete


def _complete(app: FastAPI, document: dict[str, Any]) -> None:
    operations = list(_operations(app, document))
    _name_operations(operations)
    bodies = _bodies(documentation for _, documentation, _ in operations)
    components: dict[str, Any] = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(bodies.pop("$defs", {}))
    schemes = components.setdefault("securitySchemes", {})
    for method, documentation, operation in operations:
        _describe_operation(documentation, operation, bodies)
        _describe_policies(documentation.view, method, operation)
        for authenticator in _authenticators(documentation.view):
            schemes.update(_scheme(authenticator))
    _drop_unused(document, "HTTPValidationError")
    _drop_unused(document, "ValidationError")


def _name_operations(operations: Iterable[tuple[str, Documentation, dict[str, Any]]]) -> None:
    """Give each the name of its function as `operationId`, after its tags where others share it."""
    names = Counter(documentation.name for _, documentation, _ in operations)
    taken: set[str] = set()
    for _, documentation, operation in operations:
        tags = "_".join(operation.get("tags", ())).replace(" ", "_")
        name = documentation.name
        wanted = name if names[name] == 1 else f"{tags}_{name}"
        if name and wanted not in taken:
            operation["operationId"] = wanted
            taken.add(wanted)


def _drop_unused(document: dict[str, Any], name: str) -> None:
    """Remove a schema of FastAPI's that no operation shows."""
    if f'"{_REFS.format(model=name)}"' not in json.dumps(document):
        document["components"]["schemas"].pop(name, None)


def _operations(
    app: FastAPI, document: dict[str, Any]
) -> Iterable[tuple[str, Documentation, dict[str, Any]]]:
    for route in iter_route_contexts(app.routes):
        documentation = getattr(route.endpoint, "documentation", None)
        if not isinstance(documentation, Documentation):
            continue
        operations = document["paths"].get(route.path_format, {})
        for method in route.methods or ():
            if method.lower() in operations:
                yield method, documentation, operations[method.lower()]


def _bodies(documentations: Iterable[Documentation]) -> dict[str, Any]:
    """Return the JSON schemas of the bodies by the text of their type, and their definitions."""
    found = {repr(one.body): one.body for one in documentations if one.body is not None}
    inputs = [(name, "validation", TypeAdapter(body)) for name, body in found.items()]
    schemas, definitions = TypeAdapter.json_schemas(inputs, ref_template=_REFS)  # type: ignore[arg-type]
    return {name: schema for (name, _), schema in schemas.items()} | {
        "$defs": definitions.get("$defs", {})
    }


def _describe_operation(
    documentation: Documentation, operation: dict[str, Any], bodies: dict[str, Any]
) -> None:
    # Input is refused with DRF's 400, never with FastAPI's 422.
    operation.get("responses", {}).pop("422", None)
    if documentation.name:
        operation["summary"] = documentation.name.replace("_", " ").capitalize()
    if documentation.about:
        operation.setdefault("description", documentation.about)
    if documentation.body is not None:
        schema = bodies[repr(documentation.body)]
        kinds = [parser.media_type for parser in documentation.view.parsers]
        content = {kind: {"schema": schema} for kind in kinds}
        operation["requestBody"] = {"required": True, "content": content}
        operation["responses"]["400"] = {"description": "The messages of each refused field."}
    known = {parameter["name"] for parameter in operation.get("parameters", ())}
    for name, text in documentation.query.items():
        if name not in known:
            parameter = {
                "name": name,
                "in": "query",
                "required": False,
                "schema": {"type": "string"},
            }
            operation.setdefault("parameters", []).append(
                parameter | ({"description": text} if text else {})
            )


def _describe_policies(view: View, method: str, operation: dict[str, Any]) -> None:
    """Tell who may ask, and the answers to those who may not and to those who find nothing."""
    responses = operation.setdefault("responses", {})
    needed = _needs_login(view, method)
    known = _authenticators(view)
    if known:
        schemes = [name for one in known for name in _scheme(one)]
        operation["security"] = [{name: []} for name in schemes] + ([] if needed else [{}])
    if needed:
        status = "401" if known and known[0].header else "403"
        responses.setdefault(status, {"description": "Who asks has to be known."})
    if "{" in view.path:
        responses.setdefault("404", {"description": "There is no such object."})


def _authenticators(view: View) -> list[Any]:
    return [one for one in view.authentication if not isinstance(one, Challenge)]


def _needs_login(view: View, method: str) -> bool:
    """Whether a permission is there that may refuse those whom nobody knows."""
    open_to_all: tuple[Any, ...] = (AllowAny,)
    if method in SAFE_METHODS:
        open_to_all += (IsAuthenticatedOrReadOnly,)
    return any(one not in open_to_all for one in view.permissions)


def _scheme(authenticator: Any) -> dict[str, Any]:
    """Describe an authenticator by the challenge it sends; those without one use the session."""
    header = (authenticator.header or "").partition(" ")[0]
    name = type(authenticator).__name__
    if header.lower() in ("basic", "bearer"):
        return {name: {"type": "http", "scheme": header.lower()}}
    if header:
        text = f"`{header}` and a blank in front of the key."
        return {
            name: {"type": "apiKey", "in": "header", "name": "Authorization", "description": text}
        }
    cookie = settings.SESSION_COOKIE_NAME
    return {name: {"type": "apiKey", "in": "cookie", "name": cookie}}
