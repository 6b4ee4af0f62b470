"""What surrounds every endpoint: middleware, exception handler, database routers. Unknown ones fail closed."""

from __future__ import annotations

from dataclasses import dataclass, field

from strangler.facts import Facts, release

from .body import ANONYMOUS, Import
from .cors import cors_obstacle
from .database_options import option_obstacles
from .exceptions import project_handler
from .languages import LOCALE, lacks_catalog, locale_obstacle
from .middleware import project_middleware
from .modules import NameTakenError, Tree
from .refusal import Reason, RefusalError
from .sessions import session_problem
from .types import Type
from .world import World

_MIDDLEWARE = {
    "django.middleware.security.SecurityMiddleware": "SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware": "XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware": "CommonMiddleware",
    "django.middleware.locale.LocaleMiddleware": "LocaleMiddleware",
    "django.middleware.gzip.GZipMiddleware": "GZipMiddleware",
    "corsheaders.middleware.CorsMiddleware": "CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware": "SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware": "CsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware": "",
    "django.contrib.messages.middleware.MessageMiddleware": "",
    "django.contrib.sites.middleware.CurrentSiteMiddleware": "",
    # What they do shows on pages of their own, in logs, or to INTERNAL_IPS while debugging.
    "debug_toolbar.middleware.DebugToolbarMiddleware": "",
    "django_structlog.middlewares.RequestMiddleware": "",
    "django_structlog.middlewares.request.RequestMiddleware": "",
    "django_prometheus.middleware.PrometheusBeforeMiddleware": "",
    "django_prometheus.middleware.PrometheusAfterMiddleware": "",
    "silk.middleware.SilkyMiddleware": "",
    "social_django.middleware.SocialAuthExceptionMiddleware": "",
    # What they put on the request is read by code without a rule only: receivers and backends of
    # their packages, attributes that no user model has.
    "django_otp.middleware.OTPMiddleware": "",
    "simple_history.middleware.HistoryRequestMiddleware": "",
    "crum.CurrentRequestUserMiddleware": "",
    # It redirects a path without an endpoint to its own pages, and hears exceptions of its own.
    "allauth.account.middleware.AccountMiddleware": "",
    # Static files are no endpoints: they stay where they are.
    "whitenoise.middleware.WhiteNoiseMiddleware": "",
}
_ALLAUTH = "allauth.account.middleware.AccountMiddleware"
_CORS = "corsheaders.middleware.CorsMiddleware"
#: Settings that name hosts and addresses.
_SHOWING = frozenset(
    {
        "ALLOWED_HOSTS", "CSRF_COOKIE_DOMAIN", "CSRF_TRUSTED_ORIGINS", "FORCE_SCRIPT_NAME", "LOGIN_URL", "MEDIA_URL",
        "SECURE_SSL_HOST", "SESSION_COOKIE_DOMAIN", "STATIC_URL",
    }
)  # fmt: skip
_ALLAUTH_SINCE = (65, 0)
_ON_USERS = {"django_otp.middleware.OTPMiddleware": ("is_verified", "otp_device")}
_MODULES = {
    "CorsMiddleware": "cors", "LocaleMiddleware": "languages", "SessionMiddleware": "session_cookie", "CsrfMiddleware": "csrf_cookie",
    "GZipMiddleware": "compression",
}  # fmt: skip


@dataclass
class Surroundings:
    """Middleware of the new app in order, its exception handler, and what has no rule."""

    middleware: list[Import] = field(default_factory=list)
    exception_handler: tuple[str, str] | None = None
    reasons: list[Reason] = field(default_factory=list)


