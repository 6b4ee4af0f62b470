"""A FastAPI router whose paths behave like DRF views.

Paths are tried in the order they were first registered, whatever the method, as Django does; a
method that a path lacks is refused only after the request was authenticated and permitted.
"""

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal, TypeVar

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.convertors import CONVERTOR_TYPES, Convertor
from starlette.routing import Route

from .admission import HasSession, admission
from .bodies import DEFAULT_PARSERS, Parser
from .metadata import finder_route
from .openapi import Documentation, body_schema, query_parameters, response_model
from .responses import JSON, Renderer, Response
from .responses import as_response as rendered
from .views import Fallback, PathView, View

F = TypeVar("F", bound=Callable[..., Any])
_PARAMETER = re.compile(r"{([a-zA-Z_]\w*)(?::([a-zA-Z_]\w*))?}")


class _Text(Convertor[str]):
    """Matches a regular expression and hands the text on; Django's converters parse later."""

    def __init__(self, regex: str) -> None:
        self.regex = regex  # type: ignore[misc]  # Starlette declares it per class, reads it per instance

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return str(value)


def convertor(name: str, regex: str) -> None:
    """Let paths say `{key:name}` for parameters that match `regex`."""
    CONVERTOR_TYPES[f"legacy_{name}"] = _Text(regex)


