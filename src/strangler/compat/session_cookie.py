"""The session cookie: Django's SessionMiddleware as an ASGI application."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import settings, shadow
from .cookies import CookieOptions, delete_cookie, set_cookie
from .crypto import random_string
from .headers import add_vary
from .logins import Logins
from .responses import error_page
from .sessions import SessionInterrupted, SessionStore


def _options() -> CookieOptions:
    return CookieOptions(
        domain=settings.SESSION_COOKIE_DOMAIN,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=settings.SESSION_COOKIE_HTTPONLY,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


class SessionMiddleware:
    """Saves a changed session before the answer leaves, and sets or deletes its cookie.

    sessions: `database.sessions`, which opens a session of its own for the saving; the
    request's is closed by then.
    """

    def __init__(
        self, app: ASGIApp, *, logins: Logins, sessions: async_sessionmaker[AsyncSession]
    ) -> None:
        self.app = app
        self.logins = logins
        self.sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application below; handle the session when its answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.session_middleware = self
        interrupted = False

        async def forward(message: Message) -> None:
            nonlocal interrupted
            if message["type"] == "http.response.start":
                try:
                    await self._finish(request, MutableHeaders(scope=message), message["status"])
                except SessionInterrupted:
                    interrupted = True
                    await error_page(400)(scope, receive, send)
            if not interrupted:
                await send(message)

        await self.app(scope, receive, forward)

    async def _finish(self, request: Request, headers: MutableHeaders, status: int) -> None:
        name = settings.SESSION_COOKIE_NAME
        store: SessionStore | None = getattr(request.state, "session_store", None)
        asked = getattr(request.state, "csrf_in_session", False)
        if store is None:
            # Nobody asked for the session: without a cookie there is nothing to do.
            if name not in request.cookies and not asked:
                return
            key = request.cookies.get(name)
            store = SessionStore(None, self.logins.session_model, self.logins.keys, key)
        if asked and not store.accessed:
            async with self.sessions(info={"request": request}) as session:
                await session.run_sync(_load, store)
        if name in request.cookies and store.is_empty():
            delete_cookie(headers, name, _options())
            add_vary(headers, ["Cookie"])
            return
        write = (store.modified or settings.SESSION_SAVE_EVERY_REQUEST) and not store.is_empty()
        if write and status < 500:
            async with self.sessions(info={"request": request}) as session:
                await session.run_sync(_save, store, headers)
        if store.accessed:
            add_vary(headers, ["Cookie"])


def _load(session: Session, store: SessionStore) -> None:
    store.session = session
    _ = store.data


def _save(session: Session, store: SessionStore, headers: MutableHeaders) -> None:
    store.session = session
    age: Any = None if store.get_expire_at_browser_close() else store.get_expiry_age()
    if not shadow.active():
        store.save()
    elif store.session_key is None:
        store.session_key = random_string(32)
    assert store.session_key is not None
    set_cookie(headers, settings.SESSION_COOKIE_NAME, store.session_key, _options(), max_age=age)
