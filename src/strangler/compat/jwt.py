"""Authentication by JSON web tokens, as SimpleJWT's."""

from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import orm
from .context import Context
from .credentials import Found
from .crypto import Secret
from .errors import APIException, AuthenticationFailed, ObjectDoesNotExist
from .jwt_tokens import JWT, JWTConfig, TokenError, password_mark
from .values import prepared


class JWTAuthenticationFailed(AuthenticationFailed):
    """401 with a `code` beside the `detail`."""

    body_detail: ClassVar[str] = AuthenticationFailed.default_detail

    def __init__(self, detail: str | dict[str, Any] | None = None, code: str | None = None) -> None:
        body: dict[str, Any] = {"detail": self.body_detail, "code": self.default_code}
        if isinstance(detail, dict):
            body.update(detail)
        elif detail is not None:
            body["detail"] = detail
        if code is not None:
            body["code"] = code
        APIException.__init__(self, body)


class InvalidToken(JWTAuthenticationFailed):
    """401 for a token that does not count."""

    body_detail = "Token is invalid or expired"
    default_code = "token_not_valid"


class JWTAuthentication:
    """`Authorization: Bearer <access token>`.

    Give the settings as a JWTConfig, or the `secret_key` alone where they are SimpleJWT's own.
    version: the release of SimpleJWT whose texts are shown.
    """

    def __init__(
        self,
        user_model: type[Any],
        config: JWTConfig | None = None,
        *,
        secret_key: Secret = "",
        version: tuple[int, int, int] = JWTConfig.version,
    ) -> None:
        self.user_model = user_model
        self.config = config or JWTConfig(signing_key=secret_key, version=version)

    @property
    def header(self) -> str | None:
        """The WWW-Authenticate of 401 answers."""
        return self.config.header

    def authenticate(self, context: Context[Any]) -> Found:
        """Return the user whom the token names, and the token."""
        header = self.get_header(context)
        text = None if header is None else self.get_raw_token(context, header)
        if text is None:
            return None
        token = self.get_validated_token(context, text)
        return self.get_user(context, token), token

    def get_header(self, context: Context[Any]) -> bytes | None:
        """Return the header that tokens come in; None when there is none."""
        name = self.config.auth_header_name.removeprefix("HTTP_").replace("_", "-")
        value = context.request.headers.get(name)
        return None if value is None else value.encode("latin-1")

    def get_raw_token(self, context: Context[Any], header: bytes) -> bytes | None:
        """Return the token of the header; None when the header is for others."""
        words = header.split()
        types = {word.encode("latin-1") for word in self.config.auth_header_types}
        if not words or words[0] not in types:
            return None
        if len(words) != 2:
            text = "Authorization header must contain two space-delimited values"
            raise JWTAuthenticationFailed(text, "bad_authorization_header")
        return words[1]

    def get_validated_token(self, context: Context[Any], raw_token: Secret) -> JWT:
        """Read the token by the first of the types that fit; InvalidToken when none does."""
        messages = []
        for token_type in self.config.auth_token_types:
            try:
                return JWT.read(self.config, token_type, raw_token)
            except TokenError as problem:
                name = f"{token_type.capitalize()}Token"
                reason = {"token_class": name, "token_type": token_type, "message": str(problem)}
                messages.append(reason)
        raise InvalidToken(
            {"detail": "Given token not valid for any token type", "messages": messages}
        )

    def get_user(self, context: Context[Any], token: JWT) -> Any:
        """Return the active user whom the token names."""
        config = self.config
        if config.user_id_claim not in token:
            raise InvalidToken("Token contained no recognizable user identification")
        try:
            user = find_user(context.session, self.user_model, config, token)
        except ObjectDoesNotExist:
            raise JWTAuthenticationFailed("User not found", "user_not_found") from None
        if config.check_user_is_active and not user.is_active:
            raise JWTAuthenticationFailed("User is inactive", "user_inactive")
        mark = token.get(config.revoke_token_claim)
        if config.check_revoke_token and mark != password_mark(user):
            text = "The user's password has been changed."
            raise JWTAuthenticationFailed(text, "password_changed")
        return user


class TokenUser:
    """A user of whom nothing is known but the claims of their token."""

    is_active = True
    is_authenticated = True
    is_anonymous = False

    def __init__(self, token: JWT) -> None:
        self.token = token

    @property
    def id(self) -> Any:
        """The user's id, as the token writes it."""
        return self.token[self.token.config.user_id_claim]

    @property
    def pk(self) -> Any:
        """The same as `id`."""
        return self.id

    @property
    def username(self) -> str:
        """The claim `username`."""
        return str(self.token.get("username", ""))

    @property
    def is_staff(self) -> bool:
        """The claim `is_staff`."""
        return bool(self.token.get("is_staff", False))

    @property
    def is_superuser(self) -> bool:
        """The claim `is_superuser`."""
        return bool(self.token.get("is_superuser", False))

    def __getattr__(self, claim: str) -> Any:
        return self.token.get(claim)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, TokenUser) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return f"TokenUser {self.id}"


class JWTStatelessUserAuthentication(JWTAuthentication):
    """As JWTAuthentication, without asking the database for the user."""

    def get_user(self, context: Context[Any], token: JWT) -> TokenUser:
        """Return a user who is nothing but the token."""
        if self.config.user_id_claim not in token:
            raise InvalidToken("Token contained no recognizable user identification")
        return TokenUser(token)


def find_user(session: Session, user_model: type[Any], config: JWTConfig, token: JWT) -> Any:
    """Return the user whom the token names; the model's DoesNotExist is raised for none."""
    column = getattr(user_model, config.user_id_field)
    wanted = prepared(column, token[config.user_id_claim], config.user_id_field)
    return orm.get(session, select(user_model).where(column == wanted))


__all__ = [
    "InvalidToken",
    "JWTAuthentication",
    "JWTAuthenticationFailed",
    "JWTConfig",
    "JWTStatelessUserAuthentication",
    "TokenUser",
    "find_user",
]
