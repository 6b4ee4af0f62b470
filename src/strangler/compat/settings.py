"""Constants that follow the legacy project's settings and its DRF version.

The converter rewrites the values; modules read them as `settings.NAME` when they need them.
"""

from typing import Any

# The DRF release whose answers are reproduced: (major, minor).
DRF: tuple[int, int] = (3, 18)
# The version of Django whose plain pages are shown.
DJANGO: tuple[int, int] = (5, 2)

# Whether the driver of Django's PostgreSQL is psycopg2, to which NUL in a text is a ValueError.
PSYCOPG2: bool = False

# Whether Django's plain 404 page names the path that was asked for.
NOT_FOUND_NAMES_PATH: bool = False
# Content type and text of the project's own error pages, by status.
ERROR_PAGES: dict[int, tuple[str, str]] = {}

# Time
TIME_ZONE: str = "UTC"
USE_TZ: bool = True
DATETIME_FORMAT: str | None = "iso-8601"
DATETIME_INPUT_FORMATS: tuple[str, ...] = ("iso-8601",)
DATE_FORMAT: str | None = "iso-8601"
DATE_INPUT_FORMATS: tuple[str, ...] = ("iso-8601",)
TIME_FORMAT: str | None = "iso-8601"
TIME_INPUT_FORMATS: tuple[str, ...] = ("iso-8601",)
DURATION_FORMAT: str | None = "django"
# How forms read a date, such as the parameter of a filter: Django's formats for English.
FORM_DATE_INPUT_FORMATS: tuple[str, ...] = (
    *("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%b %d %Y", "%b %d, %Y", "%d %b %Y", "%d %b, %Y"),
    *("%B %d %Y", "%B %d, %Y", "%d %B %Y", "%d %B, %Y"),
)
FORM_TIME_INPUT_FORMATS: tuple[str, ...] = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M")
FORM_DATETIME_INPUT_FORMATS: tuple[str, ...] = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M"),
    *("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S.%f", "%m/%d/%Y %H:%M"),
    *("%m/%d/%y %H:%M:%S", "%m/%d/%y %H:%M:%S.%f", "%m/%d/%y %H:%M"),
)

# Serializers
NON_FIELD_ERRORS_KEY: str = "non_field_errors"
LIST_SERIALIZER_ERRORS_AS_DICT: bool = True
COERCE_DECIMAL_TO_STRING: bool = True
COERCE_BIGINT_TO_STRING: bool = False
UPLOADED_FILES_USE_URL: bool = True
URL_FIELD_NAME: str = "url"

# JSON
UNICODE_JSON: bool = True
COMPACT_JSON: bool = True
STRICT_JSON: bool = True

# Query parameters
PAGE_QUERY_PARAM: str = "page"
PAGE_SIZE: int | None = None
SEARCH_PARAM: str = "search"
ORDERING_PARAM: str = "ordering"
VERSION_PARAM: str = "version"
DEFAULT_VERSION: str | None = None
ALLOWED_VERSIONS: tuple[str, ...] | None = None
URL_FORMAT_OVERRIDE: str | None = "format"
FORMAT_SUFFIX_KWARG: str | None = "format"

# Requests and addresses
APPEND_SLASH: bool = True
PREPEND_WWW: bool = False
DEBUG: bool = False
ALLOWED_HOSTS: tuple[str, ...] = ("*",)
USE_X_FORWARDED_HOST: bool = False
USE_X_FORWARDED_PORT: bool = False
SECURE_PROXY_SSL_HEADER: tuple[str, str] | None = None
FORCE_SCRIPT_NAME: str | None = None
MEDIA_URL: str = "/"
STATIC_URL: str | None = None
DATA_UPLOAD_MAX_MEMORY_SIZE: int | None = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS: int | None = 1000
DATA_UPLOAD_MAX_NUMBER_FILES: int | None = 100

# Headers
X_FRAME_OPTIONS: str = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF: bool = True
SECURE_CROSS_ORIGIN_OPENER_POLICY: str | None = "same-origin"
SECURE_HSTS_SECONDS: int = 0
SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = False
SECURE_HSTS_PRELOAD: bool = False
SECURE_REDIRECT_EXEMPT: tuple[str, ...] = ()
SECURE_REFERRER_POLICY: str | None = "same-origin"
SECURE_SSL_HOST: str | None = None
SECURE_SSL_REDIRECT: bool = False

# Passwords: paths of Django's hashers, the preferred one first; empty for Django's own choice
PASSWORD_HASHERS: tuple[str, ...] = ()
# Django's validators of passwords by the names of their classes, with their options
PASSWORD_VALIDATORS: tuple[tuple[str, dict[str, Any]], ...] = ()
# How the user's attributes are called
USER_LABELS: dict[str, str] = {}
PBKDF2_ITERATIONS: int | None = None  # of new hashes; None for the usual number of the release

# Sessions and CSRF
SESSION_COOKIE_NAME: str = "sessionid"
SESSION_COOKIE_AGE: int = 1_209_600
SESSION_COOKIE_DOMAIN: str | None = None
SESSION_COOKIE_HTTPONLY: bool = True
SESSION_COOKIE_PATH: str = "/"
SESSION_COOKIE_SAMESITE: str | None = "Lax"
SESSION_COOKIE_SECURE: bool = False
SESSION_EXPIRE_AT_BROWSER_CLOSE: bool = False
SESSION_SAVE_EVERY_REQUEST: bool = False
CSRF_COOKIE_AGE: int | None = 31_449_600
CSRF_COOKIE_DOMAIN: str | None = None
CSRF_COOKIE_HTTPONLY: bool = False
CSRF_COOKIE_NAME: str = "csrftoken"
CSRF_COOKIE_PATH: str = "/"
CSRF_COOKIE_SAMESITE: str | None = "Lax"
CSRF_COOKIE_SECURE: bool = False
CSRF_HEADER_NAME: str = "HTTP_X_CSRFTOKEN"
CSRF_TRUSTED_ORIGINS: tuple[str, ...] = ()
CSRF_USE_SESSIONS: bool = False

# Throttling
NUM_PROXIES: int | None = None

# Language
LANGUAGE_CODE: str = "en-us"
# Forms of a text by its English singular; a digit for each number from 0 to 199, and for a million, says which.
PLURALS: dict[str, tuple[tuple[str, ...], str]] = {}
LANGUAGES: tuple[str, ...] = ("en",)
# What languages are looked for in place of one that is not served.
LANGUAGE_FALLBACKS: dict[str, tuple[str, ...]] = {}
LANGUAGE_COOKIE_NAME: str = "django_language"
USE_I18N: bool = True

# Requests per time by scope, such as {"user": "100/day"}; None does not limit.
DEFAULT_THROTTLE_RATES: dict[str, str | None] = {"user": None, "anon": None}
