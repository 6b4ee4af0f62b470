"""What DRF keeps on a view: the policies of a handler, and the handlers of a path."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from .bodies import Parser
from .errors import MethodNotAllowed
from .metadata import described
from .responses import Renderer, Response

# The order in which DRF lists methods.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")


@dataclass(frozen=True, eq=False)
class View:
    """The policies around one handler, as an APIView's class attributes."""

    path: str
    action: str | None
    name: str | None
    authentication: Sequence[Any]
    permissions: Sequence[Any]
    throttles: Sequence[Any]
    renderers: Sequence[Renderer]
    parsers: Sequence[Parser]
    versioning: Any
    throttle_scope: str | None
    # `finalize_response`: changes every answer of the view, refusals too
    finalize: Callable[[Response], Response] | None = None
    # `initial` and the like, by name: functions around what is done without them, outermost first
    hooks: Mapping[str, Sequence[Callable[..., None]]] = field(default_factory=dict)
    # what the rows of its `queryset` are called; "" where that is None, None where there is none
    verbose_name: str | None = None
    # what the project set on the view, for permissions that read it
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def queryset_name(self) -> str:
        """What tells whether there is a queryset; AttributeError for views without the attribute."""
        if self.verbose_name is None:
            raise AttributeError("this view has no queryset")
        return self.verbose_name

    @property
    def rows_name(self) -> str:
        """What the rows of the view are called; AttributeError for views without rows."""
        if not self.verbose_name:
            raise AttributeError("this view has no queryset")
        return self.verbose_name

    @property
    def policies(self) -> tuple[Any, ...]:
        """All that decides whether a request is let in, for comparison."""
        return (
            *(tuple(items) for items in (self.authentication, self.permissions, self.throttles)),
            *(tuple(items) for items in (self.renderers, self.parsers)),
            self.versioning,
            self.throttle_scope,
        )

    @property
    def authenticate_header(self) -> str | None:
        """The WWW-Authenticate of 401 answers; without one they become 403."""
        header: str | None = self.authentication[0].header if self.authentication else None
        return header


class PathView:
    """The handlers of one path, in this application and still in the legacy one."""

    def __init__(
        self,
        default: View,
        *,
        explicit: bool = False,
        unconverted: Iterable[str] = (),
        allow: Iterable[str] | None = None,
        metadata: Any = None,
    ) -> None:
        self.default = default
        self.explicit = explicit
        self.unconverted = tuple(unconverted)
        self.allow = None if allow is None else tuple(allow)
        self.metadata = metadata
        self.handlers: dict[str, tuple[View, APIRoute]] = {}
        # routes that answer when the object of PUT is found
        self.finders: dict[str, APIRoute] = {}

    def add(self, method: str, view: View, route: APIRoute) -> None:
        """Note the handler of `method`."""
        self.handlers[method] = (view, route)

    @property
    def allow_header(self) -> str:
        """The methods that the path has for clients, in the legacy application's order."""
        if self.allow is not None:
            return ", ".join(self.allow)
        methods = {*self.handlers, *self.unconverted, "OPTIONS"}
        if "GET" in methods:
            methods.add("HEAD")
        return ", ".join(method for method in METHODS if method in methods)

    @property
    def serves_head(self) -> bool:
        """Whether HEAD goes to GET's handler."""
        return "GET" in self.handlers and (self.allow is None or "HEAD" in self.allow)

    def fallback_view(self) -> View:
        """Return the policies that hold for a method which the path lacks.

        DRF asks the view itself; where all its handlers agree, so do we, else the router's.
        """
        views = [view for view, _ in self.handlers.values()]
        if self.explicit or not views or any(v.policies != views[0].policies for v in views):
            return self.default
        return replace(views[0], action=None)

    async def refuse(self, request: Request) -> Response:
        """Answer a method that has no handler here."""
        method = request.method
        if method == "OPTIONS" and self._describes:
            return Response(await described(request, self.metadata, self.finders))
        if method == "OPTIONS" or method in self.unconverted or self._is_unconverted_head(method):
            text = f'Method "{method}" of this path is still served by the legacy application.'
            return Response({"detail": text}, 501)
        raise MethodNotAllowed(method)

    @property
    def _describes(self) -> bool:
        """Whether OPTIONS can be answered: who may send PUT follows from its object."""
        asks = "PUT" in (self.metadata or {}).get("actions", {})
        return self.metadata is not None and (not asks or "PUT" in self.finders)

    def _is_unconverted_head(self, method: str) -> bool:
        known = self.allow is None or "HEAD" in self.allow
        return method == "HEAD" and known and "GET" in self.unconverted


class Fallback:
    """The route behind all others of a path: HEAD goes to GET's handler, the rest is refused."""

    def __init__(self, view: PathView, refuse: APIRoute) -> None:
        self.view = view
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to a handler of the path."""
        route = self.refuse
        if scope["method"] == "HEAD" and self.view.serves_head:
            route = self.view.handlers["GET"][1]
        scope["route"] = route
        await route.app(scope, receive, send)
