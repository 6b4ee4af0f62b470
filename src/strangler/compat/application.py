"""The application: routers, the legacy middleware in its order, and DRF's answers to errors."""

import inspect
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from . import clock, shadow
from .charsets import QueryInCharset
from .handlers import ErrorAnswers, ErrorPages, ExceptionHandler, exception_handler
from .middleware import FunctionMiddleware, HeadAnswers, JoinedHeaders
from .openapi import describe
from .responses import error_page


def _layer(middleware: Any) -> Middleware:
    if isinstance(middleware, Middleware):
        return middleware
    if inspect.isfunction(middleware):
        return Middleware(FunctionMiddleware, function=middleware)
    return Middleware(middleware)


async def _not_found(request: Request, exc: Exception) -> Response:
    """Answer an unknown path with Django's page, other HTTPExceptions as FastAPI does."""
    assert isinstance(exc, HTTPException)
    if exc.status_code == 404 and "endpoint" not in request.scope:
        return error_page(404, request.url.path)
    return await http_exception_handler(request, exc)


def create_app(
    *routers: APIRouter,
    middleware: Sequence[Any] = (),
    exception_handler: ExceptionHandler = exception_handler,
    **options: Any,
) -> FastAPI:
    """Build the application.

    Paths are tried in the order of `routers`. `middleware` is in Django's order, the first one
    outermost: ASGI classes, Starlette's `Middleware(…)`, or `async def mw(request, call_next)`.
    `options` are FastAPI's.
    """
    clock.use_app_zone()
    layers = [*shadow.layers(), Middleware(JoinedHeaders), Middleware(HeadAnswers)]
    layers.append(Middleware(QueryInCharset))
    for one in middleware:
        layers += [Middleware(ErrorPages), _layer(one)]
    layers.append(Middleware(ErrorAnswers, handler=exception_handler))
    app = FastAPI(
        middleware=layers,
        redirect_slashes=False,
        exception_handlers={HTTPException: _not_found},
        **options,
    )
    for router in routers:
        app.include_router(router)
    app.openapi = describe(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app
