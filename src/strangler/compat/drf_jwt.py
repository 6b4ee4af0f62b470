"""Authentication by JSON web tokens as drf-jwt's `rest_framework_jwt` does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.exceptions import (
    DecodeError,
    ExpiredSignatureError,
    InvalidAlgorithmError,
    InvalidTokenError,
)
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request

from . import orm
from .context import Context
from .credentials import Found, authorization_header
from .crypto import Secret
from .errors import AuthenticationFailed, ObjectDoesNotExist, ValidationError
from .json_tokens import decode_token
from .values import prepared


@dataclass(frozen=True)
class TokenRules:
    """The settings JWT_AUTH that matter here, and the column that users are named by.

    user_key: gives the secret of one user, in place of the common one. cookie, other_cookie:
    JWT_AUTH_COOKIE and JWT_IMPERSONATION_COOKIE. typed: whether PyJWT wants texts as subjects.
    """

    username: str
    secret_key: Secret = ""
    user_key: Callable[[Any], str] | None = None
    prefix: str = "Bearer"
    cookie: str | None = None
    other_cookie: str | None = None
    typed: bool = True


class JSONWebTokenAuthentication:
    """`Authorization: Bearer <token>`, or a cookie."""

    def __init__(self, user_model: type[Any], rules: TokenRules) -> None:
        self.user_model = user_model
        self.rules = rules
        self.header: str | None = f'{rules.prefix} realm="api"'

    def authenticate(self, context: Context[Any]) -> Found:
        """Return the user whom the token names, and the token."""
        token = self.token_of(context.request)
        if token is None:
            return None
        try:
            payload = self.payload(context.session, token)
        except ExpiredSignatureError:
            raise AuthenticationFailed("Token has expired.") from None
        except DecodeError:
            raise AuthenticationFailed("Error decoding token.") from None
        except InvalidTokenError:
            raise AuthenticationFailed("Invalid token.") from None
        return self.user_of(context.session, payload), token

    def token_of(self, request: Request) -> str | None:
        """Return the token of the header, or else of a cookie; None where there is none."""
        try:
            prefix, token = authorization_header(request).decode().split(" ")
        except ValueError:  # not two words, or no text at all
            return self._token_of_cookie(request)
        if prefix.lower() != self.rules.prefix.lower():
            return None
        return token or self._token_of_cookie(request)

    def _token_of_cookie(self, request: Request) -> str | None:
        rules, cookies = self.rules, request.cookies
        if rules.other_cookie and cookies.get(rules.other_cookie):
            return cookies[rules.other_cookie]
        return cookies.get(rules.cookie) if rules.cookie else None

    def payload(self, session: Session, token: str) -> dict[str, Any]:
        """Check the token and return what it holds; PyJWT's errors otherwise."""
        if jwt.get_unverified_header(token)["alg"] != "HS256":
            raise InvalidAlgorithmError
        key: Secret = self.rules.secret_key
        if self.rules.user_key is not None:
            unchecked: Any = {"verify_signature": False}
            claims = jwt.decode(token, options=unchecked, algorithms=["HS256"])
            try:
                user = self.find(session, claims.get("username"))
            except ObjectDoesNotExist:
                raise ValidationError("User doesn't exist.") from None
            key = self.rules.user_key(user)
        return decode_token(token, key, ["HS256"], typed=self.rules.typed)

    def user_of(self, session: Session, payload: dict[str, Any]) -> Any:
        """Return the active user whom the token names."""
        username = payload.get("username")
        if not username:
            raise AuthenticationFailed("Invalid payload.")
        try:
            user = self.find(session, username)
        except ObjectDoesNotExist:
            raise AuthenticationFailed("Invalid token.") from None
        if not user.is_active:
            raise AuthenticationFailed("User account is disabled.")
        return user

    def find(self, session: Session, username: Any) -> Any:
        """Return the user of this name; the model's DoesNotExist where there is none."""
        column = getattr(self.user_model, self.rules.username)
        wanted = prepared(column, username, self.rules.username)
        return orm.get(session, select(self.user_model).where(column == wanted))
