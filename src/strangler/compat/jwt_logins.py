"""SimpleJWT's TokenObtainPairSerializer, for projects that write their own below it.

class CardLogin(TokenLogin):
    def get_token(self, context: Context, user: User) -> JWT:
        token = super().get_token(context, user)
        token["card"] = user.card
        return token

@router.post("/")
async def obtain_token_pair(session: Session, data: Valid[TokenObtain]) -> dict[str, Any]:
    return await session.run_sync(CardLogin(jwt_tokens).answer, data)
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from .context import Context
from .errors import InvalidValueError, ValidationError
from .jwt import InvalidToken
from .jwt_endpoints import NO_ACCOUNT, TokenPairs
from .jwt_tokens import JWT, TokenError
from .values import as_serializer_error


class TokenLogin:
    """One login: made for it, so that it may keep the `user`."""

    #: What those are told who may not log in.
    no_active_account: ClassVar[str] = NO_ACCOUNT
    user: Any

    def __init__(self, tokens: TokenPairs) -> None:
        self.tokens = tokens

    def get_token(self, context: Context[Any], user: Any) -> JWT:
        """Return a new refresh token of the user."""
        return self.tokens.for_user(context.session, user)

    def validate(self, context: Context[Any], attrs: dict[str, Any]) -> dict[str, Any]:
        """Log in, and return what is answered; AuthenticationFailed for wrong credentials."""
        self.user = self.tokens.log_in(context.session, attrs, self.no_active_account)
        refresh = self.get_token(context, self.user)
        data = {"refresh": str(refresh), "access": str(refresh.access())}
        self.tokens.after_login(context.session, self.user)
        return data

    def answer(self, session: Session, data: Any) -> dict[str, Any]:
        """What `validate` makes of a valid body, its errors as a serializer shows them."""
        attrs: Mapping[str, Any] = data if isinstance(data, Mapping) else data.attrs()
        try:
            return self.validate(Context.of(session), dict(attrs))
        except (ValidationError, InvalidValueError) as error:
            raise ValidationError(as_serializer_error(error)) from error
        except TokenError as problem:
            raise InvalidToken(str(problem)) from None
