"""Logging in and out by session, so that the legacy application knows the user as well."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request

from . import csrf
from .backends import (
    Backend,
    ModelBackend,
    key_column,
    update_last_login,
    user_logged_in,
    user_logged_out,
)
from .crypto import Secret, django, salted_hmac, same
from .sessions import SessionKeys, SessionStore, session_store
from .values import prepared

USER = "_auth_user_id"
BACKEND = "_auth_user_backend"
HASH = "_auth_user_hash"
_HASH_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"


class Logins:
    """The logged-in users of the session table.

    session_model, user_model: the mapped classes. secret_key, fallbacks: the legacy SECRET_KEY
    and SECRET_KEY_FALLBACKS. backends: AUTHENTICATION_BACKENDS, in their order.

    All methods are synchronous: `await session.run_sync(logins.login, user)`.
    """

    def __init__(
        self,
        session_model: type[Any],
        user_model: type[Any],
        *,
        secret_key: Secret,
        fallbacks: Sequence[Secret] = (),
        backends: Sequence[Backend] | None = None,
    ) -> None:
        self.session_model = session_model
        self.user_model = user_model
        self.keys = SessionKeys(secret_key, tuple(fallbacks))
        self.backends: Sequence[Backend] = (
            (ModelBackend(user_model),) if backends is None else backends
        )

    def store(self, session: Session, request: Request | None = None) -> SessionStore:
        """Return the visitor's session, Django's `request.session`."""
        found = session.info["request"] if request is None else request
        return session_store(found, session, self.session_model, self.keys)

    def opened(self, session: Session) -> SessionStore:
        """Return the visitor's session, loaded, so that async code may read and change it."""
        store = self.store(session)
        _ = store.data
        return store

    def session_auth_hash(self, user: Any) -> str:
        """Return what the session keeps of the user's password: changing it ends the session."""
        return next(self._hashes(user))

    def _hashes(self, user: Any) -> Iterator[str]:
        """The hash that is written now, then those that are still accepted."""
        current = "sha256" if django() >= (3, 1) else "sha1"
        yield self._hash(user, self.keys.secret_key, current)
        if (3, 1) <= django() < (4, 0):
            yield self._hash(user, self.keys.secret_key, "sha1")

    def _hash(self, user: Any, secret: Secret, algorithm: str) -> str:
        return salted_hmac(_HASH_SALT, user.password, secret, algorithm).hexdigest()

    def user(self, session: Session, request: Request | None = None) -> Any:
        """Return the user who is logged in, or None. A session of another password is removed."""
        return self.user_of(session, self.store(session, request))

    def kept(self, session: Session, key: str) -> SessionStore:
        """Return the session of that name, whoever's it is; no answer saves it."""
        return SessionStore(session, self.session_model, self.keys, key)

    def user_of(self, session: Session, store: SessionStore) -> Any:
        """Return the user who is logged in by a session, as `user` does."""
        if USER not in store or BACKEND not in store:
            return None
        backend = next((one for one in self.backends if one.path == store[BACKEND]), None)
        if backend is None:
            return None
        user = backend.get_user(session, store[USER])
        if user is None or self._is_current(store, user):
            return user
        store.flush()
        return None

    def _is_current(self, store: SessionStore, user: Any) -> bool:
        stored = store.get(HASH)
        if not stored:
            return False
        if any(same(stored, accepted) for accepted in self._hashes(user)):
            return True
        if any(same(stored, self._hash(user, key, "sha256")) for key in self.keys.fallbacks):
            store.cycle_key()
            store[HASH] = self.session_auth_hash(user)
            return True
        return False

    def login(self, session: Session, user: Any, backend: str | None = None) -> None:
        """Log the user in: the answer sets the session cookie and a new CSRF cookie.

        backend: the dotted path of the legacy backend that knew the user; by default the one
        that `authenticate` noted, or the only one.
        """
        request: Request = session.info["request"]
        store = self.store(session)
        if USER in store:
            column = key_column(self.user_model)
            other = prepared(column, store[USER], column.key) != user.pk
            if other or not same(store.get(HASH, ""), self.session_auth_hash(user)):
                store.flush()
        else:
            store.cycle_key()
        store[USER] = str(user.pk)
        store[BACKEND] = backend or self._backend_of(user)
        store[HASH] = self.session_auth_hash(user)
        request.state.user = user
        csrf.rotate_token(request, store)
        update_last_login(session, user)
        user_logged_in.send(session, type(user), request=request, user=user)

    def _backend_of(self, user: Any) -> str:
        noted: str | None = getattr(user, "backend", None)
        if noted is None and len(self.backends) != 1:
            raise ValueError(
                "You have multiple authentication backends configured and therefore must provide "
                "the `backend` argument or set the `backend` attribute on the user."
            )
        return noted or self.backends[0].path

    def logout(self, session: Session) -> None:
        """Log out and forget the session."""
        request: Request = session.info["request"]
        user = getattr(request.state, "user", None)
        user_logged_out.send(session, type(user), request=request, user=user)
        self.store(session).flush()
        request.state.user = None

    def update_auth_hash(self, session: Session, user: Any) -> None:
        """Keep this session alive after the user's password was changed."""
        store = self.store(session)
        store.cycle_key()
        if getattr(session.info["request"].state, "user", None) == user:
            store[HASH] = self.session_auth_hash(user)
