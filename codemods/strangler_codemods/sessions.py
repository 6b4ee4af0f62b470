"""Whether sessions and logins of a project can be shared, and where the new app keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .body import Body
    from .world import World

_MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
_MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
_ENGINES = (None, "django.contrib.sessions.backends.db")
_TABLE = "sessions.Session"
#: Django's hashers that compat has, by what PASSWORD_HASHERS calls them.
HASHERS = frozenset(
    f"django.contrib.auth.hashers.{name}PasswordHasher"
    for name in (
        "PBKDF2", "PBKDF2SHA1", "Argon2", "BCrypt", "BCryptSHA256", "Scrypt", "MD5", "SHA1",
        "UnsaltedSHA1", "UnsaltedMD5",
    )
)  # fmt: skip


def session_problem(world: World) -> tuple[str, str] | None:
    """Code and text of what keeps sessions on Django; None where they are shared."""
    if {ref.path for ref in world.facts.middleware}.isdisjoint(_MIDDLEWARE[:1]):
        return "A103", "there is no session middleware"
    if {ref.path for ref in world.facts.middleware}.isdisjoint(_MIDDLEWARE[1:]):
        return "A103", "sessions without logins have no rule"
    if world.facts.settings.get("SESSION_ENGINE") not in _ENGINES or _TABLE not in world.models:
        return "A103", "sessions are not kept in the database"
    return backends_problem(world)


def backends_problem(world: World) -> tuple[str, str] | None:
    """Code and text of what keeps logins by name and password on Django; None where nothing does."""
    if world.user_problem is not None:
        return "A106", world.user_problem.message
    for ref in world.facts.authentication_backends:
        if ref.path != _MODEL_BACKEND:
            return "A104", f"the authentication backend `{ref.path}` has no rule"
    return None


def hashers_problem(world: World) -> str | None:
    """What keeps the hashing of passwords on Django; None where nothing does."""
    for path in world.facts.settings.get("PASSWORD_HASHERS") or ():
        if path not in HASHERS:
            return f"the password hasher `{path}` has no rule"
    return None


def logins(body: Body) -> str:
    """The logins of the new app, which then has them."""
    body.world.keeps_sessions = True
    return f"{body.use('app.identity', 'session_authentication')}.logins"
