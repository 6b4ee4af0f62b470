"""What all authenticators share: what they answer, and the words of the Authorization header."""

from typing import Any

from starlette.requests import Request

from .context import Context
from .errors import AuthenticationFailed

# The user and what proved them; None when the credentials are for another authenticator.
Found = tuple[Any, Any] | None


def authorization(request: Request) -> list[bytes]:
    """Return the words of the Authorization header."""
    return request.headers.get("authorization", "").encode("latin-1").split()


def authorization_header(request: Request) -> bytes:
    """Return the Authorization header as it came."""
    return request.headers.get("authorization", "").encode("latin-1")


# By the kind of header; whole, since catalogs know whole texts.
_MISSING = {
    "basic": "Invalid basic header. No credentials provided.",
    "token": "Invalid token header. No credentials provided.",
}
_SPACES = {
    "basic": "Invalid basic header. Credentials string should not contain spaces.",
    "token": "Invalid token header. Token string should not contain spaces.",
}


def one_word(words: list[bytes], kind: str) -> bytes:
    """Return the one word behind the keyword; AuthenticationFailed for none or several."""
    if len(words) == 1:
        raise AuthenticationFailed(_MISSING[kind])
    if len(words) > 2:
        raise AuthenticationFailed(_SPACES[kind])
    return words[1]


class Challenge:
    """Authenticates nobody; gives the 401 answers of a login endpoint their WWW-Authenticate."""

    def __init__(self, header: str) -> None:
        self.header: str | None = header

    def authenticate(self, context: Context[Any]) -> Found:
        """Know nobody."""
        return None
