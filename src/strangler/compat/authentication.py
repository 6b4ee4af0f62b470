"""Who is asking: DRF's authenticators.

An authenticator has `authenticate(context) -> (user, auth) | None`, which raises
AuthenticationFailed for wrong credentials, and `header`: the WWW-Authenticate of its 401 answers,
or None, which turns them into 403. They run below `session.run_sync`.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from starlette.requests import Request

from . import csrf, settings
from .backends import Backend, ModelBackend, authenticate, key_column, username_field_of
from .context import Context
from .credentials import Found, authorization, one_word
from .crypto import Secret
from .errors import AuthenticationFailed
from .logins import Logins
from .lookups import exact


class BaseAuthentication:
    """What authenticators of the project derive from: without a challenge, refusals are 403."""

    @property
    def header(self) -> str | None:
        """The WWW-Authenticate of 401 answers."""
        return None

    def authenticate(self, context: Context[Any]) -> Found:
        """Return nobody."""
        raise NotImplementedError(".authenticate() must be overridden.")


class TokenAuthentication:
    """`Authorization: Token <key>`, a row of the token table.

    model: has `key` and `user_id`.
    """

    keyword = "Token"

    def __init__(
        self, model: type[Any], user_model: type[Any], *, keyword: str | None = None
    ) -> None:
        self.model = model
        self.user_model = user_model
        if keyword is not None:
            self.keyword = keyword

    @property
    def header(self) -> str | None:
        """The WWW-Authenticate of 401 answers."""
        return self.keyword

    def authenticate(self, context: Context[Any]) -> Found:
        """Return the owner of the token, and the token."""
        words = authorization(context.request)
        if not words or words[0].lower() != self.keyword.lower().encode():
            return None
        word = one_word(words, "token")
        try:
            key = word.decode()
        except UnicodeError:
            raise AuthenticationFailed(
                "Invalid token header. Token string should not contain invalid characters."
            ) from None
        return self.authenticate_credentials(context, key)

    def authenticate_credentials(self, context: Context[Any], key: str) -> tuple[Any, Any]:
        """Return the owner of the token `key`, and the token."""
        owner = key_column(self.user_model)
        statement = (
            select(self.model, self.user_model)
            .join(self.user_model, owner == self.model.user_id)
            .where(exact(self.model.key, key))
        )
        row = context.session.execute(statement).first()
        if row is None:
            raise AuthenticationFailed("Invalid token.")
        token, user = row
        if not user.is_active:
            raise AuthenticationFailed("User inactive or deleted.")
        return user, token


class BasicAuthentication:
    """`Authorization: Basic <base64 of name:password>`.

    backends: AUTHENTICATION_BACKENDS, by default the model backend on `user_model`.
    """

    www_authenticate_realm = "api"

    def __init__(self, user_model: type[Any], *, backends: Sequence[Backend] | None = None) -> None:
        self.backends: Sequence[Backend] = (
            (ModelBackend(user_model),) if backends is None else backends
        )
        self.field = username_field_of(user_model)

    @property
    def header(self) -> str | None:
        """The WWW-Authenticate of 401 answers."""
        return f'Basic realm="{self.www_authenticate_realm}"'

    def authenticate(self, context: Context[Any]) -> Found:
        """Return the user with this name and password."""
        words = authorization(context.request)
        if not words or words[0].lower() != b"basic":
            return None
        word = one_word(words, "basic")
        try:
            name, password = self._decoded(word)
        except (ValueError, binascii.Error):
            raise AuthenticationFailed(
                "Invalid basic header. Credentials not correctly base64 encoded."
            ) from None
        return self.authenticate_credentials(context, name, password)

    def authenticate_credentials(
        self, context: Context[Any], userid: str, password: str
    ) -> tuple[Any, Any]:
        """Return the active user with this name and password."""
        user = authenticate(
            context.session, context.request, self.backends, userid, password, self.field
        )
        if user is None:
            raise AuthenticationFailed("Invalid username/password.")
        if not user.is_active:
            raise AuthenticationFailed("User inactive or deleted.")
        return user, None

    def _decoded(self, word: bytes) -> tuple[str, str]:
        raw = base64.b64decode(word)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        name, colon, password = text.partition(":")
        if not colon and settings.DRF >= (3, 15):
            raise ValueError("no colon")
        return name, password


class SessionAuthentication:
    """The session cookie; unsafe requests of logged-in users must carry a CSRF token.

    session_model, user_model: the mapped classes of `django_session` and of the users.
    secret_key, fallbacks: the legacy SECRET_KEY and SECRET_KEY_FALLBACKS.
    csrf: False for subclasses of DRF's that leave the check out.
    """

    @property
    def header(self) -> str | None:
        """The WWW-Authenticate of 401 answers; refusals are 403 without it."""
        return None

    def __init__(
        self,
        session_model: type[Any],
        user_model: type[Any],
        *,
        secret_key: Secret,
        fallbacks: Sequence[Secret] = (),
        backends: Sequence[Backend] | None = None,
        csrf: bool = True,
    ) -> None:
        self.logins = Logins(
            session_model,
            user_model,
            secret_key=secret_key,
            fallbacks=fallbacks,
            backends=backends,
        )
        self.csrf = csrf

    def authenticate(self, context: Context[Any]) -> Found:
        """Return the logged-in user."""
        request = context.request
        _vary_by_cookie(request)
        user = self.logins.user(context.session, request)
        if user is None or not user.is_active:
            return None
        if self.csrf:
            csrf.enforce(request, self.logins.store(context.session, request))
        return user, None


class NoLogins:
    """DRF's SessionAuthentication where no middleware reads sessions: it finds nobody."""

    header: str | None = None

    def authenticate(self, _: Context[Any]) -> Found:
        """Return nobody."""
        return None


def _vary_by_cookie(request: Request) -> None:
    request.state.session_accessed = True
    # SessionMiddleware, where it is installed, adds the header at its own place.
    if not getattr(request.state, "session_middleware", False):
        request.state.vary = [*getattr(request.state, "vary", ()), "Cookie"]
