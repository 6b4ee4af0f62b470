"""Protection against requests forged by other sites: Django's tokens, checks and reasons.

The secret lies in a cookie, or in the session with CSRF_USE_SESSIONS. Clients send it, masked
or not, in a header or a form field.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request

from . import settings
from .bodies import read_data
from .crypto import LETTERS_AND_DIGITS, django, random_string, same
from .errors import PermissionDenied
from .mediatypes import parse_header
from .sessions import SessionStore
from .urls import SuspiciousRequest, host, scheme

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
SECRET_LENGTH = 32
TOKEN_LENGTH = 2 * SECRET_LENGTH
SESSION_KEY = "_csrftoken"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_NO_COOKIE = "CSRF cookie not set."
_INVALID = re.compile("[^a-zA-Z0-9]")


class BadToken(Exception):
    """A token with a wrong length or wrong characters; the argument says which."""


class Rejected(Exception):
    """The request may be forged; the argument is the reason."""


@dataclass
class CsrfState:
    """The secret of one request, and whether the answer must tell it to the browser."""

    secret: str | None = None
    needs_update: bool = False


def _new_secret() -> str:
    return random_string(SECRET_LENGTH)


def mask(secret: str) -> str:
    """Return a token for the secret that differs each time."""
    key = _new_secret()
    places = LETTERS_AND_DIGITS.index
    pairs = zip(map(places, secret), map(places, key), strict=True)
    return key + "".join(LETTERS_AND_DIGITS[(x + y) % len(LETTERS_AND_DIGITS)] for x, y in pairs)


def unmask(token: str) -> str:
    """Return the secret behind a token of 64 characters."""
    places = LETTERS_AND_DIGITS.index
    key, cipher = token[:SECRET_LENGTH], token[SECRET_LENGTH:]
    pairs = zip(map(places, cipher), map(places, key), strict=True)
    return "".join(LETTERS_AND_DIGITS[x - y] for x, y in pairs)


def check_format(token: str) -> None:
    """Raise BadToken unless the token may be one."""
    if len(token) not in (TOKEN_LENGTH, SECRET_LENGTH):
        raise BadToken("has incorrect length")
    if _INVALID.search(token):
        raise BadToken("has invalid characters")


def _stored_secret(request: Request, store: SessionStore | None) -> str | None:
    """The secret that the visitor was given, if any; BadToken when the cookie is none."""
    if settings.CSRF_USE_SESSIONS:
        secret = None if store is None else store.get(SESSION_KEY)
    else:
        secret = request.cookies.get(settings.CSRF_COOKIE_NAME)
        if secret is not None:
            check_format(secret)
    # Django before 4.0 stored masked secrets.
    return unmask(secret) if secret is not None and len(secret) == TOKEN_LENGTH else secret


def csrf_state(request: Request, store: SessionStore | None = None) -> CsrfState:
    """Return the request's state, made from its cookie or its session at first use."""
    state: CsrfState | None = getattr(request.state, "csrf", None)
    if state is None:
        try:
            state = CsrfState(_stored_secret(request, store))
        except BadToken:
            state = CsrfState(_new_secret(), needs_update=django() >= (4, 0))
        request.state.csrf = state
    return state


def rotate_token(request: Request, store: SessionStore | None = None) -> None:
    """Start a new secret, as a login does."""
    state = csrf_state(request, store)
    state.secret, state.needs_update = _new_secret(), True
    _keep_in_session(state, store)


def get_token(request: Request, store: SessionStore | None = None) -> str:
    """Return a token for forms and headers; the answer then sets the cookie.

    store: the visitor's session, needed with CSRF_USE_SESSIONS.
    """
    state = csrf_state(request, store)
    secret = state.secret or _new_secret()
    state.secret, state.needs_update = secret, True
    _keep_in_session(state, store)
    return mask(secret)


def _keep_in_session(state: CsrfState, store: SessionStore | None) -> None:
    if settings.CSRF_USE_SESSIONS and store is not None and store.get(SESSION_KEY) != state.secret:
        store[SESSION_KEY] = state.secret


def enforce(request: Request, store: SessionStore | None = None) -> None:
    """Raise PermissionDenied for an unsafe request that another site may have forged.

    Call it below `run_sync` or in a thread: a POST's form is read for its token.
    """
    csrf_state(request, store)
    if request.method in SAFE_METHODS or getattr(request.state, "csrf_exempt", False):
        return
    try:
        _check_source(request)
        _check_token(request, store)
    except Rejected as reason:
        raise PermissionDenied(f"CSRF Failed: {reason}") from None


def _check_source(request: Request) -> None:
    origin = request.headers.get("origin")
    if origin is not None and django() >= (4, 0):
        if not _is_trusted_origin(request, origin):
            text = f"Origin checking failed - {origin} does not match any trusted origins."
            raise Rejected(text)
    elif scheme(request) == "https":
        _check_referer(request)


