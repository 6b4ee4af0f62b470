"""How exceptions become answers: DRF's around API views, Django's pages around everything else."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response as StarletteResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import settings
from .errors import (
    APIException,
    AuthenticationFailed,
    Forbidden,
    Http404,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
)
from .headers import add_vary, changing
from .responses import RenderingError, Response, error_page
from .urls import SuspiciousRequest
from .views import PathView, View

logger = logging.getLogger("app.request")


@dataclass(frozen=True)
class HandlerContext:
    """What an exception handler is told: the request, and the view that it was for."""

    request: Request
    view: View


def present(response: Response | None) -> Response:
    """The response of DRF's handler; AttributeError where it has none, as reading None raises."""
    if response is None:
        raise AttributeError("DRF's exception handler does not know this error")
    return response


ExceptionHandler = Callable[[Exception, HandlerContext], StarletteResponse | None]


def exception_handler(exc: Exception, context: HandlerContext) -> Response | None:
    """Turn DRF's exceptions into its answers; None for those that it does not know."""
    if isinstance(exc, Http404):
        # The text of Django's own exceptions is shown from DRF 3.15 on.
        exc = NotFound(*(exc.args if settings.DRF >= (3, 15) else ()))
    elif isinstance(exc, Forbidden):
        exc = PermissionDenied(*(exc.args if settings.DRF >= (3, 15) else ()))
    if not isinstance(exc, APIException):
        return None
    headers = {}
    challenge = context.view.authenticate_header
    if challenge and isinstance(exc, (NotAuthenticated, AuthenticationFailed)):
        headers["WWW-Authenticate"] = challenge
    wait = getattr(exc, "wait", None)
    if wait:
        headers["Retry-After"] = str(wait)
    data = exc.detail if isinstance(exc.detail, (list, dict)) else {"detail": exc.detail}
    return Response(data, exc.status_code, headers)


def _api_answer(
    exc: Exception, context: HandlerContext, handler: ExceptionHandler
) -> StarletteResponse | None:
    challenge = context.view.authenticate_header
    if isinstance(exc, (NotAuthenticated, AuthenticationFailed)) and not challenge:
        # Without a way to log in, 401 would promise one.
        exc.status_code = 403
    return handler(exc, context)


def _page_for(exc: Exception, request: Request) -> StarletteResponse:
    if isinstance(exc, Http404):
        return error_page(404, request.url.path)
    if isinstance(exc, Forbidden):
        return error_page(403)
    if isinstance(exc, SuspiciousRequest):
        logger.warning("Bad request: %s: %s", request.url.path, exc)
        return error_page(400)
    logger.error("Internal Server Error: %s", request.url.path, exc_info=exc)
    return error_page(500)


class ErrorAnswers:
    """The innermost ASGI middleware: answers every exception of a view, and adds its headers."""

    def __init__(self, app: ASGIApp, handler: ExceptionHandler = exception_handler) -> None:
        self.app = app
        self.handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application below and answer in its place when it raises."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        def finish(headers: MutableHeaders, status: int) -> None:
            nonlocal started
            started = True
            _add_view_headers(scope, headers)

        forward = changing(send, finish)
        try:
            await self.app(scope, receive, forward)
        except Exception as exc:  # whatever a view raises must become an answer, as in Django
            if started:
                raise
            await self._answer(exc, scope, receive, forward)

    async def _answer(self, exc: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        view: View | None = scope.get("state", {}).get("view")
        try:
            unseen = view is None or isinstance(exc, RenderingError)
            context = None if unseen or view is None else HandlerContext(request, view)
            response = None if context is None else _api_answer(exc, context, self.handler)
        except Exception as failure:  # the project's handler failed itself: Django sends a 500
            exc, response = failure, None
        if response is None:
            # Django's page lacks what DRF adds to its answers.
            scope["state"] = {**scope.get("state", {}), "path_view": None}
            response = _page_for(exc, request)
        try:
            await response(scope, receive, send)
        except (TypeError, ValueError, RenderingError) as failure:
            # The handler's data cannot be rendered, and nothing was sent yet.
            await _page_for(failure, request)(scope, receive, send)


class ErrorPages:
    """ASGI middleware around each other one: its failure becomes Django's page, as in Django."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the middleware below and answer in its place when it raises."""
        started = False

        async def forward(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, forward)
        except Exception as exc:  # whatever a middleware raises must become an answer
            if started or scope["type"] != "http":
                raise
            await _page_for(exc, Request(scope, receive))(scope, receive, send)


def _add_view_headers(scope: Scope, headers: MutableHeaders) -> None:
    state = scope.get("state", {})
    path_view: PathView | None = state.get("path_view")
    if path_view is not None:
        headers["allow"] = path_view.allow_header
        if len(state["view"].renderers) > 1:
            add_vary(headers, ["Accept"])
    add_vary(headers, state.get("vary", ()))