# What `{key}` and `{key:…}` match: DRF's default lookup, then Django's converters.
convertor("lookup", "[^/.]+")
convertor("str", "[^/]+")
convertor("int", "[0-9]{1,4300}")
convertor("slug", "[-a-zA-Z0-9_]+")
convertor("uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
convertor("path", ".+")
# DRF's format suffix.
convertor("suffix", "[a-z0-9]+")
# What stands behind a route that says nothing of its end.
convertor("rest", "(?s:.*)")


def _legacy_path(path: str) -> str:
    def rewrite(match: re.Match[str]) -> str:
        name, kind = match.groups()
        own = f"legacy_{kind or 'lookup'}"
        return f"{{{name}:{own if own in CONVERTOR_TYPES else kind}}}"

    return _PARAMETER.sub(rewrite, path)


def _plain_path(path: str) -> str:
    return _PARAMETER.sub(lambda match: f"{{{match[1]}}}", path)


def _answering(
    endpoint: Callable[..., Any], status: int | None, location: str | None = None
) -> Callable[..., Any]:
    """Make `endpoint` return a response that compat renders, not FastAPI."""
    code = status or 200

    def as_response(result: Any, code: int) -> Any:
        response = rendered(result, code)
        if location is not None and (place := result.data().get(location)) is not None:
            response.headers["Location"] = str(place)
        return response

    if inspect.iscoroutinefunction(endpoint):

        @functools.wraps(endpoint)
        async def answer(*args: Any, **kwargs: Any) -> Any:
            return as_response(await endpoint(*args, **kwargs), code)

        return answer

    @functools.wraps(endpoint)
    def answer_in_thread(*args: Any, **kwargs: Any) -> Any:
        return as_response(endpoint(*args, **kwargs), code)

    return answer_in_thread


def _without_format(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """What a handler does that has no argument for the format which the path gives."""

    async def refuse() -> None:
        raise TypeError(f"{endpoint.__name__}() got an unexpected keyword argument 'format'")

    refuse.__name__ = endpoint.__name__
    return refuse


#: Statuses whose answers FastAPI will not describe; Django sends bodies with them all the same.
_BODILESS = frozenset({204, 205, 304})
# The class attributes of an APIView, each of which a router and a route may set.
_POLICIES = (
    "authentication",
    "permissions",
    "throttles",
    "renderers",
    "parsers",
    "versioning",
    "throttle_scope",
    "finalize",
    "hooks",
)


class Router(APIRouter):
    """Routes of one or more DRF views. Subclass it to set the project's defaults.

    Options of the router and of each route: `authentication`, `permissions`, `throttles`,
    `renderers`, `parsers`, `versioning`, `throttle_scope`, `finalize`, `hooks` (see the class attributes), and for a
    route `format_suffix`, `takes_format`, `optional_slash` (the path answers without its last slash
    too), `open_ended` (every path that begins so answers), `action` (DRF's name of the handler, by
    default the function's name), `query` (the paginators and filters whose parameters the OpenAPI
    document lists) and `location` (the field of the answer that is its Location header too).

    format_suffix: paths may also end in the name of a format: `/items.json`, `/items/1.json`; with
        "/." behind the last slash: `/items/.json`, as where Django includes an empty path.
    takes_format: False where the legacy handler fails for such paths, since it has no such argument.

    unconverted: the methods of each path that the legacy application still answers; they are
        listed in `Allow`, and refused with 501 here.
    allow: the whole `Allow` header of a path, where it is not DRF's usual order.
    verbose_name: what the rows of the view are called, for exception handlers that say so.
    attributes: what else the view sets, for permissions that read it.
    metadata: the body that `OPTIONS` answers with, per path.
    fallback: options for a method that a path lacks, where they are not those of its routes.
    """

    database: ClassVar[HasSession | None] = None
    authentication: Sequence[Any] = ()
    permissions: Sequence[Any] = ()
    throttles: Sequence[Any] = ()
    renderers: Sequence[Renderer] = (JSON,)
    parsers: Sequence[Parser] = DEFAULT_PARSERS
    versioning: Any = None
    throttle_scope: str | None = None
    finalize: Callable[[Response], Response] | None = None
    hooks: Mapping[str, Sequence[Callable[..., None]]] = MappingProxyType({})

    def __init__(
        self,
        *,
        prefix: str = "",
        unconverted: Mapping[str, Iterable[str]] | None = None,
        allow: Mapping[str, Iterable[str]] | None = None,
        metadata: Mapping[str, Any] | None = None,
        fallback: Mapping[str, Mapping[str, Any]] | None = None,
        name: str | None = None,
        format_suffix: bool | Literal["/."] = False,
        verbose_name: str | None = None,
        **options: Any,
    ) -> None:
        self.attributes: Mapping[str, Any] = options.pop("attributes", {})
        self.format_suffix, self.verbose_name = format_suffix, verbose_name
        for policy in _POLICIES:
            if policy in options:
                setattr(self, policy, options.pop(policy))
        super().__init__(prefix=_legacy_path(prefix), redirect_slashes=False, **options)
        self.view_name = name
        self._fallbacks = {_legacy_path(path): given for path, given in (fallback or {}).items()}
        self._paths: dict[str, PathView] = {}
        self._left = {
            _legacy_path(path): tuple(given) for path, given in (unconverted or {}).items()
        }
        self._allow = {_legacy_path(path): tuple(given) for path, given in (allow or {}).items()}
        self._metadata = {_legacy_path(path): body for path, body in (metadata or {}).items()}

    def _view(self, path: str, action: str | None, options: Mapping[str, Any]) -> View:
        policies = {policy: options.get(policy, getattr(self, policy)) for policy in _POLICIES}
        named: dict[str, Any] = {"name": self.view_name, "verbose_name": self.verbose_name}
        named["attributes"] = self.attributes
        return View(path=_plain_path(path), action=action, **named, **policies)

    def _path_view(self, path: str) -> PathView:
        """Return the view of `path`, with its catch-all route behind the last of its routes."""
        known = self._paths.get(path)
        if known is not None:
            return known
        default = self._view(self.prefix + path, None, self._fallbacks.get(path, {}))
        view = self._paths[path] = PathView(
            default=default,
            explicit=path in self._fallbacks,
            unconverted=self._left.get(path, ()),
            allow=self._allow.get(path),
            metadata=self._metadata.get(path),
        )
        gate = Depends(admission(view.fallback_view, view, self.database, threaded=False))
        refuse = APIRoute(_plain_path(self.prefix + path) or "/", view.refuse, dependencies=[gate])
        catch_all = Fallback(view, refuse)
        self.routes.append(Route(self.prefix + path, catch_all, include_in_schema=False))
        return view

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Register one handler; see the class for the options that FastAPI does not have."""
        suffixed = options.pop("format_suffix", self.format_suffix)
        either, open_ended = options.pop("optional_slash", False), options.pop("open_ended", False)
        takes_format = options.pop("takes_format", True)
        given = dict(options, include_in_schema=False, format_suffix=suffixed)
        path = _legacy_path(path)
        policies = {name: options.pop(name) for name in _POLICIES if name in options}
        action = options.pop("action", None) or endpoint.__name__
        location = options.pop("location", None)
        view = self._view(self.prefix + path, action, policies)
        path_view = self._path_view(path)
        threaded = not inspect.iscoroutinefunction(endpoint)
        gate = Depends(admission(lambda: view, path_view, self.database, threaded=threaded))
        options["dependencies"] = [gate, *(options.get("dependencies") or ())]
        answer = _answering(endpoint, options.get("status_code"), location)
        query = query_parameters(options.pop("query", ()))
        about = str((self._metadata.get(path) or {}).get("description", ""))
        vars(answer)["documentation"] = Documentation(
            view, body_schema(endpoint), query, endpoint.__name__, about
        )
        if options.get("status_code") in _BODILESS:
            options["response_model"] = None
        options.setdefault("response_model", response_model(endpoint))
        super().add_api_route(path, answer, **options)
        route = self.routes.pop()
        assert isinstance(route, APIRoute)
        self.routes.insert(self._place_of(path_view), route)
        for method in route.methods or ():
            path_view.add(method, view, route)
        if "PUT" in (route.methods or ()) and (finder := finder_route(route.path, endpoint)):
            path_view.finders["PUT"] = finder
        if suffixed and "{format:" not in path:
            handler = endpoint if takes_format else _without_format(endpoint)
            self._add_suffixed(path, handler, given, "/" if suffixed == "/." else "")
        if open_ended:
            begins = path.rstrip("/") if either else path
            self._add_variant(path, f"{begins}{{beyond:rest}}", endpoint, given)
        elif either:
            self._add_variant(path, path.rstrip("/"), endpoint, given)

    def _add_suffixed(
        self, path: str, endpoint: Callable[..., Any], options: dict[str, Any], slash: str
    ) -> None:
        """The same endpoint under its path with a format behind it, with and without a slash."""
        if not (self.prefix + path).rstrip("/"):
            slash = "/"
        for end in ("", "/"):
            suffixed = f"{path.rstrip('/')}{slash}.{{format:suffix}}{end}"
            self._add_variant(path, suffixed, endpoint, options)

    def _add_variant(
        self, path: str, variant: str, endpoint: Callable[..., Any], options: dict[str, Any]
    ) -> None:
        """The same endpoint under a path that stands for its own."""
        options.pop("name", None)
        given: Sequence[dict[str, Any]] = (
            self._left, self._allow, self._metadata, self._fallbacks,
        )  # fmt: skip
        for known in given:
            if path in known:
                known[_legacy_path(variant)] = known[path]
        self.add_api_route(variant, endpoint, **options)

    def _place_of(self, view: PathView) -> int:
        """Return the index of the catch-all of `view` among the routes."""
        for index, route in enumerate(self.routes):
            if isinstance(route, Route) and getattr(route.endpoint, "view", None) is view:
                return index
        raise LookupError(view)

    def api_route(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for some `methods` of a path."""

        def register(function: F) -> F:
            self.add_api_route(path, function, **options)
            return function

        return register

    def get(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for GET and HEAD."""
        return self.api_route(path, methods=["GET"], **options)

    def post(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for POST."""
        return self.api_route(path, methods=["POST"], **options)

    def put(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for PUT."""
        return self.api_route(path, methods=["PUT"], **options)

    def patch(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for PATCH."""
        return self.api_route(path, methods=["PATCH"], **options)

    def delete(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for DELETE."""
        return self.api_route(path, methods=["DELETE"], **options)