def _same_domain(name: str, pattern: str | None) -> bool:
    if not pattern:
        return False
    pattern = pattern.lower()
    if pattern.startswith(".") and (name.endswith(pattern) or name == pattern[1:]):
        return True
    return pattern == name


def _own_host(request: Request) -> str | None:
    try:
        return host(request)
    except SuspiciousRequest:
        return None


def _is_trusted_origin(request: Request, origin: str) -> bool:
    own = _own_host(request)
    if own is not None and origin == f"{scheme(request)}://{own}":
        return True
    if origin in (exact for exact in settings.CSRF_TRUSTED_ORIGINS if "*" not in exact):
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    wild = [urlsplit(pattern) for pattern in settings.CSRF_TRUSTED_ORIGINS if "*" in pattern]
    return any(
        parts.scheme == pattern.scheme and _same_domain(parts.netloc, pattern.netloc.lstrip("*"))
        for pattern in wild
    )


def _referer(request: Request) -> SplitResult:
    text = request.headers.get("referer")
    if text is None:
        raise Rejected("Referer checking failed - no Referer.")
    try:
        referer = urlsplit(text)
    except ValueError:
        raise Rejected("Referer checking failed - Referer is malformed.") from None
    if not referer.scheme or not referer.netloc:
        raise Rejected("Referer checking failed - Referer is malformed.")
    if referer.scheme != "https":
        raise Rejected("Referer checking failed - Referer is insecure while host is secure.")
    return referer


def _trusted_hosts() -> list[str]:
    if django() < (4, 0):  # origins were hosts without a scheme
        return list(settings.CSRF_TRUSTED_ORIGINS)
    return [urlsplit(origin).netloc.lstrip("*") for origin in settings.CSRF_TRUSTED_ORIGINS]


def _check_referer(request: Request) -> None:
    referer = _referer(request)
    if any(_same_domain(referer.netloc, trusted) for trusted in _trusted_hosts()):
        return
    by_session = settings.CSRF_USE_SESSIONS
    good = settings.SESSION_COOKIE_DOMAIN if by_session else settings.CSRF_COOKIE_DOMAIN
    if good is None:
        good = _own_host(request)
    else:
        port = _port(request)
        good = good if port in ("443", "80") else f"{good}:{port}"
    if not _same_domain(referer.netloc, good):
        text = f"{referer.geturl()} does not match any trusted origins."
        raise Rejected(f"Referer checking failed - {text}")


def _port(request: Request) -> str:
    if settings.USE_X_FORWARDED_PORT and "x-forwarded-port" in request.headers:
        return request.headers["x-forwarded-port"]
    port = (request.scope.get("server") or ("", None))[1]
    return str(port or (443 if scheme(request) == "https" else 80))


def _header_name() -> str:
    name = settings.CSRF_HEADER_NAME.removeprefix("HTTP_")
    return name.replace("_", "-").title()


def _sent_token(request: Request) -> tuple[str, str]:
    """The token, and where it was found in the words of the reasons."""
    if request.method == "POST":
        token = _form_token(request)
        if token:
            return token, "POST"
    header = request.headers.get(_header_name())
    if header is None:
        raise Rejected("CSRF token missing.")
    return header, f"the {_header_name()!r} HTTP header"


def _form_token(request: Request) -> str:
    # DRF parses the body here, whatever it is, and refuses a broken one.
    data: Any = read_data(request)
    content_type = request.headers.get("content-type", "")
    try:
        is_form = parse_header(content_type)[0] in _FORMS
    except ValueError:
        return ""
    token = data.get("csrfmiddlewaretoken", "") if is_form and isinstance(data, FormData) else ""
    return token if isinstance(token, str) else ""


def _check_token(request: Request, store: SessionStore | None) -> None:
    try:
        _compare_tokens(request, store)
    except Rejected as reason:
        if django() < (4, 0) and str(reason) != _NO_COOKIE:
            # One reason for everything, which does not tell where the token was looked for.
            raise Rejected("CSRF token missing or incorrect.") from None
        raise


def _compare_tokens(request: Request, store: SessionStore | None) -> None:
    try:
        secret = _stored_secret(request, store)
    except BadToken as problem:
        raise Rejected(f"CSRF cookie {problem}.") from None
    if secret is None:
        raise Rejected(_NO_COOKIE)
    try:
        token, source = _sent_token(request)
        check_format(token)
        if not same(unmask(token) if len(token) == TOKEN_LENGTH else token, secret):
            raise BadToken("incorrect")
    except BadToken as problem:
        raise Rejected(f"CSRF token from {source} {problem}.") from None
