"""What surrounds every endpoint: middleware, exception handler, database routers. Unknown ones fail closed."""

from __future__ import annotations

from dataclasses import dataclass, field

from .modules import Tree
from .refusal import Reason
from .world import World

_MIDDLEWARE = {
    "django.middleware.security.SecurityMiddleware": "SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware": "XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware": "CommonMiddleware",
    "corsheaders.middleware.CorsMiddleware": "CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware": "",
    "django.middleware.csrf.CsrfViewMiddleware": "",
    "django.contrib.auth.middleware.AuthenticationMiddleware": "",
    "django.contrib.messages.middleware.MessageMiddleware": "",
}
_BACKENDS = frozenset({"django.contrib.auth.backends.ModelBackend"})


@dataclass
class Surroundings:
    """Middleware of the new app in order, its exception handler, and what has no rule."""

    middleware: list[str] = field(default_factory=list)
    exception_handler: tuple[str, str] | None = None
    reasons: list[Reason] = field(default_factory=list)


def surroundings(world: World, tree: Tree, accept: frozenset[str]) -> Surroundings:
    """Read the surroundings; each without a rule keeps every endpoint on legacy."""
    found = Surroundings()
    facts = world.facts
    for ref in facts.middleware:
        if ref.path in _MIDDLEWARE:
            if _MIDDLEWARE[ref.path]:
                found.middleware.append(_MIDDLEWARE[ref.path])
        elif ref.path not in accept:
            text = f"the middleware `{ref.path}` has no rule"
            found.reasons.append(Reason("W101", text, ref.source or ""))
    if facts.exception_handler is not None and facts.exception_handler.path not in accept:
        ref = facts.exception_handler
        text = f"the exception handler `{ref.path}` has no rule"
        found.reasons.append(Reason("W102", text, ref.source or ""))
    for ref in facts.database_routers:
        if ref.path not in accept:
            text = f"the database router `{ref.path}` has no rule"
            found.reasons.append(Reason("W103", text, ref.source or ""))
    return found
