"""Whether sessions and logins of a project can be shared, and where the new app keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .login_backends import finding_problem, knowing_problem

if TYPE_CHECKING:
    from .body import Body
    from .world import World

_MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
_ENGINES = (None, "django.contrib.sessions.backends.db")
_TABLE = "sessions.Session"
#: Others, such as the one that pickles, write what is not read here, and read nothing that is written.
_SERIALIZERS = (None, "django.contrib.sessions.serializers.JSONSerializer")
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
    if (problem := keeping_problem(world)) is not None:
        return "A103", problem
    if world.user_problem is not None:
        return "A106", world.user_problem.message
    problem = finding_problem(world)
    return ("A104", problem) if problem is not None else None


def keeping_problem(world: World) -> str | None:
    """Why the new app cannot read the project's sessions; None where it can."""
    settings = world.facts.settings
    if settings.get("SESSION_ENGINE") not in _ENGINES or _TABLE not in world.models:
        return "sessions are not kept in the database"
    serializer = settings.get("SESSION_SERIALIZER")
    return None if serializer in _SERIALIZERS else f"sessions are written by `{serializer}`"


def backends_problem(world: World, *, own: bool = False) -> tuple[str, str] | None:
    """Code and text of what keeps logins by name and password on Django; None where nothing does.

    own: whether who asks can ask backends that the project wrote.
    """
    if world.user_problem is not None:
        return "A106", world.user_problem.message
    problem = knowing_problem(world, own=own)
    return ("A104", problem) if problem is not None else None


def hashers_problem(world: World) -> str | None:
    """What keeps the hashing of passwords on Django; None where nothing does."""
    for path in world.facts.settings.get("PASSWORD_HASHERS") or ():
        if path not in HASHERS:
            return f"the password hasher `{path}` has no rule"
    return None


_VALIDATORS = "django.contrib.auth.password_validation."
#: Django's validators of passwords, and the options that they may have.
_VALIDATOR_OPTIONS = {
    "MinimumLengthValidator": {"min_length"},
    "NumericPasswordValidator": set(),
    "CommonPasswordValidator": {"password_list_path"},
    "UserAttributeSimilarityValidator": {"user_attributes", "max_similarity"},
}  # fmt: skip


def passwords_problem(world: World) -> str | None:
    """What keeps the judging of passwords on Django; None where nothing does."""
    for validator in world.facts.settings.get("AUTH_PASSWORD_VALIDATORS") or ():
        path = str(validator.get("NAME"))
        known = _VALIDATOR_OPTIONS.get(path.removeprefix(_VALIDATORS))
        if not path.startswith(_VALIDATORS) or known is None:
            return f"the password validator `{path}` has no rule"
        odd = set(validator.get("OPTIONS") or ()) - known
        if odd:
            return f"the option `{min(odd)}` of `{path}` has no rule"
    return None


def given_session(body: Body) -> str | None:
    """The authenticator that may have put another session on the request of the view."""
    endpoint = body.owner.attributes.get("endpoint")
    paths = getattr(endpoint, "authenticators", ())
    givers = body.world.session_givers
    return next((p for p in paths if givers.intersection(body.world.class_and_bases(p))), None)


def logins(body: Body) -> str:
    """The logins of the new app, which then has them."""
    body.world.keeps_sessions = True
    return f"{body.use('app.identity', 'session_authentication')}.logins"
