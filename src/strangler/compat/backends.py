"""Who may log in with what: Django's authentication backends on the user table of the app."""

import inspect as signatures
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session
from starlette.requests import Request

from . import orm
from .clock import now
from .context import Context
from .errors import Forbidden, ObjectDoesNotExist, PermissionDenied
from .passwords import check_password, make_password
from .signals import Signal
from .values import prepared

logger = logging.getLogger(__name__)

T = TypeVar("T")

user_logged_in = Signal()  # request, user
user_logged_out = Signal()  # request, user
user_login_failed = Signal()  # credentials, request


class Backend(Protocol):
    """Something that knows users. `path` is the dotted path of the legacy backend: sessions
    name it, and only those of a known backend count."""

    @property
    def path(self) -> str: ...

    def authenticate(self, session: Session, request: Request, username: str, password: str) -> Any:
        """Return the user, or None; PermissionDenied keeps other backends from being asked."""

    def get_user(self, session: Session, key: Any) -> Any:
        """Return the user with this primary key, or None."""


class ModelBackend:
    """Django's ModelBackend.

    users: the statement that finds users, where the model's default manager is not plain.
    natural_key: `(session, username) -> user`, raises ObjectDoesNotExist; for managers with a
        `get_by_natural_key` of their own.
    allow_inactive: as AllowAllUsersModelBackend (give its `path` too).
    """

    def __init__(
        self,
        user_model: type[Any],
        *,
        username_field: str | None = None,
        users: Callable[[], Select[Any]] | None = None,
        natural_key: Callable[[Session, str], Any] | None = None,
        allow_inactive: bool = False,
        path: str = "django.contrib.auth.backends.ModelBackend",
    ) -> None:
        self.user_model = user_model
        self.username_field = username_field or username_field_of(user_model)
        self.path = path
        self._users = users or (lambda: select(user_model))
        self._natural_key = natural_key or self._by_username
        self._allow_inactive = allow_inactive

    def _by_username(self, session: Session, username: str) -> Any:
        column = getattr(self.user_model, self.username_field)
        wanted = prepared(column, username, self.username_field)
        return orm.get(session, self._users().where(column == wanted))

    def authenticate(
        self, session: Session, request: Request, username: str | None, password: str | None
    ) -> Any:
        """Return the active user with this name and password, or None."""
        if username is None or password is None:
            return None
        try:
            user = self._natural_key(session, username)
        except ObjectDoesNotExist:
            # Hash once, so that the time does not tell which names exist.
            make_password(password)
            return None
        if check_password(session, user, password) and self.may_log_in(user):
            return user
        return None

    def may_log_in(self, user: Any) -> bool:
        """Whether the account is active; models without such a flag have active users only."""
        return self._allow_inactive or bool(getattr(user, "is_active", True))

    def get_user(self, session: Session, key: Any) -> Any:
        """Return the active user with this primary key, or None."""
        column = key_column(self.user_model)
        statement = self._users().where(column == prepared(column, key, column.key))
        try:
            user = orm.get(session, statement)
        except ObjectDoesNotExist:
            return None
        return user if self.may_log_in(user) else None


class ProjectBackend(ModelBackend):
    """A backend that knows users in the project's way, and finds those of sessions as Django's does.

    It is asked where `identify` takes what the caller gives, as Django asks it.
    """

    def identify(
        self, context: Context[Any], username: Any = None, password: Any = None, **kwargs: Any
    ) -> Any:
        """Return the user, or None; Forbidden keeps other backends from being asked."""
        name = kwargs.get(self.username_field) if username is None else username
        return self.authenticate(context.session, context.request, name, password)

    def user_can_authenticate(self, context: Context[Any], user: Any) -> bool:
        """Whether the account is active."""
        return self.may_log_in(user)

    def known(self, context: Context[Any], credentials: Mapping[str, Any]) -> Any:
        """Return the user whom `identify` knows; None where it takes other credentials."""
        try:
            signatures.signature(self.identify).bind(context, **credentials)
        except TypeError:
            return None
        return self.identify(context, **credentials)


class NobodyBackend:
    """A backend that knows nobody, and finds nobody: others do, or it only grants permissions."""

    def __init__(self, path: str) -> None:
        self.path = path

    def authenticate(
        self, session: Session, request: Request, username: str | None, password: str | None
    ) -> None:
        """Return None."""

    def get_user(self, session: Session, key: Any) -> None:
        """Return None."""


def username_field_of(user_model: type[Any]) -> str:
    """Return the attribute that users log in with: the class's USERNAME_FIELD, else `username`."""
    return str(getattr(user_model, "USERNAME_FIELD", "username"))


def key_column(model: type[Any]) -> Any:
    """Return the mapped attribute of the primary key."""
    mapper = inspect(model)
    return getattr(model, mapper.get_property_by_column(mapper.primary_key[0]).key)


def authenticate(
    session: Session,
    request: Request,
    backends: Iterable[Backend],
    username: str | None,
    password: str | None,
    field: str = "username",
) -> Any:
    """Return the user whom the first backend knows, or None. Passwords are hashed in a thread.

    field: what `username` is of the user, for backends of the project.
    The user's `backend` attribute names the backend that knew them.
    """
    return identify(session, request, backends, {field: username, "password": password})


def identify(
    session: Session, request: Request, backends: Iterable[Backend], credentials: Mapping[str, Any]
) -> Any:
    """Return the user whom the first backend knows by these credentials, or None."""
    for backend in backends:
        try:
            user = _asked(backend, session, request, credentials)
        except Forbidden:
            break
        except PermissionDenied:
            if isinstance(backend, ProjectBackend):  # DRF's own is an answer there
                raise
            break
        if user is not None:
            user.backend = backend.path
            return user
    shown = {key: "*" * 20 if _SECRET.search(key) else one for key, one in credentials.items()}
    user_login_failed.send(session, type(None), credentials=shown, request=request)
    return None


_SECRET = re.compile("api|token|key|secret|password|signature", re.IGNORECASE)


def _asked(
    backend: Backend, session: Session, request: Request, credentials: Mapping[str, Any]
) -> Any:
    if isinstance(backend, ProjectBackend):
        return backend.known(Context.of(session), credentials)
    name, password = credentials.get("username"), credentials.get("password")
    if name is None and isinstance(backend, ModelBackend):
        name = credentials.get(backend.username_field)
    if name is None or password is None:
        return None
    return backend.authenticate(session, request, name, password)


def find_user(
    session: Session,
    user_model: type[T],
    backends: Iterable[Backend] | None = None,
    /,
    **credentials: Any,
) -> T | None:
    """Return the active user with this name and password, or None, as the model backend does.

    credentials: `username` or the field that users log in with, and `password`.
    backends: AUTHENTICATION_BACKENDS, where they are more than Django's own.
    """
    asked = (ModelBackend(user_model),) if backends is None else backends
    user: T | None = identify(session, session.info["request"], asked, credentials)
    return user


def update_last_login(session: Session, user: Any) -> None:
    """Note the time of this login, where the model has a `last_login`."""
    if hasattr(user, "last_login"):
        user.last_login = now()
        orm.save(session, user, update_fields=["last_login"])
