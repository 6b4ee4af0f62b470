"""The endpoints of drf-jwt: name and password for a token, tokens checked and renewed.

json_web_tokens = JSONWebTokens(User, TokenRules("username", key), IssueRules())
router = Router(prefix="/api/login", authentication=(), permissions=())

@router.post("/")
async def obtain_token(session: Session, data: Valid[Credentials]) -> Response:
    return await session.run_sync(json_web_tokens.log_in, data)
"""

import uuid
from calendar import timegm
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Annotated, Any

import jwt
from jwt.exceptions import DecodeError, ExpiredSignatureError, InvalidTokenError
from sqlalchemy.orm import Session

from . import settings
from .backends import find_user
from .cookies import set_response_cookie
from .drf_jwt import JSONWebTokenAuthentication, TokenRules
from .errors import ErrorDetail, ObjectDoesNotExist, ValidationError
from .fields_text import Char
from .responses import Response
from .schemas import WriteSchema

Answer = Callable[[str, Any, Any], Any]


class TokenText(WriteSchema):
    """A token."""

    token: Annotated[str, Char()]


def usual_answer(token: str, user: Any, issued_at: Any) -> dict[str, Any]:
    """Return what the package answers with."""
    return {"pk": issued_at, "token": token}


@dataclass(frozen=True, kw_only=True)
class IssueRules:
    """The settings JWT_AUTH that new tokens depend on, and their cookie.

    user_id: whether tokens name the user's key. token_id: "off", "include" or "require". answer: makes
    what is answered of token, user and the moment of issue.
    """

    lifetime: timedelta = timedelta(seconds=300)
    refresh_lifetime: timedelta = timedelta(days=7)
    user_id: bool = True
    token_id: str = "include"
    allow_refresh: bool = True
    cookie_domain: str | None = None
    cookie_path: str = "/"
    cookie_secure: bool = True
    cookie_samesite: str | None = "Lax"
    answer: Answer = usual_answer


class JSONWebTokens:
    """Issues, checks and renews tokens. Its methods are called by `session.run_sync`."""

    def __init__(self, user_model: type[Any], rules: TokenRules, issue: IssueRules) -> None:
        self.user_model = user_model
        self.rules = rules
        self.issue = issue
        self.known = JSONWebTokenAuthentication(user_model, rules)

    def log_in(self, session: Session, data: Any) -> Response:
        """Answer name and password with a token; ValidationError for wrong ones."""
        user = find_user(session, self.user_model, **_attrs(data))
        if user is None:
            raise _refusal("Unable to log in with provided credentials.")
        payload = self._payload(user)
        return self._answered(self._signed(payload, user), user, payload["iat"])

    def verify(self, session: Session, data: Any) -> Response:
        """Answer a token that counts with itself."""
        token = _attrs(data)["token"]
        payload = self._checked(session, token)
        return self._answered(token, self._user(session, payload), payload.get("iat"))

    def refresh(self, session: Session, data: Any) -> Response:
        """Exchange a token for a new one, as long as the first of them is not too old."""
        payload = self._checked(session, _attrs(data)["token"])
        user = self._user(session, payload)
        first = payload.get("orig_iat")
        if first is None:
            raise _refusal("orig_iat field not found in token.")
        if _seconds(datetime.now(UTC)) > first + self.issue.refresh_lifetime.total_seconds():
            raise _refusal("Refresh has expired.")
        new = {**self._payload(user), "orig_iat": first}
        if origin := payload.get("orig_jti") or payload.get("jti"):
            new["orig_jti"] = origin
        elif self.issue.token_id == "require":
            raise _refusal("orig_jti or jti field not found in token.")
        return self._answered(self._signed(new, user), user, new["iat"])

    def _payload(self, user: Any) -> dict[str, Any]:
        now, issue = datetime.now(UTC), self.issue
        found = {
            "username": getattr(user, self.rules.username),
            "iat": _seconds(now),
            "exp": _seconds(now + issue.lifetime),
        }
        if issue.token_id != "off":
            found["jti"] = str(uuid.uuid4())
        if issue.user_id:
            found["user_id"] = user.pk if isinstance(user.pk, int) else str(user.pk)
        if issue.allow_refresh:
            found["orig_iat"] = found["iat"]
        return found

    def _signed(self, payload: Mapping[str, Any], user: Any) -> str:
        own = self.rules.user_key
        key = self.rules.secret_key if own is None else own(user)
        return jwt.encode(dict(payload), key, "HS256")

    def _checked(self, session: Session, token: str) -> dict[str, Any]:
        """What a token holds; ValidationError where it does not count."""
        try:
            return self.known.payload(session, token)
        except ExpiredSignatureError:
            raise _refusal("Token has expired.") from None
        except DecodeError:
            raise _refusal("Error decoding token.") from None
        except InvalidTokenError:
            raise _refusal("Invalid token.") from None
        except ValidationError as nobody:
            raise _refusal("User doesn't exist.") from nobody

    def _user(self, session: Session, payload: Mapping[str, Any]) -> Any:
        """The active user whom a token names; ValidationError where there is none."""
        name = payload.get("username")
        if not name or (self.issue.token_id == "require" and not payload.get("jti")):
            raise _refusal("Invalid token.")
        try:
            user = self.known.find(session, name)
        except ObjectDoesNotExist:
            raise _refusal("User doesn't exist.") from None
        if not user.is_active:
            raise _refusal("User account is disabled.")
        return user

    def _answered(self, token: str, user: Any, issued_at: Any) -> Response:
        response, issue = Response(self.issue.answer(token, user, issued_at), 201), self.issue
        if self.rules.cookie:
            set_response_cookie(
                response, self.rules.cookie, token, max_age=ceil(issue.lifetime.total_seconds()),
                path=issue.cookie_path, domain=issue.cookie_domain, secure=issue.cookie_secure,
                httponly=True, samesite=issue.cookie_samesite,
            )  # fmt: skip
        return response


def _seconds(moment: datetime) -> int:
    return timegm(moment.utctimetuple())


def _attrs(data: Any) -> Mapping[str, Any]:
    attrs: Mapping[str, Any] = data if isinstance(data, Mapping) else data.attrs()
    return attrs


def _refusal(text: str) -> ValidationError:
    return ValidationError({settings.NON_FIELD_ERRORS_KEY: [ErrorDetail(text, "invalid")]})
