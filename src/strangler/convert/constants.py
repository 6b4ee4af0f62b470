"""Constants of `app/compat/settings.py` that follow the legacy project's settings and DRF version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from strangler.compat.password_validation import UserAttributeSimilarityValidator
from strangler.facts import Facts, release
from strangler_codemods.languages import LOCALE, locale_obstacle, plurals_of

_FROM_DJANGO = (
    "TIME_ZONE", "USE_TZ", "APPEND_SLASH", "X_FRAME_OPTIONS", "MEDIA_URL", "USE_X_FORWARDED_HOST",
    "USE_X_FORWARDED_PORT", "SECURE_PROXY_SSL_HEADER", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD", "SECURE_CONTENT_TYPE_NOSNIFF", "SECURE_SSL_REDIRECT", "SECURE_SSL_HOST",
    "SECURE_REDIRECT_EXEMPT", "SECURE_REFERRER_POLICY", "SECURE_CROSS_ORIGIN_OPENER_POLICY", "ALLOWED_HOSTS",
    "SESSION_COOKIE_NAME", "SESSION_COOKIE_AGE", "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_PATH", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "SESSION_SAVE_EVERY_REQUEST",
    "SESSION_EXPIRE_AT_BROWSER_CLOSE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_AGE", "CSRF_COOKIE_DOMAIN",
    "CSRF_COOKIE_PATH", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE", "CSRF_HEADER_NAME",
    "CSRF_TRUSTED_ORIGINS", "CSRF_USE_SESSIONS", "DATA_UPLOAD_MAX_MEMORY_SIZE", "DATA_UPLOAD_MAX_NUMBER_FIELDS",
    "DATA_UPLOAD_MAX_NUMBER_FILES", "FORCE_SCRIPT_NAME", "PREPEND_WWW", "LANGUAGE_CODE", "PASSWORD_HASHERS",
    "PBKDF2_ITERATIONS", "LANGUAGE_COOKIE_NAME", "USE_I18N",
    "CORS_ALLOWED_ORIGINS", "CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ALLOW_ALL_ORIGINS", "CORS_ALLOW_CREDENTIALS",
    "CORS_ALLOW_HEADERS", "CORS_ALLOW_METHODS", "CORS_EXPOSE_HEADERS", "CORS_PREFLIGHT_MAX_AGE", "CORS_URLS_REGEX",
    "CORS_ALLOW_PRIVATE_NETWORK",
)  # fmt: skip
_FROM_DRF = {
    "NON_FIELD_ERRORS_KEY": "NON_FIELD_ERRORS_KEY", "COERCE_DECIMAL_TO_STRING": "COERCE_DECIMAL_TO_STRING",
    "COERCE_BIGINT_TO_STRING": "COERCE_BIGINT_TO_STRING", "DATETIME_FORMAT": "DATETIME_FORMAT",
    "DATE_FORMAT": "DATE_FORMAT", "TIME_FORMAT": "TIME_FORMAT", "DURATION_FORMAT": "DURATION_FORMAT",
    "DATETIME_INPUT_FORMATS": "DATETIME_INPUT_FORMATS", "DATE_INPUT_FORMATS": "DATE_INPUT_FORMATS",
    "TIME_INPUT_FORMATS": "TIME_INPUT_FORMATS", "UNICODE_JSON": "UNICODE_JSON", "COMPACT_JSON": "COMPACT_JSON",
    "STRICT_JSON": "STRICT_JSON", "UPLOADED_FILES_USE_URL": "UPLOADED_FILES_USE_URL",
    "SEARCH_PARAM": "SEARCH_PARAM", "ORDERING_PARAM": "ORDERING_PARAM", "URL_FORMAT_OVERRIDE": "URL_FORMAT_OVERRIDE",
    "LIST_SERIALIZER_ERRORS_AS_DICT": "LIST_SERIALIZER_ERRORS_AS_DICT", "NUM_PROXIES": "NUM_PROXIES",
    "DEFAULT_THROTTLE_RATES": "DEFAULT_THROTTLE_RATES", "ALLOWED_VERSIONS": "ALLOWED_VERSIONS",
    "DEFAULT_VERSION": "DEFAULT_VERSION", "VERSION_PARAM": "VERSION_PARAM",
}  # fmt: skip


def constants_of(facts: Facts) -> dict[str, object]:
    """Values by the name they have in the settings module; names it lacks are left out there."""
    settings = facts.settings
    found = {name: _plain(settings[name]) for name in _FROM_DJANGO if name in settings}
    for name in ("SECURE_REFERRER_POLICY", "SECURE_CROSS_ORIGIN_OPENER_POLICY"):
        found.setdefault(name, None)  # an older Django does not know the header
    if settings.get("DEBUG") and not settings.get("ALLOWED_HOSTS"):
        found["ALLOWED_HOSTS"] = (".localhost", "127.0.0.1", "[::1]")  # as Django reads it
    drf = settings.get("REST_FRAMEWORK") or {}
    found.update({ours: _plain(drf[theirs]) for theirs, ours in _FROM_DRF.items() if theirs in drf})
    found["ERROR_PAGES"] = {int(status): page for status, page in facts.pages.items()}
    found["NOT_FOUND_NAMES_PATH"] = _names_path(facts.legacy.django)
    if any(ref.path == LOCALE for ref in facts.middleware) and locale_obstacle(facts) is None:
        served = settings.get("LANGUAGES_SERVED") or settings.get("LANGUAGES") or ()
        found["LANGUAGES"] = tuple(served)
        fallbacks = settings.get("LANGUAGE_FALLBACKS") or {}
        found["LANGUAGE_FALLBACKS"] = {code: tuple(others) for code, others in fallbacks.items()}
    formats = settings.get("FORM_FORMATS") or {}
    found.update({f"FORM_{name}": tuple(given) for name, given in formats.items()})
    found["PLURALS"] = plurals_of(facts)
    found["PASSWORD_VALIDATORS"] = tuple(_password_validators(settings))
    found["USER_LABELS"] = _user_labels(facts)
    found["DRF"] = release(facts.legacy.drf)
    found["DJANGO"] = release(facts.legacy.django)
    found["PSYCOPG2"] = _has_psycopg2(facts)
    if "rest_framework" in facts.legacy.packages or facts.legacy.drf:
        listed_as_dict = drf.get(
            "LIST_SERIALIZER_ERRORS_AS_DICT", release(facts.legacy.drf) >= (3, 18)
        )
        found["LIST_SERIALIZER_ERRORS_AS_DICT"] = bool(listed_as_dict)
    return found


def data_of(facts: Facts) -> dict[str, tuple[str, str]]:
    """Files that modules of compat read, by module: name and text."""
    common = facts.settings.get("COMMON_PASSWORDS")
    return {"password_validation": ("common_passwords.txt", f"{common}\n")} if common else {}


def _password_validators(settings: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names of classes with their options; the list of common passwords is beside the code."""
    for validator in settings.get("AUTH_PASSWORD_VALIDATORS") or ():
        options = {k: _plain(v) for k, v in (validator.get("OPTIONS") or {}).items()}
        options.pop("password_list_path", None)
        yield str(validator.get("NAME")).rpartition(".")[2], options


