"""Django's own middleware as pure ASGI applications, and functions as middleware."""

import re
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import settings
from .headers import changing
from .responses import redirect
from .urls import full_path, host, scheme

CallNext = Callable[[Request], Awaitable[Response]]
MiddlewareFunction = Callable[[Request, CallNext], Awaitable[Response]]


class FunctionMiddleware:
    """Runs `async def function(request, call_next)`; what `call_next` returns is complete.

    Without queues or tasks between the two: context variables work in both directions.
    """

    def __init__(self, app: ASGIApp, function: MiddlewareFunction) -> None:
        self.app = app
        self.function = function

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the function answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        response = await self.function(Request(scope, receive), self._call_next)
        await response(scope, receive, send)

    async def _call_next(self, request: Request) -> Response:
        start: Message = {"status": 500, "headers": []}
        body: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                body.append(message.get("body", b""))

        await self.app(request.scope, replaying(request), collect)
        response = Response(b"".join(body), start["status"])
        response.raw_headers = list(start["headers"])
        return response


def replaying(request: Request) -> Receive:
    """Return a `receive` that repeats a body which `request` has read already."""
    repeated = False

    async def receive() -> Message:
        nonlocal repeated
        read: bytes | None = getattr(request, "_body", None)
        if read is None or repeated:
            return await request.receive()
        repeated = True
        return {"type": "http.request", "body": read, "more_body": False}

    return receive


class HeadAnswers:
    """Sends no body to HEAD requests; the headers stay those of GET."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Empty the body on its way out."""

        async def emptied(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self.app(scope, receive, emptied if is_head else send)


class JoinedHeaders:
    """Joins headers of one name by commas, as servers do for Django."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application below with each header once."""
        sent = scope["headers"] if scope["type"] == "http" else ()
        joined: dict[bytes, bytes] = {}
        for name, value in sent:
            joined[name] = joined[name] + b"," + value if name in joined else value
        if len(joined) < len(sent):
            scope = {**scope, "headers": list(joined.items())}
        await self.app(scope, receive, send)


def _set_default(headers: MutableHeaders, name: str, value: str) -> None:
    if name not in headers:
        headers[name] = value


class SecurityMiddleware:
    """Django's SecurityMiddleware: protective headers, HSTS and the redirect to HTTPS."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect, or add the headers that the settings ask for."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        secure = scheme(request) == "https"
        if settings.SECURE_SSL_REDIRECT and not secure and not self._is_exempt(scope["path"]):
            name = settings.SECURE_SSL_HOST or host(request)
            location = f"https://{name}{full_path(scope)}"
            # In Django its own process_response then runs on the redirect as well.
            await redirect(location)(scope, receive, changing(send, self._headers(secure)))
            return
        await self.app(scope, receive, changing(send, self._headers(secure)))

    def _is_exempt(self, path: str) -> bool:
        return any(re.search(regex, path.lstrip("/")) for regex in settings.SECURE_REDIRECT_EXEMPT)

    def _headers(self, secure: bool) -> Callable[[MutableHeaders, int], None]:
        def change(headers: MutableHeaders, status: int) -> None:
            if settings.SECURE_HSTS_SECONDS and secure:
                _set_default(headers, "strict-transport-security", _hsts())
            if settings.SECURE_CONTENT_TYPE_NOSNIFF:
                _set_default(headers, "x-content-type-options", "nosniff")
            if settings.SECURE_REFERRER_POLICY:
                policies = settings.SECURE_REFERRER_POLICY.split(",")
                _set_default(headers, "referrer-policy", ",".join(p.strip() for p in policies))
            if settings.SECURE_CROSS_ORIGIN_OPENER_POLICY:
                policy = settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
                _set_default(headers, "cross-origin-opener-policy", policy)

        return change


def _hsts() -> str:
    value = f"max-age={settings.SECURE_HSTS_SECONDS}"
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        value += "; includeSubDomains"
    return value + "; preload" if settings.SECURE_HSTS_PRELOAD else value


class XFrameOptionsMiddleware:
    """Django's XFrameOptionsMiddleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add X-Frame-Options unless the view set it."""

        def change(headers: MutableHeaders, status: int) -> None:
            _set_default(headers, "x-frame-options", settings.X_FRAME_OPTIONS.upper())

        await self.app(scope, receive, changing(send, change))


class CommonMiddleware:
    """Django's CommonMiddleware: hosts, missing slashes, Content-Length."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect where a slash or `www.` is missing, else pass on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        name = host(request)
        slash = settings.APPEND_SLASH and _lacks_slash(scope)
        if settings.PREPEND_WWW and name and not name.startswith("www."):
            location = f"{scheme(request)}://www.{name}{_redirected_path(scope, slash)}"
            await redirect(location)(scope, receive, changing(send, _empty_length))
        elif slash:
            await redirect(_redirected_path(scope, slash))(scope, receive, send)
        else:
            await self.app(scope, receive, changing(send, _empty_length))


def _empty_length(headers: MutableHeaders, status: int) -> None:
    # Django sends a length with 204 too; Starlette only with statuses that may have a body.
    if status in (204, 301) and "content-length" not in headers:
        headers["content-length"] = "0"


def _is_path(scope: Scope) -> bool:
    return any(route.matches(scope)[0] is not Match.NONE for route in scope["app"].routes)


def _lacks_slash(scope: Scope) -> bool:
    """Whether nothing serves the path, but the same with a slash is served."""
    if scope["path"].endswith("/") or _is_path(dict(scope)):
        return False
    return _is_path({**scope, "path": scope["path"] + "/"})


def _redirected_path(scope: Scope, slash: bool) -> str:
    path = full_path(scope, slash=slash)
    if settings.DEBUG and slash and scope["method"] in ("DELETE", "POST", "PUT", "PATCH"):
        raise RuntimeError(f"{scope['method']} to a URL that does not end in a slash: {path}")
    # Two slashes in front would name another host.
    return f"/%2F{path[2:]}" if path.startswith("//") else path
