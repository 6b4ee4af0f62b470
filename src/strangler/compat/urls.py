"""Addresses of requests as Django computes them: host, scheme, full path, absolute URLs."""

import re
from urllib.parse import quote, urljoin, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.types import Scope

from . import settings

_HOST = re.compile(r"^([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::([0-9]+))?$")
_LOCAL = (".localhost", "127.0.0.1", "[::1]")


class SuspiciousRequest(Exception):
    """A request that Django turns away before any view could answer: its plain 400 page."""


def scheme(request: HTTPConnection) -> str:
    """`http` or `https`, by SECURE_PROXY_SSL_HEADER when it is set."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, secure = settings.SECURE_PROXY_SSL_HEADER
        value = request.headers.get(name.removeprefix("HTTP_").replace("_", "-"))
        if value is not None:
            return "https" if value.split(",", 1)[0].strip() == secure else "http"
    return str(request.scope.get("scheme", "http"))


def remote_address(request: HTTPConnection) -> str:
    """Return the address at the other end of the connection, "" where there is none."""
    return request.client.host if request.client else ""


def _port(request: HTTPConnection) -> str:
    if settings.USE_X_FORWARDED_PORT and "x-forwarded-port" in request.headers:
        return request.headers["x-forwarded-port"]
    return str((request.scope.get("server") or ("", 80))[1])


def _raw_host(request: HTTPConnection) -> str:
    if settings.USE_X_FORWARDED_HOST and "x-forwarded-host" in request.headers:
        return request.headers["x-forwarded-host"]
    if "host" in request.headers:
        return request.headers["host"]
    name, port = (request.scope.get("server") or ("unknown", 80))[0], _port(request)
    default = "443" if scheme(request) == "https" else "80"
    return name if port == default else f"{name}:{port}"


def _allows(pattern: str, domain: str) -> bool:
    pattern = pattern.lower()
    if pattern.startswith("."):
        return domain.endswith(pattern) or domain == pattern[1:]
    return pattern in ("*", domain)


def host(request: HTTPConnection) -> str:
    """Return the host with its port; raise SuspiciousRequest unless ALLOWED_HOSTS has it."""
    raw = _raw_host(request)
    match = _HOST.fullmatch(raw.lower())
    allowed = settings.ALLOWED_HOSTS or (_LOCAL if settings.DEBUG else ())
    if match is None or not any(
        _allows(pattern, match[1].removesuffix(".")) for pattern in allowed
    ):
        raise SuspiciousRequest(f"Invalid HTTP_HOST header: {raw!r}.")
    return raw


def script_prefix(scope: Scope) -> str:
    """Return what stands before the paths of the application, with a slash at the end."""
    given = settings.FORCE_SCRIPT_NAME
    prefix: str = scope.get("root_path", "") if given is None else given
    return prefix if prefix.endswith("/") else f"{prefix}/"


def encoded_path(scope: Scope) -> str:
    """Return the path with its escapes, as Django writes it into links."""
    prefix = (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
    return quote(prefix + scope["path"], safe="/:@&+$,-_.!~*'()")


def iri_to_uri(text: str) -> str:
    """Escape what may not stand in a URI, escapes themselves left alone."""
    return quote(text, safe="/#%[]=:;$&()+,!?*@'~")


def full_path(scope: Scope, *, slash: bool = False) -> str:
    """Return path and query, with a slash behind the path when `slash`."""
    path = encoded_path(scope)
    sent = scope.get("sent_query", scope.get("query_string", b""))
    query = iri_to_uri(sent.decode("latin-1"))
    ending = "/" if slash and not path.endswith("/") else ""
    return f"{path}{ending}?{query}" if query else f"{path}{ending}"


def request_text(request: Request) -> str:
    """Return what `str()` makes of a request of DRF."""
    return f"<rest_framework.request.Request: {request.method} {full_path(request.scope)!r}>"


def absolute_url(request: HTTPConnection, location: str | None = None) -> str:
    """Return `location`, by default the request's own address, as an absolute URL."""
    base = f"{scheme(request)}://{host(request)}"
    if location is None:
        return base + full_path(request.scope)
    parts = urlsplit(location)
    if not (parts.scheme and parts.netloc):
        rooted = parts.path.startswith("/") and not parts.scheme and not parts.netloc
        if rooted and "/./" not in parts.path and "/../" not in parts.path:
            location = base + location.removeprefix("//")
        else:
            location = urljoin(base + request.scope["path"], location)
    return iri_to_uri(location)
