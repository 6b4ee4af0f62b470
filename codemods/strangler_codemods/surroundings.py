"""What surrounds every endpoint: middleware, exception handler, database routers. Unknown ones fail closed."""

from __future__ import annotations

from dataclasses import dataclass, field

from .body import Import
from .exceptions import project_handler
from .middleware import project_middleware
from .modules import Tree
from .refusal import Reason, RefusalError
from .world import World

_MIDDLEWARE = {
    "django.middleware.security.SecurityMiddleware": "SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware": "XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware": "CommonMiddleware",
    "corsheaders.middleware.CorsMiddleware": "CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware": "SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware": "CsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware": "",
    "django.contrib.messages.middleware.MessageMiddleware": "",
    "django.contrib.sites.middleware.CurrentSiteMiddleware": "",
    # Static files are no endpoints: they stay where they are.
    "whitenoise.middleware.WhiteNoiseMiddleware": "",
}
_MODULES = {
    "CorsMiddleware": "cors", "SessionMiddleware": "session_cookie", "CsrfMiddleware": "csrf_cookie",
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
    for ref in facts.middleware:
        if ref.path in _MIDDLEWARE:
            if _MIDDLEWARE[ref.path]:
                name = _MIDDLEWARE[ref.path]
                module = _MODULES.get(name, "middleware")
                found.middleware.append((f"app.compat.{module}", name))
        elif ref.path not in accept:
            try:
                found.middleware.append(project_middleware(world, tree, ref))
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
    for ref in facts.database_routers:
        if ref.path not in accept:
            text = f"the database router `{ref.path}` has no rule"
            found.reasons.append(Reason("W103", text, ref.source or ""))
    return found
