"""Tokens of django-rest-knox: several for each user, kept as digests, with an end.

knox = KnoxTokens(AuthToken, User, KnoxConfig())
router = Router(prefix="/api/auth", authentication=(knox,), permissions=(IsAuthenticated,))

@router.post("/logout/", status_code=204)
async def log_out(session: Session) -> None:
    return await session.run_sync(knox.log_out)
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from . import orm
from .backends import update_last_login, user_logged_in
from .bulk import delete_query
from .clock import now
from .context import Context, known
from .credentials import Found, authorization, one_word
from .errors import AuthenticationFailed
from .outputs import Timestamp
from .responses import Response

_KEY_LENGTH = 15


@dataclass(frozen=True, kw_only=True)
class KnoxConfig:
    """The settings REST_KNOX by their own names in lower case."""

    secure_hash_algorithm: str = "sha512"
    auth_token_character_length: int = 64
    token_ttl: timedelta | None = timedelta(hours=10)
    token_limit_per_user: int | None = None
    auto_refresh: bool = False
    auto_refresh_max_ttl: timedelta | None = None
    min_refresh_interval: float = 60
    auth_header_prefix: str = "Token"
    token_prefix: str = ""


class KnoxTokens:
    """Authenticates by tokens, and makes and removes them.

    token_model: has `digest`, `token_key`, `user_id`, `created` and `expiry`. The methods after
    `authenticate` are called by `session.run_sync`.
    """

    def __init__(self, token_model: type[Any], user_model: type[Any], config: KnoxConfig) -> None:
        self.token_model = token_model
        self.user_model = user_model
        self.config = config
        self.header: str | None = config.auth_header_prefix

    def digest(self, token: str) -> str:
        """What is kept of a token."""
        return hashlib.new(self.config.secure_hash_algorithm, token.encode()).hexdigest()

    def authenticate(self, context: Context[Any]) -> Found:
        """Return the owner of the token, and its row; tokens of theirs that ended are removed."""
        words = authorization(context.request)
        if not words or words[0].lower() != self.config.auth_header_prefix.encode().lower():
            return None
        token = one_word(words, "token").decode()
        session, model = context.session, self.token_model
        digest = self.digest(token)
        found = orm.rows(session, select(model).where(model.token_key == token[:_KEY_LENGTH]))
        for row in found:
            if self._ended(session, row):
                continue
            if compare_digest(digest, row.digest):
                if self.config.auto_refresh and row.expiry:
                    self._renew(session, row)
                if not row.user.is_active:
                    raise AuthenticationFailed("User inactive or deleted.")
                return row.user, row
        raise AuthenticationFailed("Invalid token.")

    def _ended(self, session: Session, row: Any) -> bool:
        model = self.token_model
        for other in orm.rows(session, select(model).where(model.user_id == row.user_id)):
            if other.digest != row.digest and other.expiry and other.expiry < now():
                orm.delete(session, other)
        if row.expiry is not None and row.expiry < now():
            orm.delete(session, row)
            return True
        return False

    def _renew(self, session: Session, row: Any) -> None:
        if self.config.token_ttl is None:
            raise TypeError("tokens without an end are not renewed")
        before, after = row.expiry, now() + self.config.token_ttl
        if self.config.auto_refresh_max_ttl is not None:
            after = min(after, row.created + self.config.auto_refresh_max_ttl)
        row.expiry = after
        if (after - before).total_seconds() > self.config.min_refresh_interval:
            orm.save(session, row, update_fields=["expiry"])

    def create(
        self, session: Session, user: Any, expiry: timedelta | None, prefix: str
    ) -> tuple[Any, str]:
        """Make a token: its row, and the text that only the client will have."""
        token = prefix + secrets.token_hex(self.config.auth_token_character_length // 2)
        row = orm.create(
            session,
            self.token_model,
            token_key=token[:_KEY_LENGTH],
            digest=self.digest(token),
            user=user,
            expiry=None if expiry is None else now() + expiry,
        )
        return row, token

    def log_in(self, session: Session) -> Any:
        """Make a token for whoever asks; 403 where they have as many as they may have."""
        context: Context[Any] = Context.of(session)
        user, model = known(context.user), self.token_model
        if self.config.token_limit_per_user is not None:
            alive = or_(model.expiry > now(), model.expiry.is_(None))
            statement = select(func.count()).where(model.user_id == user.pk, alive)
            if session.execute(statement).scalar_one() >= self.config.token_limit_per_user:
                told = {"error": "Maximum amount of tokens allowed per user exceeded."}
                return Response(told, 403)
        row, token = self.create(session, user, self.config.token_ttl, self.config.token_prefix)
        update_last_login(session, user)
        user_logged_in.send(session, type(user), request=context.request, user=user)
        expiry = row.expiry and Timestamp().writer()(row.expiry, context)
        return {"expiry": expiry, "token": token}

    def log_out(self, session: Session) -> None:
        """Remove the token that the request brought."""
        orm.delete(session, Context.of(session).auth)

    def log_out_everywhere(self, session: Session) -> None:
        """Remove all tokens of whoever asks."""
        user = known(Context.of(session).user)
        delete_query(session, select(self.token_model).where(self.token_model.user_id == user.pk))
