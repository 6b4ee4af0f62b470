"""JSON web tokens as SimpleJWT issues and reads them."""

from __future__ import annotations

import hashlib
import json
import uuid
from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import jwt as pyjwt

from .crypto import Secret


@dataclass(frozen=True, kw_only=True)
class JWTConfig:
    """The settings SIMPLE_JWT by their own names in lower case.

    signing_key: the legacy SIGNING_KEY, by default its SECRET_KEY. Lifetimes as timedelta.
    version: the SimpleJWT release whose texts and claims are written.
    """

    signing_key: Secret
    verifying_key: Secret = ""
    algorithm: str = "HS256"
    access_token_lifetime: timedelta = timedelta(minutes=5)
    refresh_token_lifetime: timedelta = timedelta(days=1)
    sliding_token_lifetime: timedelta = timedelta(minutes=5)
    sliding_token_refresh_lifetime: timedelta = timedelta(days=1)
    rotate_refresh_tokens: bool = False
    blacklist_after_rotation: bool = False
    update_last_login: bool = False
    audience: str | Sequence[str] | None = None
    issuer: str | None = None
    jwk_url: str | None = None
    json_encoder: type[json.JSONEncoder] | None = None
    leeway: float | timedelta | None = 0
    auth_header_types: Sequence[str] = ("Bearer",)
    auth_header_name: str = "HTTP_AUTHORIZATION"
    auth_token_types: Sequence[str] = ("access",)
    user_id_field: str = "id"
    user_id_claim: str = "user_id"
    token_type_claim: str | None = "token_type"
    jti_claim: str | None = "jti"
    sliding_token_refresh_exp_claim: str = "refresh_exp"
    check_revoke_token: bool = False
    revoke_token_claim: str = "hash_password"
    check_user_is_active: bool = True
    version: tuple[int, int, int] = (5, 5, 1)

    @property
    def header(self) -> str:
        """The WWW-Authenticate of 401 answers."""
        return f'{self.auth_header_types[0]} realm="api"'

    @property
    def margin(self) -> timedelta:
        """How long after its end a token still counts."""
        leeway = self.leeway or 0
        return leeway if isinstance(leeway, timedelta) else timedelta(seconds=leeway)

    @cached_property
    def _jwks(self) -> pyjwt.PyJWKClient | None:
        return pyjwt.PyJWKClient(self.jwk_url) if self.jwk_url else None

    def key_for(self, token: Secret) -> Any:
        """Return the key that checks the token."""
        if self.algorithm.startswith("HS"):
            return self.signing_key
        if self._jwks is not None:
            return self._jwks.get_signing_key_from_jwt(token).key
        return self.verifying_key

    def lifetime(self, token_type: str) -> timedelta:
        """Return how long tokens of a type live."""
        lifetimes = {
            "access": self.access_token_lifetime,
            "refresh": self.refresh_token_lifetime,
            "sliding": self.sliding_token_lifetime,
        }
        return lifetimes.get(token_type, timedelta(0))


class TokenError(Exception):
    """A token that does not count; the argument says why."""


def epoch(moment: datetime) -> int:
    """Return the seconds since 1970."""
    return timegm(moment.utctimetuple())


