"""What CORS middleware does by the package that it comes from and its settings."""

from __future__ import annotations

from strangler.facts import Facts, release

_OPTIONS = {
    "CORS_ALLOWED_ORIGINS": "allowed_origins", "CORS_ALLOWED_ORIGIN_REGEXES": "allowed_origin_regexes",
    "CORS_ALLOW_ALL_ORIGINS": "allow_all_origins", "CORS_ALLOW_CREDENTIALS": "allow_credentials",
    "CORS_ALLOW_HEADERS": "allow_headers", "CORS_ALLOW_METHODS": "allow_methods",
    "CORS_EXPOSE_HEADERS": "expose_headers", "CORS_PREFLIGHT_MAX_AGE": "preflight_max_age",
    "CORS_URLS_REGEX": "urls_regex", "CORS_ALLOW_PRIVATE_NETWORK": "allow_private_network",
}  # fmt: skip
# The names that these settings had first, which packages still prefer.
_FORMER = {
    "CORS_ALLOWED_ORIGINS": "CORS_ORIGIN_WHITELIST",
    "CORS_ALLOWED_ORIGIN_REGEXES": "CORS_ORIGIN_REGEX_WHITELIST",
    "CORS_ALLOW_ALL_ORIGINS": "CORS_ORIGIN_ALLOW_ALL",
}
_BY_HOST = "django-cors-middleware"
_HOST_HEADERS = (
    "x-requested-with", "content-type", "accept", "origin", "authorization", "x-csrftoken",
    "user-agent", "accept-encoding",
)  # fmt: skip
_HOST_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REFUSED = ("CORS_MODEL", "CORS_URLS_ALLOW_ALL_REGEX", "CORS_REPLACE_HTTPS_REFERER")


def cors_options(facts: Facts) -> dict[str, object]:
    """The options of the new middleware that are not its defaults."""
    by_host = facts.legacy.package(_BY_HOST) is not None
    found: dict[str, object] = {}
    if by_host:
        found = {"by_host": True, "allow_headers": _HOST_HEADERS, "allow_methods": _HOST_METHODS}
    for setting, option in _OPTIONS.items():
        name = _FORMER.get(setting, setting)
        value = facts.settings.get(name)
        if value in (None, [], (), False, "") and not by_host:
            value = facts.settings.get(setting)
        if value not in (None, [], (), False, ""):
            found[option] = tuple(value) if isinstance(value, list) else value
    return found


def cors_obstacle(facts: Facts) -> str | None:
    """Why the middleware has no rule: a release or a setting that nothing here knows."""
    legacy = facts.legacy
    version, by_host = legacy.package("django-cors-headers"), legacy.package(_BY_HOST)
    if version is not None and release(version) < (3, 0):
        return f"django-cors-headers {version} has no rule"
    if version is None and by_host is None and legacy.packages:
        return "the package that it comes from is not known"
    found = (name for name in _REFUSED if facts.settings.get(name))
    name = next(found, None) if by_host is not None else None
    return f"the setting {name} has no rule" if name else None
