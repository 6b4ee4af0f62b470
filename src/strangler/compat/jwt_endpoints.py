"""The endpoints of SimpleJWT: obtain, refresh, verify and blacklist tokens.

tokens = TokenPairs(User, jwt_config)
router = Router(prefix="/api/token", authentication=(tokens.challenge,), permissions=())

@router.post("/")
async def obtain_token(session: Session, data: Valid[TokenObtain]) -> TokenPair:
    return await session.run_sync(tokens.obtain, data)

@router.post("/refresh/")
async def refresh_token(session: Session, data: Valid[TokenRefresh]) -> RefreshedToken:
    return await session.run_sync(tokens.refresh, data)
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, NotRequired

from pydantic import create_model
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from . import orm, settings
from .backends import (
    Backend,
    ModelBackend,
    authenticate,
    key_column,
    update_last_login,
    username_field_of,
)
from .context import Context
from .credentials import Challenge
from .errors import AuthenticationFailed, ErrorDetail, ObjectDoesNotExist, ValidationError
from .fields_text import Char
from .jwt import InvalidToken, find_user
from .jwt_tokens import JWT, JWTConfig, TokenError, token_for
from .schemas import WriteSchema

#: The types of tokens that are noted, and may be taken out of use.
_LISTED = ("refresh", "sliding")
#: What those are told whom no name and password make known.
NO_ACCOUNT = "No active account found with the given credentials"


class TokenRefresh(WriteSchema):
    """A refresh token."""

    refresh: Annotated[str, Char()]


class TokenVerify(WriteSchema):
    """A token of any type."""

    token: Annotated[str, Char()]


class TokenPair(TypedDict):
    """What logging in gives."""

    refresh: str
    access: str


class RefreshedToken(TypedDict):
    """A new access token, and with rotation a new refresh token."""

    access: str
    refresh: NotRequired[str]


class SlidingToken(TypedDict):
    """A token that renews itself."""

    token: str


class Nothing(TypedDict):
    """An empty object."""


def token_obtain(username_field: str = "username") -> type[WriteSchema]:
    """Return the schema of a login: the name by which users log in, and a password."""
    fields: dict[str, Any] = {
        username_field: (Annotated[str, Char()], ...),
        "password": (Annotated[str, Char()], ...),
    }
    return create_model("TokenObtain", __base__=WriteSchema, **fields)


class TokenPairs:
    """Issues and checks tokens. All methods are synchronous: `session.run_sync(tokens.obtain, …)`.

    outstanding, blacklisted: the mapped classes of the token_blacklist app, when it is installed.
    backends: AUTHENTICATION_BACKENDS. customize: adds claims to the refresh token of a login, as an
    override of `get_token` does: `(token, user) -> None`. may_log_in: USER_AUTHENTICATION_RULE.
    """

    def __init__(
        self,
        user_model: type[Any],
        config: JWTConfig,
        *,
        outstanding: type[Any] | None = None,
        blacklisted: type[Any] | None = None,
        backends: Sequence[Backend] | None = None,
        customize: Callable[[JWT, Any], None] | None = None,
        may_log_in: Callable[[Any], bool] | None = None,
    ) -> None:
        self.user_model = user_model
        self.config = config
        self.outstanding = outstanding
        self.blacklisted = blacklisted
        self.backends: Sequence[Backend] = (
            (ModelBackend(user_model),) if backends is None else backends
        )
        self.customize = customize
        self.may_log_in = may_log_in or self._is_active
        self.username_field = username_field_of(user_model)
        self.challenge = Challenge(config.header)

    def _is_active(self, user: Any) -> bool:
        return user is not None and (not self.config.check_user_is_active or user.is_active)

    def obtain(self, session: Session, data: Any) -> TokenPair:
        """Log in; AuthenticationFailed for wrong credentials."""
        user = self.log_in(session, data)
        refresh = self.for_user(session, user)
        if self.customize is not None:
            self.customize(refresh, user)
        pair: TokenPair = {"refresh": str(refresh), "access": str(refresh.access())}
        self.after_login(session, user)
        return pair

    def obtain_sliding(self, session: Session, data: Any) -> SlidingToken:
        """Log in for a sliding token."""
        user = self.log_in(session, data)
        token = self.for_user(session, user, "sliding")
        if self.customize is not None:
            self.customize(token, user)
        self.after_login(session, user)
        return {"token": str(token)}

    def log_in(self, session: Session, data: Any, refusal: str = NO_ACCOUNT) -> Any:
        """Return the user with these credentials; AuthenticationFailed when there is none."""
        attrs = _attrs(data)
        request = Context.of(session).request
        name, password = attrs[self.username_field], attrs["password"]
        user = authenticate(session, request, self.backends, name, password, self.username_field)
        if not self.may_log_in(user):
            raise AuthenticationFailed(refusal, "no_active_account")
        return user

    def after_login(self, session: Session, user: Any) -> None:
        """Note the time of the login, with UPDATE_LAST_LOGIN."""
        if self.config.update_last_login:
            update_last_login(session, user)

    def for_user(self, session: Session, user: Any, token_type: str = "refresh") -> JWT:
        """SimpleJWT's `RefreshToken.for_user`: noted as outstanding where that app is installed.

        Access tokens are not.
        """
        token = token_for(self.config, token_type, user)
        if self.outstanding is not None and token_type in _LISTED:
            orm.create(
                session, self.outstanding, user_id=user.pk, jti=self._id(token), **_row(token)
            )
        return token

    def read(self, session: Session, token_type: str, text: str) -> JWT:
        """Check and read a token: "refresh", "sliding", "access", or "untyped" for any.

        InvalidToken when it does not count or was blacklisted.
        """
        try:
            return self.token(session, token_type, text)
        except TokenError as problem:
            raise InvalidToken(str(problem)) from None

    def token(self, session: Session, token_type: str, text: Any = None) -> JWT:
        """SimpleJWT's `RefreshToken(text)` or that of another type: a checked token, of None a new one.

        TokenError when it does not count or was blacklisted.
        """
        if text is None:
            return JWT.new(self.config, token_type)
        token = JWT.decode(self.config, token_type, text)
        if token_type in _LISTED and self._is_blacklisted(session, token):
            raise TokenError("Token is blacklisted")
        token.verify()
        return token

    def _id(self, token: JWT) -> str:
        return str(token[self.config.jti_claim or "jti"])

    def _is_blacklisted(self, session: Session, token: JWT) -> bool:
        if self.blacklisted is None or self.outstanding is None:
            return False
        owner = key_column(self.outstanding) == self.blacklisted.token_id
        known = select(self.blacklisted).join(self.outstanding, owner)
        return orm.exists(session, known.where(self.outstanding.jti == self._id(token)))

    def _note(self, session: Session, token: JWT) -> Any:
        """Return the row of an outstanding token, a new one when it has none."""
        assert self.outstanding is not None
        user_id, version = token.get(self.config.user_id_claim), self.config.version
        if version >= (5, 5, 0) and user_id is not None:
            user = None
            with suppress(ObjectDoesNotExist):
                user = find_user(session, self.user_model, self.config, token)
            user_id = None if user is None else user.pk
        defaults = {"user_id": user_id, **_row(token)}
        if version < (5, 4, 0):  # these note neither the user nor the moment
            del defaults["user_id"], defaults["created_at"]
        return orm.get_or_create(session, self.outstanding, defaults, jti=self._id(token))[0]

    def blacklist(self, session: Session, token: JWT) -> None:
        """Let a refresh token count no longer; nothing happens without the blacklist app."""
        if self.blacklisted is not None and self.outstanding is not None:
            noted = self._note(session, token)
            orm.get_or_create(session, self.blacklisted, token_id=noted.pk)

    def refresh(self, session: Session, data: Any) -> RefreshedToken:
        """Exchange a refresh token for an access token, and with rotation a new refresh token."""
        config = self.config
        token = self.read(session, "refresh", _attrs(data)["refresh"])
        if config.version >= (5, 4, 0) and token.get(config.user_id_claim):
            user = find_user(session, self.user_model, config, token)
            if not self.may_log_in(user):
                text = "No active account found for the given token."
                raise AuthenticationFailed(text, "no_active_account")
        result: RefreshedToken = {"access": str(token.access())}
        if config.rotate_refresh_tokens:
            if config.blacklist_after_rotation:
                self.blacklist(session, token)
            token.set_jti()
            token.set_exp()
            token.set_iat()
            if config.version >= (5, 5, 0) and self.outstanding is not None:
                self._note(session, token)
            result["refresh"] = str(token)
        return result

    def refresh_sliding(self, session: Session, data: Any) -> SlidingToken:
        """Renew a sliding token."""
        token = self.read(session, "sliding", _attrs(data)["token"])
        try:
            token.check_exp(self.config.sliding_token_refresh_exp_claim)
        except TokenError as problem:
            raise InvalidToken(str(problem)) from None
        token.set_exp()
        token.set_iat()
        return {"token": str(token)}

    def verify(self, session: Session, data: Any) -> Nothing:
        """Check a token of any type."""
        token = self.read(session, "untyped", _attrs(data)["token"])
        if self.config.blacklist_after_rotation and self._is_blacklisted(session, token):
            detail = [ErrorDetail("Token is blacklisted", "invalid")]
            raise ValidationError({settings.NON_FIELD_ERRORS_KEY: detail})
        return {}

    def blacklist_token(self, session: Session, data: Any) -> Nothing:
        """Take a refresh token out of use, as `TokenBlacklistView` does."""
        self.blacklist(session, self.read(session, "refresh", _attrs(data)["refresh"]))
        return {}


def _attrs(data: Any) -> Mapping[str, Any]:
    attrs: Mapping[str, Any] = data if isinstance(data, Mapping) else data.attrs()
    return attrs


def _row(token: JWT) -> dict[str, Any]:
    return {
        "token": str(token),
        "created_at": _stored(token.moment),
        "expires_at": _stored(datetime.fromtimestamp(token["exp"], UTC)),
    }


def _stored(moment: datetime) -> datetime:
    """The moment as SimpleJWT stores it: without USE_TZ it is UTC all the same."""
    return moment if settings.USE_TZ else moment.replace(tzinfo=None)
