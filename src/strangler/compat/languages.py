"""Django's LocaleMiddleware: it chooses the language of each request, and names it."""

import re
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from . import settings
from .headers import add_vary, changing
from .translations import activate

_LONGEST: Final = 500
_CODE: Final = re.compile(r"^[a-z]{1,8}(?:-[a-z0-9]{1,8})*(?:@[a-z0-9]{1,20})?$", re.IGNORECASE)
_ACCEPTED: Final = re.compile(
    r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)"  # "en", "en-au", "*"
    r"(?:\s*;\s*q=(0(?:\.[0-9]{,3})?|1(?:\.0{,3})?))?"
    r"(?:\s*,\s*|$)"
)


class LocaleMiddleware:
    """Chooses the language; adds Content-Language, and Accept-Language to Vary."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and name the language of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        language = language_of(Request(scope))
        activate(language)

        def change(headers: MutableHeaders, status: int) -> None:
            add_vary(headers, ["Accept-Language"])
            if "content-language" not in headers:
                headers["content-language"] = language

        await self.app(scope, receive, changing(send, change))


def language_of(request: Request) -> str:
    """Return the language that Django would choose: by cookie, by header, by default."""
    if not settings.USE_I18N:
        return settings.LANGUAGE_CODE
    return _chosen(request).replace("_", "-", 1).lower()


def _chosen(request: Request) -> str:
    cookie = request.cookies.get(settings.LANGUAGE_COOKIE_NAME)
    if cookie is not None and cookie in _languages():
        return cookie
    if cookie and (found := _supported(cookie)):
        return found
    for code in _accepted(request.headers.get("accept-language", "").lower()):
        if code == "*":
            break
        if _CODE.search(code) and (found := _supported(code)):
            return found
    return _supported(settings.LANGUAGE_CODE) or settings.LANGUAGE_CODE


def _languages() -> list[str]:
    return [code.lower() for code in settings.LANGUAGES]


def _supported(code: str) -> str | None:
    """Return the code itself, a more general one, or one for another country."""
    if len(code) > _LONGEST:
        code = code[: max(code.rfind("-", 0, _LONGEST), 0)]
    parts = code.split("-")
    codes = ["-".join(parts[:end]) for end in range(len(parts), 0, -1)] if code else []
    codes[1:1] = settings.LANGUAGE_FALLBACKS.get(code, ())
    known = _languages()
    for one in codes:
        # Django also looks for texts of the language, by a name that has to look like one.
        if one.lower() in known and _CODE.search(one):
            return one
    general = codes[-1] if codes else ""
    return next((one for one in known if codes and one.startswith(f"{general}-")), None)


def _accepted(header: str) -> list[str]:
    """Return the codes of Accept-Language, best first; none where it cannot be read."""
    if len(header) > _LONGEST:
        header = header[: max(header.rfind(",", 0, _LONGEST), 0)]
    found: list[tuple[str, float]] = []
    pieces = _ACCEPTED.split(header)
    if pieces[-1] or any(pieces[:-1:3]):
        return []
    for code, quality in zip(pieces[1::3], pieces[2::3], strict=True):
        found.append((code, float(quality) if quality else 1.0))
    return [code for code, _ in sorted(found, key=lambda pair: pair[1], reverse=True)]