def _user_labels(facts: Facts) -> dict[str, str]:
    """How the attributes that passwords are compared with are called; usual ones are left out."""
    user = next((m for m in facts.models if m.name == facts.settings.get("AUTH_USER_MODEL")), None)
    fields = {field.name: field.verbose_name for field in user.fields} if user else {}
    usual = UserAttributeSimilarityValidator.LABELS
    asked: set[str] = set()
    for _, options in _password_validators(facts.settings):
        asked.update(options.get("user_attributes", usual))
    return {
        name: fields.get(name, name)
        for name in sorted(asked)
        if fields.get(name, name) != usual.get(name)
    }


def _names_path(text: str) -> bool:
    """Whether a release of Django shows the path on its plain page for 404."""
    version = release(text)
    patches: dict[tuple[int, ...], int] = {(1, 11): 18, (2, 0): 10, (2, 1): 5}
    fixed = patches.get(version)
    return version < (1, 11) or (fixed is not None and release(text, 3)[2] < fixed)


def _has_psycopg2(facts: Facts) -> bool:
    """Whether Django speaks to PostgreSQL by psycopg2: it takes psycopg first, from 4.2 on."""
    packages = {name.lower() for name in facts.legacy.packages}
    if not packages & {"psycopg2", "psycopg2-binary"}:
        return False
    return "psycopg" not in packages or release(facts.legacy.django) < (4, 2)


def _plain(value: object) -> object:
    if isinstance(value, list):
        return tuple(_plain(v) for v in value)
    return value
