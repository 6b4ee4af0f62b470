"""The endpoint of DRF's authtoken app: name and password for a token that never ends.

router = Router(prefix="/api/auth/token", renderers=(JSON,), permissions=(), throttles=())

@router.post("/")
async def obtain_token(session: Session, data: Valid[AuthTokenWrite]) -> AuthToken:
    return await session.run_sync(obtain_auth_token, Token, (ModelBackend(User),), data)
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from . import orm, settings
from .backends import Backend, authenticate
from .context import Context
from .errors import ErrorDetail, ValidationError
from .fields_text import Char
from .schemas import WriteSchema


class AuthTokenWrite(WriteSchema):
    """A user's name and password."""

    username: Annotated[str, Char()]
    password: Annotated[str, Char(trim_whitespace=False)]


class AuthToken(TypedDict):
    """The key of a token."""

    token: str


def generate_key() -> str:
    """Return a new key: 40 hexadecimal digits."""
    return secrets.token_hex(20)


def token_of(session: Session, token_model: type[Any], user: Any) -> Any:
    """Return the user's token, a new one when there is none."""
    defaults = {"key": generate_key}
    return orm.get_or_create(session, token_model, defaults, user_id=user.pk)[0]


def obtain_auth_token(
    session: Session,
    token_model: type[Any],
    backends: Sequence[Backend],
    data: AuthTokenWrite | Mapping[str, Any],
) -> AuthToken:
    """Log in by name and password; ValidationError for wrong ones.

    token_model: has `key` and `user_id`. backends: AUTHENTICATION_BACKENDS.
    """
    attrs = data if isinstance(data, Mapping) else data.attrs()
    name, password = attrs.get("username"), attrs.get("password")
    if not (name and password):
        raise _refusal('Must include "username" and "password".')
    user = authenticate(session, Context.of(session).request, backends, name, password)
    if user is None:
        raise _refusal("Unable to log in with provided credentials.")
    return {"token": token_of(session, token_model, user).key}


def _refusal(text: str) -> ValidationError:
    return ValidationError({settings.NON_FIELD_ERRORS_KEY: [ErrorDetail(text, "authorization")]})
