"""Cookies written as Django's `HttpResponse.set_cookie` writes them."""

import time
from datetime import timedelta
from email.utils import formatdate
from http.cookies import SimpleCookie
from typing import NamedTuple

from starlette.datastructures import MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import Response

_PAST = "Thu, 01 Jan 1970 00:00:00 GMT"


class CookieOptions(NamedTuple):
    """The attributes of a cookie besides its age."""

    domain: str | None
    path: str
    secure: bool
    httponly: bool
    samesite: str | None


def request_cookies(request: Request) -> dict[str, str]:
    """Django's `request.COOKIES`, which reads the header as UTF-8."""
    header = request.headers.get("cookie", "").encode("latin-1")
    return cookie_parser(header.decode("utf-8", "replace"))


def set_cookie(
    headers: MutableHeaders,
    name: str,
    value: str,
    options: CookieOptions,
    *,
    max_age: int | None = None,
    expires: str | None = None,
) -> None:
    """Add a Set-Cookie header. `max_age` is in seconds; without it the browser decides."""
    cookie = SimpleCookie({name: value})
    morsel = cookie[name]
    if max_age is not None:
        morsel["max-age"] = str(max_age)
        expires = expires or formatdate(time.time() + max_age, usegmt=True)
    morsel["expires"] = expires or ""
    morsel["path"] = options.path
    if options.domain is not None:
        morsel["domain"] = options.domain
    if options.secure:
        morsel["secure"] = True
    if options.httponly:
        morsel["httponly"] = True
    if options.samesite:
        morsel["samesite"] = options.samesite
    headers.append("set-cookie", morsel.OutputString())


def delete_cookie(headers: MutableHeaders, name: str, options: CookieOptions) -> None:
    """Ask the browser to forget a cookie."""
    # Browsers ignore the request for such cookies unless it is secure itself.
    secure = name.startswith(("__Secure-", "__Host-")) or (options.samesite or "").lower() == "none"
    kept = options._replace(secure=secure, httponly=False)
    set_cookie(headers, name, "", kept, max_age=0, expires=_PAST)


def set_response_cookie(  # noqa: PLR0913  # the arguments of Django's own
    response: Response,
    key: str,
    value: object = "",
    *,
    max_age: float | timedelta | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: str | None = None,
) -> None:
    """Django's `response.set_cookie`; ValueError for a `samesite` that browsers do not know."""
    if samesite and samesite.lower() not in ("lax", "none", "strict"):
        raise ValueError('samesite must be "lax", "none", or "strict".')
    _forget(response, key)
    options = CookieOptions(domain, path or "", bool(secure), bool(httponly), samesite)
    if isinstance(max_age, timedelta):
        max_age = max_age.total_seconds()
    age = None if max_age is None else int(max_age)
    # Django cuts off parts of seconds after it has added them to the clock.
    until = None if max_age is None else formatdate(time.time() + max_age, usegmt=True)
    set_cookie(response.headers, key, str(value), options, max_age=age, expires=until)


def delete_response_cookie(
    response: Response,
    key: str,
    *,
    path: str = "/",
    domain: str | None = None,
    samesite: str | None = None,
) -> None:
    """Django's `response.delete_cookie`."""
    _forget(response, key)
    delete_cookie(response.headers, key, CookieOptions(domain, path, False, False, samesite))


def _forget(response: Response, key: str) -> None:
    """Drop what was set under the same name: a response has one cookie of each."""
    start = f"{key}=".encode("latin-1")
    response.raw_headers[:] = [
        (name, text)
        for name, text in response.raw_headers
        if name != b"set-cookie" or not text.startswith(start)
    ]
