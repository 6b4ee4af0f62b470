"""Sessions in Django's own table: read and written by both applications.

A session is loaded when something in it is first asked for, and saved when the answer is sent.
Values are JSON; sessions that were pickled are refused and count as empty.
"""

import base64
import json
import logging
import string
from collections.abc import Iterator, MutableMapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.requests import Request

from . import orm, settings, signing
from .clock import now
from .crypto import Secret, django, random_string, salted_hmac, same
from .errors import ObjectDoesNotExist
from .rows import DatabaseError
from .transactions import atomic

logger = logging.getLogger(__name__)

_SALT = "django.contrib.sessions.SessionStore"
# Before Django 3.1 sessions were signed in another form, with this salt.
_OLD_SALT = "django.contrib.sessionsSessionStore"
_KEY_CHARACTERS = string.ascii_lowercase + string.digits
_EXPIRY = "_session_expiry"


class SessionInterrupted(Exception):
    """The session was deleted while the request was at work."""


class SessionKeys:
    """The secrets that sign sessions: the present key, and older ones that still count."""

    def __init__(self, secret_key: Secret, fallbacks: tuple[Secret, ...] = ()) -> None:
        self.secret_key = secret_key
        self.fallbacks = fallbacks

    def encode(self, data: dict[str, Any]) -> str:
        """Return the session as the legacy release writes it."""
        if django() >= (3, 1):
            return signing.dumps(data, self.secret_key, salt=_SALT, compress=True)
        text = json.dumps(data, separators=(",", ":")).encode("latin-1")
        return base64.b64encode(self._old_hash(text).encode() + b":" + text).decode()

    def _old_hash(self, text: bytes) -> str:
        return salted_hmac(_OLD_SALT, text, self.secret_key).hexdigest()

    def decode(self, text: str) -> dict[str, Any]:
        """Return the session; an empty one when it was not signed by us or is no JSON."""
        try:
            data = signing.loads(text, self.secret_key, salt=_SALT, fallback_keys=self.fallbacks)
        except signing.BadSignature:
            data = self._decode_old(text)
        except ValueError:
            data = {}
        return data if isinstance(data, dict) else {}

    def _decode_old(self, text: str) -> Any:
        try:
            signature, _, data = base64.b64decode(text.encode("ascii")).partition(b":")
            if django() < (4, 0) and same(signature, self._old_hash(data)):
                return json.loads(data.decode("latin-1"))
        except ValueError:
            return {}
        logger.warning("Session data corrupted")
        return {}


