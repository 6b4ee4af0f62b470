"""django-cors-headers as a pure ASGI application; its options are the CORS_… settings."""

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .headers import add_vary, changing

DEFAULT_HEADERS = (
    "accept",
    "authorization",
    "content-type",
    "user-agent",
    "x-csrftoken",
    "x-requested-with",
)
DEFAULT_METHODS = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")


@dataclass(frozen=True)
class CorsMiddleware:
    """Tells browsers which origins may read answers, and answers their preflights.

    Use it as `Middleware(CorsMiddleware, allowed_origins=("https://example.com",))`.
    """

    app: ASGIApp
    _: KW_ONLY
    allow_all_origins: bool = False
    allowed_origins: Sequence[str] = ()
    allowed_origin_regexes: Sequence[str] = ()
    allow_credentials: bool = False
    allow_headers: Sequence[str] = DEFAULT_HEADERS
    allow_methods: Sequence[str] = DEFAULT_METHODS
    allow_private_network: bool = False
    expose_headers: Sequence[str] = ()
    preflight_max_age: int = 86400
    urls_regex: str = r"^.*$"
    # django-cors-middleware: origins are hosts without a scheme, and answers do not vary
    by_host: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or add the headers to the application's answer."""
        if scope["type"] != "http" or not re.match(self.urls_regex, scope["path"]):
            await self.app(scope, receive, send)
            return
        request = Request(scope)

        def change(headers: MutableHeaders, status: int) -> None:
            self._add(request, headers)

        forward = changing(send, change)
        if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            kind = {"content-type": "text/html; charset=utf-8"}
            await Response(b"", headers=kind)(scope, receive, forward)
            return
        await self.app(scope, receive, forward)

    def _add(self, request: Request, headers: MutableHeaders) -> None:
        if not self.by_host:
            add_vary(headers, ["origin"])
        origin = request.headers.get("origin")
        if not origin or not self._is_allowed(origin):
            return
        everyone = self.allow_all_origins and not self.allow_credentials
        headers["access-control-allow-origin"] = "*" if everyone else origin
        if self.allow_credentials:
            headers["access-control-allow-credentials"] = "true"
        if self.expose_headers:
            headers["access-control-expose-headers"] = ", ".join(self.expose_headers)
        if request.method == "OPTIONS":
            headers["access-control-allow-headers"] = ", ".join(self.allow_headers)
            headers["access-control-allow-methods"] = ", ".join(self.allow_methods)
            if self.preflight_max_age:
                headers["access-control-max-age"] = str(self.preflight_max_age)
        asked = request.headers.get("access-control-request-private-network")
        if self.allow_private_network and asked == "true":
            headers["access-control-allow-private-network"] = "true"

    def _is_allowed(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        if self.allow_all_origins:
            return True
        if self.by_host and parts.netloc in self.allowed_origins:
            return True
        if self.by_host:
            return any(re.match(regex, origin) for regex in self.allowed_origin_regexes)
        if origin == "null" and origin in self.allowed_origins:
            return True
        for allowed in map(urlsplit, self.allowed_origins):
            if (allowed.scheme, allowed.netloc) == (parts.scheme, parts.netloc):
                return True
        return any(re.match(regex, origin) for regex in self.allowed_origin_regexes)
