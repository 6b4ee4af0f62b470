"""The endpoints of djoser that give a user one token, and take it away."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from . import settings
from .backends import Backend, authenticate, update_last_login, user_logged_in
from .bulk import delete_query
from .context import Context, known
from .errors import ErrorDetail, ValidationError
from .schemas import WriteSchema
from .tokens import token_of


class UserToken(TypedDict):
    """The key of a token."""

    auth_token: str


def create_token(
    session: Session,
    token_model: type[Any],
    backends: Sequence[Backend],
    login_field: str,
    data: WriteSchema,
) -> UserToken:
    """Log in by what `login_field` holds and a password; ValidationError for wrong ones.

    token_model: has `key` and `user_id`. backends: AUTHENTICATION_BACKENDS.
    """
    attrs, request = data.attrs(), Context.of(session).request
    name, password = attrs.get(login_field), attrs.get("password")
    user = authenticate(session, request, backends, name, password, login_field)
    if user is None:
        text = "Unable to log in with provided credentials."
        detail = [ErrorDetail(text, "invalid_credentials")]
        raise ValidationError({settings.NON_FIELD_ERRORS_KEY: detail})
    token = token_of(session, token_model, user)
    update_last_login(session, user)
    user_logged_in.send(session, type(user), request=request, user=user)
    return {"auth_token": token.key}


def destroy_token(session: Session, token_model: type[Any]) -> None:
    """Remove the token of whoever asks."""
    user = known(Context.of(session).user)
    delete_query(session, select(token_model).where(token_model.user_id == user.pk))