class SessionStore(MutableMapping[str, Any]):
    """One visitor's session, as `request.session` in Django. Use it below `run_sync`.

    model: the mapped class of `django_session`. `accessed` and `modified` tell what happened.
    """

    def __init__(
        self,
        session: Session | None,
        model: type[Any],
        keys: SessionKeys,
        session_key: str | None,
    ) -> None:
        self._session = session
        self.model = model
        self._keys = keys
        # Django takes no key of less than eight characters.
        self.session_key = session_key if session_key and len(session_key) >= 8 else None
        self.accessed = False
        self.modified = False
        self._loaded: dict[str, Any] | None = None

    @property
    def session(self) -> Session:
        """The database session; each of them may take over from the one before."""
        if self._session is None:
            raise LookupError("the visitor's session has no database session to load from")
        return self._session

    @session.setter
    def session(self, session: Session) -> None:
        self._session = session

    @property
    def data(self) -> dict[str, Any]:
        """What the session holds, loaded now if it was not before."""
        self.accessed = True
        if self._loaded is None:
            self._loaded = {} if self.session_key is None else self._load()
        return self._loaded

    def _load(self) -> dict[str, Any]:
        model = self.model
        alive = select(model).where(
            model.session_key == self.session_key, model.expire_date > now()
        )
        try:
            return self._keys.decode(orm.get(self.session, alive).session_data)
        except ObjectDoesNotExist:
            self.session_key = None
            return {}

    def __getitem__(self, name: str) -> Any:
        return self.data[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.data[name] = value
        self.modified = True

    def __delitem__(self, name: str) -> None:
        del self.data[name]
        self.modified = True

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def clear(self) -> None:
        """Forget everything, without loading it first."""
        self._loaded = {}
        self.accessed = self.modified = True

    def is_empty(self) -> bool:
        """Whether there is neither a key nor, as far as is known, a value."""
        return not self.session_key and not self._loaded

    def set_expiry(self, value: float | datetime | timedelta | None) -> None:
        """Let the session end after some seconds, at a time, with the browser (0) or by default."""
        if value is None:
            self.pop(_EXPIRY, None)
            return
        if isinstance(value, timedelta):
            value = now() + value
        self[_EXPIRY] = value.isoformat() if isinstance(value, datetime) else value

    def get_expiry_age(self) -> int:
        """Return the seconds until the session ends."""
        expiry = self.get(_EXPIRY)
        if not expiry:
            return settings.SESSION_COOKIE_AGE
        if isinstance(expiry, str):
            left = datetime.fromisoformat(expiry) - now()
            return left.days * 86400 + left.seconds
        return int(expiry)

    def get_expiry_date(self) -> datetime:
        """Return the time at which the session ends."""
        expiry = self.get(_EXPIRY)
        if isinstance(expiry, str):
            return datetime.fromisoformat(expiry)
        return now() + timedelta(seconds=expiry or settings.SESSION_COOKIE_AGE)

    def get_expire_at_browser_close(self) -> bool:
        """Whether the cookie lives only as long as the browser."""
        expiry = self.get(_EXPIRY)
        return settings.SESSION_EXPIRE_AT_BROWSER_CLOSE if expiry is None else expiry == 0

    def create(self) -> None:
        """Store the session under a new key."""
        while True:
            self.session_key = self._new_key()
            self._loaded = self._loaded or {}
            try:
                self._write(force_insert=True)
            except IntegrityError:
                continue  # somebody else drew the same key
            self.accessed = self.modified = True
            return

    def _new_key(self) -> str:
        while True:
            key = random_string(32, _KEY_CHARACTERS)
            if self._row(key) is None:
                return key

    def _row(self, key: str) -> Any:
        statement = select(self.model).where(self.model.session_key == key)
        return self.session.scalars(statement).first()

    def _write(self, *, force_insert: bool) -> None:
        row = self.model(
            session_key=self.session_key,
            session_data=self._keys.encode(self.data),
            expire_date=self.get_expiry_date(),
        )
        with atomic(self.session):
            orm.save(self.session, row, force_insert=force_insert, force_update=not force_insert)

    def save(self) -> None:
        """Store the session; SessionInterrupted when it is gone meanwhile."""
        if self.session_key is None:
            self.create()
            return
        try:
            self._write(force_insert=False)
        except DatabaseError:
            raise SessionInterrupted from None

    def delete(self, key: str | None = None) -> None:
        """Remove the row of `key`, by default of this session."""
        key = self.session_key if key is None else key
        row = None if key is None else self._row(key)
        if row is not None:
            orm.delete(self.session, row)

    def flush(self) -> None:
        """Remove the session with all it holds; the next value starts a new one."""
        self.clear()
        self.delete()
        self.session_key = None

    def cycle_key(self) -> None:
        """Go on with the same values under a new key."""
        data, key = self.data, self.session_key
        self.create()
        self._loaded = data
        if key:
            self.delete(key)


def session_store(
    request: Request, session: Session, model: type[Any], keys: SessionKeys
) -> SessionStore:
    """Return the session of the request's visitor, the same object each time."""
    store: SessionStore | None = getattr(request.state, "session_store", None)
    if store is None:
        key = request.cookies.get(settings.SESSION_COOKIE_NAME)
        store = request.state.session_store = SessionStore(session, model, keys, key)
    store.session = session  # that of a middleware is closed by now
    return store
