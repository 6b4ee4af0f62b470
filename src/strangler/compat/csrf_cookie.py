"""The CSRF cookie: the answering half of Django's CsrfViewMiddleware as an ASGI application."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import settings
from .cookies import CookieOptions, set_cookie
from .crypto import django
from .csrf import csrf_state, mask
from .headers import add_vary


class CsrfMiddleware:
    """Sets the CSRF cookie when a token was made or the one that came is none.

    Checking is done by `SessionAuthentication`, as DRF's views are exempt from the other half.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application below and add the cookie to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        scope.setdefault("state", {})
        # SessionMiddleware then loads the session, as Django does to look for the secret.
        request.state.csrf_in_session = settings.CSRF_USE_SESSIONS

        async def forward(message: Message) -> None:
            if message["type"] == "http.response.start" and not settings.CSRF_USE_SESSIONS:
                state = csrf_state(request)
                if state.needs_update and state.secret is not None:
                    # Django before 4.1 expects a masked secret.
                    value = state.secret if django() >= (4, 1) else mask(state.secret)
                    _send_cookie(MutableHeaders(scope=message), value)
            await send(message)

        await self.app(scope, receive, forward)


def _send_cookie(headers: MutableHeaders, value: str) -> None:
    options = CookieOptions(
        domain=settings.CSRF_COOKIE_DOMAIN,
        path=settings.CSRF_COOKIE_PATH,
        secure=settings.CSRF_COOKIE_SECURE,
        httponly=settings.CSRF_COOKIE_HTTPONLY,
        samesite=settings.CSRF_COOKIE_SAMESITE,
    )
    age = settings.CSRF_COOKIE_AGE
    set_cookie(headers, settings.CSRF_COOKIE_NAME, value, options, max_age=age)
    add_vary(headers, ["Cookie"])