class JWT:
    """One token: its claims, and the moment at which it was read or made."""

    def __init__(
        self, config: JWTConfig, token_type: str, claims: dict[str, Any], moment: datetime
    ) -> None:
        self.config = config
        self.token_type = token_type
        self.claims = claims
        self.moment = moment

    @classmethod
    def new(cls, config: JWTConfig, token_type: str) -> JWT:
        """Make a token that holds nothing but its type, times and id."""
        claims = {} if config.token_type_claim is None else {config.token_type_claim: token_type}
        token = cls(config, token_type, claims, datetime.now(UTC))
        token.set_exp()
        token.set_iat()
        token.set_jti()
        if token_type == "sliding":
            claim = config.sliding_token_refresh_exp_claim
            token.set_exp(claim, lifetime=config.sliding_token_refresh_lifetime)
        return token

    @classmethod
    def read(cls, config: JWTConfig, token_type: str, text: Secret) -> JWT:
        """Check and read a token; TokenError when it does not count.

        token_type: the type it must have; "untyped" takes any.
        """
        token = cls.decode(config, token_type, text)
        token.verify()
        return token

    @classmethod
    def decode(cls, config: JWTConfig, token_type: str, text: Secret) -> JWT:
        """Read a token whose signature is right and whose time has come; TokenError for others."""
        return cls(config, token_type, _decoded(config, text), datetime.now(UTC))

    def verify(self) -> None:
        """Raise TokenError when the token has ended, has no id or is of another type."""
        self.check_exp()
        if self.config.jti_claim is not None and self.config.jti_claim not in self.claims:
            raise TokenError("Token has no id")
        claim = self.config.token_type_claim
        if claim is None or self.token_type == "untyped":
            return
        if claim not in self.claims:
            raise TokenError("Token has no type")
        if self.claims[claim] != self.token_type:
            raise TokenError("Token has wrong type")

    def check_exp(self, claim: str = "exp") -> None:
        """Raise TokenError unless the time in `claim` is yet to come."""
        if claim not in self.claims:
            raise TokenError(f"Token has no '{claim}' claim")
        ends = datetime.fromtimestamp(self.claims[claim], UTC)
        if ends <= self.moment - self.config.margin:
            raise TokenError(f"Token '{claim}' claim has expired")

    def set_exp(
        self,
        claim: str = "exp",
        *,
        start: datetime | None = None,
        lifetime: timedelta | None = None,
    ) -> None:
        """Let the token end a lifetime after `start`, by default after its own moment."""
        length = self.config.lifetime(self.token_type) if lifetime is None else lifetime
        self.claims[claim] = epoch((start or self.moment) + length)

    def set_iat(self) -> None:
        """Note when the token was made."""
        self.claims["iat"] = epoch(self.moment)

    def set_jti(self) -> None:
        """Give the token a new id."""
        if self.config.jti_claim is not None:
            self.claims[self.config.jti_claim] = uuid.uuid4().hex

    def access(self) -> JWT:
        """Return the access token of this refresh token; both count from the same moment."""
        config = self.config
        access = JWT.new(config, "access")
        access.set_exp(start=self.moment)
        own = {config.token_type_claim, "exp", config.jti_claim, "jti"}
        if config.version >= (5, 5, 1):
            own.add("iat")
        copied = {claim: value for claim, value in self.claims.items() if claim not in own}
        access.claims.update(copied)
        return access

    def get(self, claim: str, default: Any = None) -> Any:
        """Return a claim."""
        return self.claims.get(claim, default)

    def __getitem__(self, claim: str) -> Any:
        return self.claims[claim]

    def __setitem__(self, claim: str, value: Any) -> None:
        self.claims[claim] = value

    def __contains__(self, claim: object) -> bool:
        return claim in self.claims

    def __str__(self) -> str:
        """Sign the token."""
        config = self.config
        claims = dict(self.claims)
        if config.audience is not None:
            claims["aud"] = config.audience
        if config.issuer is not None:
            claims["iss"] = config.issuer
        return pyjwt.encode(
            claims, config.signing_key, config.algorithm, json_encoder=config.json_encoder
        )


def _decoded(config: JWTConfig, text: Secret) -> dict[str, Any]:
    specific = config.version >= (5, 5, 0)
    try:
        claims: dict[str, Any] = pyjwt.decode(
            text,
            config.key_for(text),
            algorithms=[config.algorithm],
            audience=config.audience,
            issuer=config.issuer,
            leeway=config.margin,
            options={"verify_aud": config.audience is not None, "verify_signature": True},
        )
    except pyjwt.ExpiredSignatureError:
        raise TokenError(
            "Token is expired" if specific else "Token is invalid or expired"
        ) from None
    except (pyjwt.InvalidTokenError, pyjwt.PyJWKClientError):
        raise TokenError(
            "Token is invalid" if specific else "Token is invalid or expired"
        ) from None
    return claims


def password_mark(user: Any) -> str:
    """Return what a token keeps of the password with CHECK_REVOKE_TOKEN."""
    return hashlib.md5(user.password.encode(), usedforsecurity=False).hexdigest().upper()


def token_for(config: JWTConfig, token_type: str, user: Any) -> JWT:
    """Return a new token of a user; refresh tokens that may be blacklisted: `TokenPairs`."""
    token = JWT.new(config, token_type)
    user_id = getattr(user, config.user_id_field)
    keeps_number = config.version < (5, 5, 1) and isinstance(user_id, int)
    token[config.user_id_claim] = user_id if keeps_number else str(user_id)
    if config.check_revoke_token:
        token[config.revoke_token_claim] = password_mark(user)
    return token