def surroundings(world: World, tree: Tree, accept: frozenset[str]) -> Surroundings:
    """Read the surroundings; each without a rule keeps every endpoint on legacy."""
    found = Surroundings()
    facts = world.facts
    told: dict[str, Type] = {}
    for ref in facts.middleware:
        text = _obstacle(facts, ref.path)
        if text is not None and ref.path not in accept:
            text = f"the middleware `{ref.path}` has no rule: {text}"
            found.reasons.append(Reason("W101", text, ref.source or ""))
        elif ref.path in _MIDDLEWARE and not _hides_columns(world, ref.path):
            if _MIDDLEWARE[ref.path] and (text is None or ref.path != LOCALE):
                name = _MIDDLEWARE[ref.path]
                module = _MODULES.get(name, "middleware")
                found.middleware.append((f"app.compat.{module}", name))
        elif ref.path not in accept:
            try:
                found.middleware.append(project_middleware(world, tree, ref, told))
            except NameTakenError as taken:
                text = f"the middleware `{ref.path}` has no rule: {taken}"
                found.reasons.append(Reason("W101", text, ref.source or ""))
            except RefusalError as refusal:
                text = f"the middleware `{ref.path}` has no rule: {refusal.message}"
                source = refusal.source or ref.source or ""
                found.reasons.append(Reason("W101", text, source))
    handler = facts.exception_handler
    if handler is not None and handler.path not in accept:
        try:
            found.exception_handler = project_handler(world, tree, handler)
        except RefusalError as refusal:
            text = f"the exception handler `{handler.path}` has no rule: {refusal.message}"
            source = refusal.source or handler.source or ""
            found.reasons.append(Reason("W102", text, source))
    found.reasons += [
        Reason("W104", t, "") for name, t in _odd_settings(world) if name not in accept
    ]
    found.reasons += [
        Reason("W105", t, "") for n, t in option_obstacles(facts) if f"DATABASES.{n}" not in accept
    ]
    found.reasons += _database_routers(world, accept)
    return found


def _obstacle(facts: Facts, path: str) -> str | None:
    """What keeps a middleware with a rule from having one here."""
    if path == LOCALE:
        return locale_obstacle(facts)
    if path == _ALLAUTH:
        return _sessions_looked_into(facts)
    return cors_obstacle(facts) if path == _CORS else None


def _sessions_looked_into(facts: Facts) -> str | None:
    """Why a release of allauth has no rule: it looks for dangling logins in every session."""
    installed = facts.legacy.package("django-allauth")
    if release(installed) >= _ALLAUTH_SINCE:
        return None
    return f"django-allauth {installed} looks into the session behind answers"


def _hides_columns(world: World, path: str) -> bool:
    """Whether a middleware gives users attributes that this project's have as columns."""
    user = world.models.get(world.user_label)
    names = {column.name for column in user.fields} if user is not None else set()
    return not names.isdisjoint(_ON_USERS.get(path, ()))


def _database_routers(world: World, accept: frozenset[str]) -> list[Reason]:
    routers = (ref for ref in world.facts.database_routers if ref.path not in accept)
    text = "the database router `{}` has no rule"
    return [Reason("W103", text.format(ref.path), ref.source or "") for ref in routers]


def _odd_settings(world: World) -> list[tuple[str, str]]:
    """Settings that show in every answer and have no rule, each with what it does."""
    settings, found = world.facts.settings, []
    if lacks_catalog(world.facts):
        language = settings.get("LANGUAGE_CODE")
        text = f"LANGUAGE_CODE is `{language}`, and how texts read in it is not known"
        found.append(("LANGUAGE_CODE", text))
    for name in sorted(_SHOWING.intersection(settings) | {n for n in settings if n[:5] == "CORS_"}):
        if "***" in str(settings[name]):  # in the facts, for what must not be told
            found.append((name, f"{name} holds a text that is also a secret"))
    common = "django.middleware.common.CommonMiddleware"
    refused = settings.get("DISALLOWED_USER_AGENTS")
    if refused and any(ref.path == common for ref in world.facts.middleware):
        found.append(("DISALLOWED_USER_AGENTS", "DISALLOWED_USER_AGENTS has no rule"))
    user = (settings.get("REST_FRAMEWORK") or {}).get("UNAUTHENTICATED_USER", ANONYMOUS)
    if user not in (None, ANONYMOUS):
        found.append(("UNAUTHENTICATED_USER", "UNAUTHENTICATED_USER is a class of its own"))
    csrf = "django.middleware.csrf.CsrfViewMiddleware"
    if settings.get("CSRF_USE_SESSIONS") and any(r.path == csrf for r in world.facts.middleware):
        world.keeps_sessions = True  # each request loads the session, which `Vary` tells
        if (problem := session_problem(world)) is not None:
            found.append(("CSRF_USE_SESSIONS", f"CSRF_USE_SESSIONS: {problem[1]}"))
    return found
